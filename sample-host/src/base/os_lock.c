/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock by flock(2): it goes with the process, however that ends. */
#define _GNU_SOURCE
#include "sample-host/src/base/os_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

bool host_lock_take(const char *path, int *out_fd, host_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return host_error_set(err, DPH_E_UNAVAILABLE, 0, "The lock file %s cannot be opened: %s.",
                              path, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                              "Another dochost process is using this data directory.");
    }
    *out_fd = fd;
    return true;
}

bool host_lock_file(const char *path, int *out_fd, host_error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return host_error_set(err, errno == ENOENT ? DPH_E_NOT_FOUND : DPH_E_UNAVAILABLE, 0,
                              "%s cannot be opened: %s.", path, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                              "%s is being written by another program right now.", path);
    }
    *out_fd = fd;
    return true;
}

void host_lock_release(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}
