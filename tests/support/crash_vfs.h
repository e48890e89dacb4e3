/* SPDX-License-Identifier: Apache-2.0
 *
 * A SQLite VFS over the default one: counts what changes files, and dies, loses power or fails at
 * the n-th such call. Knows nothing of what is stored. For tests only. */
#ifndef TEST_CRASH_VFS_H
#define TEST_CRASH_VFS_H

#include <stdbool.h>
#include <stdint.h>

#define CRASH_VFS_EXIT 78 /* what a process that died this way exits with */

typedef enum crash_vfs_mode {
    CRASH_VFS_NONE = 0,
    CRASH_VFS_DIE,   /* ends before the n-th write, sync, truncation or deletion */
    CRASH_VFS_POWER, /* the same, and each write since its file's last sync is kept, dropped, torn
                        or garbled */
    CRASH_VFS_FULL,  /* the n-th write fails with SQLITE_FULL */
    CRASH_VFS_FSYNC  /* the n-th sync fails with SQLITE_IOERR_FSYNC */
} crash_vfs_mode;

typedef struct crash_vfs_plan {
    crash_vfs_mode mode;
    uint64_t at;        /* first is 1 */
    bool for_ever;      /* FULL, FSYNC: every later one fails too */
    uint64_t seed;      /* POWER: what becomes of each write */
    void (*also)(void); /* POWER: what else is lost; may be NULL */
} crash_vfs_plan;

typedef struct crash_vfs_counts {
    uint64_t all;
    uint64_t writes;
    uint64_t syncs;
} crash_vfs_counts;

/* Makes it the default VFS of the process; before the first database is opened. */
void crash_vfs_install(void);
/* Counts from zero; connections that are open stay so. */
void crash_vfs_arm(const crash_vfs_plan *plan);
/* What POWER does to the files, for one who dies elsewhere. */
void crash_vfs_lose_power(void);
/* Since it was armed. */
crash_vfs_counts crash_vfs_seen(void);

#endif
