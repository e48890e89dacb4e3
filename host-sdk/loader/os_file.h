/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the loader: files that nobody but root and this process's user can have written. */
#ifndef DPHL_OS_FILE_H
#define DPHL_OS_FILE_H

#include "loader/loader.h"

/* [control] Opens a regular file for reading. Refuses a final symbolic link, and a file or folder
 * that another user owns or may write; all of it is asked of what was opened, never of the path
 * again. `path` is absolute. The caller closes *out_fd with dphl_os_file_close. Errors: INVALID
 * (code PATH), DENIED (code PERMISSIONS), UNAVAILABLE (code UNREADABLE), NOMEM. */
dph_status dphl_os_file_open(const char *path, int *out_fd, dph_error *err);

/* [control] The same for a file whose owner does not matter. */
dph_status dphl_os_file_open_any(const char *path, int *out_fd, dph_error *err);

/* [control] Reads the whole file, at most `max` bytes, into terminated memory that the caller
 * frees. Errors: UNAVAILABLE (code UNREADABLE; also when it is longer), NOMEM. */
dph_status dphl_os_file_read(int fd, const char *path, size_t max, char **out, size_t *out_len,
                             dph_error *err);

/* [control] SHA-256 of the whole file, whatever the position. Errors: UNAVAILABLE (UNREADABLE). */
dph_status dphl_os_file_hash(int fd, const char *path, uint8_t out[DPHL_HASH_SIZE], dph_error *err);

/* [any] Closes; negative numbers are ignored. */
void dphl_os_file_close(int fd);

#endif
