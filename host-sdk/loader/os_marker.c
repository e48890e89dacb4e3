/* SPDX-License-Identifier: Apache-2.0
 *
 * The `loading` marker on disk. Must not know what happens between writing and removing it. */
#define _GNU_SOURCE
#include "loader/os_marker.h"

#include "loader/fail.h"
#include "support/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKER_TEXT_LEN (2 * DPHL_HASH_SIZE)

int dphl_os_marker_names(const char *path, const uint8_t hash[DPHL_HASH_SIZE])
{
    char text[MARKER_TEXT_LEN];
    uint8_t found[DPHL_HASH_SIZE];
    if (path == NULL)
        return 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    ssize_t got = read(fd, text, sizeof text);
    (void)close(fd);
    if (got < 0)
        return -1;
    return sup_hex_parse(text, (size_t)got, found, sizeof found) &&
           memcmp(found, hash, sizeof found) == 0;
}

static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
    char *folder = slash == NULL ? strdup(".") : strndup(path, len);
    if (folder == NULL)
        return ENOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return errno;
    int number = fsync(fd) == 0 ? 0 : errno;
    (void)close(fd);
    return number;
}

static int write_text(int fd, const char *text, size_t len)
{
    ssize_t put = write(fd, text, len);
    if (put < 0)
        return errno;
    if ((size_t)put != len)
        return ENOSPC;
    return fsync(fd) == 0 ? 0 : errno;
}

dph_status dphl_os_marker_write(const char *path, const uint8_t hash[DPHL_HASH_SIZE],
                                dph_error *err)
{
    char text[MARKER_TEXT_LEN + 1];
    int number;
    if (path == NULL)
        return DPH_OK;
    sup_hex_format(hash, DPHL_HASH_SIZE, text);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        number = errno;
    } else {
        number = write_text(fd, text, MARKER_TEXT_LEN);
        if (close(fd) != 0 && number == 0)
            number = errno;
        if (number == 0)
            number = sync_folder(path);
        if (number != 0)
            (void)unlink(path);
    }
    if (number != 0)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_MARKER,
                         "The loading marker %s cannot be written: %s.", path,
                         strerrordesc_np(number));
    return DPH_OK;
}

dph_status dphl_os_marker_remove(const char *path, dph_error *err)
{
    if (path == NULL)
        return DPH_OK;
    int number = unlink(path) == 0 || errno == ENOENT ? sync_folder(path) : errno;
    if (number != 0)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_MARKER,
                         "The loading marker %s cannot be removed: %s.", path,
                         strerrordesc_np(number));
    return DPH_OK;
}
