/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sample-host/src/front/os_pem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAX_PEM 262144

static bool check(int fd, const char *path, bool private_key, host_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > SIZE_MAX_PEM)
        return host_error_set(err, DPH_E_INVALID, 0, "%s is no file of at most 256 KiB", path);
    if (private_key && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return host_error_set(err, DPH_E_DENIED, 0, "%s can be read by others; make it mode 0600",
                              path);
    return true;
}

static bool read_all(int fd, host_secret *out)
{
    while (out->len + 1 < out->cap) {
        ssize_t got = read(fd, out->ptr + out->len, out->cap - 1 - out->len);
        if (got < 0 && errno != EINTR)
            return false;
        if (got == 0)
            break;
        if (got > 0)
            out->len += (size_t)got;
    }
    out->ptr[out->len] = '\0';
    return true;
}

bool front_pem_read(const char *path, bool private_key, host_secret *out, host_error *err)
{
    host_secret made = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be opened: %s", path,
                              strerrordesc_np(errno));
    bool ok = check(fd, path, private_key, err);
    if (ok && !(host_secret_init(&made, SIZE_MAX_PEM + 1) && read_all(fd, &made)))
        ok = host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be read", path);
    close(fd);
    if (ok)
        *out = made;
    else
        host_secret_done(&made);
    return ok;
}
