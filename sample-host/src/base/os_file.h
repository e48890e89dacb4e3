/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that only their owner may read, written so that a crash leaves the old or the new content.
 * Knows nothing of what is in them. */
#ifndef HOST_OS_FILE_H
#define HOST_OS_FILE_H

#include "sample-host/src/command.h"

#include <limits.h>

/* Replaces (or makes) `path` with those bytes: mode 0600, durable when it returns true. */
bool host_file_write(const char *path, const void *bytes, size_t len, host_error *err);
/* Like host_file_write, but false with DPH_E_CONFLICT when `path` exists. */
bool host_file_create(const char *path, const void *bytes, size_t len, host_error *err);
/* Reads a whole file of at most `max` bytes into guarded memory. `is_private`: refused when the
 * owner is not this user or when group or others have any right to it. NOT_FOUND, DENIED,
 * TOO_LARGE, UNAVAILABLE. The caller ends *out. */
bool host_file_read(const char *path, size_t max, bool is_private, host_secret *out,
                    host_error *err);
/* Opens a file for reading under the same conditions; a descriptor that the caller closes, or -1.
 */
int host_file_open(const char *path, size_t max, bool is_private, size_t *out_size,
                   host_error *err);
/* True when `path` lies in `dir` or below, by their texts alone. */
bool host_file_lies_inside(const char *path, const char *dir);
bool host_file_exists(const char *path);
/* Makes the name of a new file durable. */
bool host_file_sync_dir(const char *path);
/* Removes a file; none is fine. */
void host_file_remove(const char *path);
/* Makes a new directory of mode 0700; `path` ends in XXXXXX, which becomes a name not in use. */
bool host_file_make_dir(char *path, host_error *err);
/* Gives a file a second name, durably; CONFLICT when `to` exists. */
bool host_file_link(const char *from, const char *to, host_error *err);
/* Renames a file over another, or to a free name, durably. */
bool host_file_replace(const char *from, const char *to, host_error *err);
/* Renames a directory or file and makes that durable; CONFLICT when `to` exists. */
bool host_file_rename_dir(const char *from, const char *to, host_error *err);
/* Removes a directory that this program made, and the plain files in it. */
void host_file_remove_dir(const char *path);
/* Makes a fresh private directory for a short time and writes its path. */
bool host_file_make_scratch(char *out, size_t cap, host_error *err);
/* Writes the absolute form of `path`, whose last component need not exist. */
bool host_file_absolute(const char *path, char *out, size_t cap, host_error *err);
/* Writes where `path` leads to, all links followed. NOT_FOUND, UNAVAILABLE. */
bool host_file_resolve(const char *path, char out[PATH_MAX], host_error *err);
/* Absolute path of this program. */
bool host_file_program(char *out, size_t cap);

#endif
