/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenarios of a sync: how the world comes to be, and what the tick under test must make of it.
 * For tests only. */
#ifndef SYNC_CASES_H
#define SYNC_CASES_H

#include "tests/support/sync_world.h"

typedef struct sync_case {
    const char *name;
    void (*prepare)(sync_world *world);
    /* False: wrong; says what on standard error. */
    bool (*check)(const sync_world *world, const sync_run *run);
    uint32_t unread; /* requests of a further tick for keys whose reading failed */
} sync_case;

extern const sync_case sync_cases[];
extern const size_t sync_case_count;

/* Complains on standard error with the place when `fine` is false; returns it. */
bool sync_case_is(bool fine, const char *what, int line);
#define IS(condition) sync_case_is((condition), #condition, __LINE__)

#endif
