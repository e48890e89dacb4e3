/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole copies of a store by SQLite's backup interface. Knows no table but meta. */
#ifndef HOST_COPY_H
#define HOST_COPY_H

#include "sample-host/src/store/db.h"

#define HOST_COPY_MARK_SIZE 65

/* What a copy says about itself. */
typedef struct host_copy_mark {
    char key_check[HOST_COPY_MARK_SIZE]; /* of the key file it needs, in hex */
    int64_t oldest_generation;           /* of the key file when it was made */
    int64_t newest_generation;
    int64_t at_ms;
} host_copy_mark;

/* Who watches; all may be NULL. */
typedef struct host_copy_watch {
    int (*cancelled)(void *context); /* may be NULL */
    void *cancel_ctx;
    void (*progress)(void *context, const char *unit, uint64_t done, uint64_t total);
    void *progress_ctx;
} host_copy_watch;

/* Copies what `from` sees into `path`, an empty file that exists, as one plain database file.
 * Readers and writers of the source go on. UNAVAILABLE, CANCELLED. */
bool host_copy_make(host_conn *from, const char *path, const host_copy_watch *watch,
                    host_error *err);
/* The same from a file that nobody writes. */
bool host_copy_file(const char *from, const char *path, const host_copy_watch *watch,
                    host_error *err);
/* Writes the mark into a copy. */
bool host_copy_mark_write(const char *path, const host_copy_mark *mark, host_error *err);
/* Checks a copy without changing it: its structure, its schema's number, its mark. CORRUPT (no
 * store, damaged, no mark), UNSUPPORTED (made by a newer version). */
bool host_copy_check(const char *path, host_copy_mark *out, host_error *err);
/* Brings all of a store into its one file, for a store that nobody uses. */
bool host_copy_settle(const char *path, host_error *err);

#endif
