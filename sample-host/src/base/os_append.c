/* SPDX-License-Identifier: Apache-2.0
 *
 * See os_append.h. */
#define _GNU_SOURCE
#include "sample-host/src/base/os_append.h"

#include "sample-host/src/base/os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

static bool fail(host_error *err, const char *path)
{
    return host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be written: %s.", path,
                          strerror(errno));
}

/* A line without its end was never confirmed to anybody. */
static bool cut_torn_end(int fd)
{
    char last = '\n';
    off_t end = lseek(fd, 0, SEEK_END);
    off_t keep = end;
    while (keep > 0 && pread(fd, &last, 1, keep - 1) == 1 && last != '\n') {
        keep--;
    }
    return end >= 0 && (keep == end || ftruncate(fd, keep) == 0);
}

static bool append(int fd, const char *line, size_t len)
{
    char end = '\n';
    struct iovec parts[2] = {{(void *)(uintptr_t)line, len}, {&end, 1}};
    return writev(fd, parts, 2) == (ssize_t)(len + 1) && fsync(fd) == 0;
}

bool host_append_line(const char *path, const char *line, size_t len, host_error *err)
{
    bool is_new = !host_file_exists(path);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(err, path);
    }
    bool ok = fchmod(fd, 0600) == 0 && cut_torn_end(fd) && append(fd, line, len);
    if (!ok) {
        (void)fail(err, path);
    }
    (void)close(fd);
    return ok && (!is_new || host_file_sync_dir(path) || fail(err, path));
}

void host_append_syslog(const char *line)
{
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "dochost audit: %s", line);
}
