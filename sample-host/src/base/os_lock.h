/* SPDX-License-Identifier: Apache-2.0
 *
 * One owner per data directory: an exclusive lock held for life; and files that programs pass on
 * to each other. */
#ifndef HOST_OS_LOCK_H
#define HOST_OS_LOCK_H

#include "sample-host/src/base/host_error.h"

/* Takes the lock on that file, made when missing. False with code HOST_CODE_BUSY when another
 * process holds it. *out_fd is given back to host_lock_release. */
bool host_lock_take(const char *path, int *out_fd, host_error *err);
/* The same of a file that is there, which others hold for a short time. NOT_FOUND; BUSY. */
bool host_lock_file(const char *path, int *out_fd, host_error *err);
/* -1 is allowed. */
void host_lock_release(int fd);

#endif
