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
    /* What a person does after a crash, before the next tick; NULL: nothing. False: as above. */
    bool (*mend)(sync_world *world);
    bool may_wait;        /* a request that fails leaves a match, and its keys, for the next tick */
    uint32_t confirms;    /* keys that are held already and read once more; a crash may repeat it */
    uint32_t unread;      /* requests of a further tick for keys whose reading failed */
    bkey_outcome outcome; /* of the tick under test and of every later one; 0 = DONE */
    const char *argument; /* for `prepare` and `check`, as world->argument */
} sync_case;

/* The scenarios of one file; sync_cases_all.c lists the files. */
typedef struct sync_case_list {
    const sync_case *cases;
    size_t count;
} sync_case_list;

#define SYNC_CASE_LIST(array)                                                                      \
    {                                                                                              \
        (array), sizeof(array) / sizeof((array)[0])                                                \
    }

extern const sync_case_list sync_cases_usual;
extern const sync_case_list sync_cases_dialects;
extern const sync_case_list sync_cases_refusals;
extern const sync_case_list sync_cases_fetch;
extern const sync_case_list sync_cases_match;
extern const sync_case_list sync_cases_import;
extern const sync_case_list sync_cases_preflight;
extern const sync_case_list sync_cases_signin;
extern const sync_case_list sync_cases_truth;
extern const sync_case_list sync_cases_contacts;

extern const sync_case_list *const sync_case_lists[];
extern const size_t sync_case_list_count;

/* Complains on standard error with the place when `fine` is false; returns it. */
bool sync_case_is(bool fine, const char *what, int line);
#define IS(condition) sync_case_is((condition), #condition, __LINE__)

#endif
