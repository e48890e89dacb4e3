/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host does while a test ends or starves it, and what must hold afterwards: the store is
 * what it was or what it was about to be, no key is lost, the doctor finds nothing, and doing it
 * again ends well. Must not know the faults. */
#ifndef TEST_CRASH_SCENES_H
#define TEST_CRASH_SCENES_H

#include "tests/support/crash_host.h"

typedef struct crash_scene {
    const char *name;
    const char *start; /* under which its files were kept */
    bool (*act)(host *h);
    bool (*check)(host *h); /* without faults; may do it again */
    uint32_t flags;         /* HOST_OPEN_*, how the act wants the host opened */
} crash_scene;

extern crash_host crash_world;
extern const crash_scene crash_scenes[];
extern const size_t crash_scene_count;

/* Makes the world, ended with crash_host_done, and then the files from which scenes start; the
 * latter in a child, so that the process stays small that forks for each point. */
void crash_scenes_init(void);
void crash_scenes_make(void);
/* Puts the files of the scene's start back. */
void crash_scenes_begin(const crash_scene *s);
/* Looks at what is left, as above; says what is wrong on standard error. */
bool crash_scenes_is_well(const crash_scene *s);
/* Opens the host, acts and closes it; true when all went well. */
bool crash_scenes_play(const crash_scene *s);
/* An act: opening is all. */
bool crash_scenes_do_nothing(host *h);

/* Complains on standard error when `fine` is false; returns it. */
bool crash_scenes_is(bool fine, const char *what, int line);
#define IS(condition) crash_scenes_is((condition), #condition, __LINE__)
/* Aborts when `fine` is false. */
void crash_scenes_need(bool fine, const char *what);
/* The next number of a seeded row. */
uint64_t crash_scenes_draw(uint64_t *state);

#endif
