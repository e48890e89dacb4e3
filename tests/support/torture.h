/* SPDX-License-Identifier: Apache-2.0
 *
 * What drivers share that put each scene through faults at many points: which points, dealt to how
 * many processes, and the count of what came of them. Must not know the faults. */
#ifndef TEST_TORTURE_H
#define TEST_TORTURE_H

#include "tests/support/crash_scenes.h"

#define TORTURE_LEAKED 98 /* what a child exits with that leaked */

typedef struct torture_options {
    bool all; /* every point, not a seeded share */
    bool verbose;
    uint64_t seed;
    uint64_t points;  /* of a share */
    uint64_t at;      /* of each fault that point alone; 0 = all or a share */
    const char *only; /* scenes with that in their name */
    unsigned jobs;    /* processes, each with a world of its own */
} torture_options;

/* Plays each scene in `jobs` processes; the driver's exit code. Options: --all, --at N, --seed N,
 * --points N, --only PART, --jobs N, --verbose; TEST_SEED in the environment. */
int torture_main(int argc, char **argv, uint64_t points,
                 void (*play_scene)(const crash_scene *scene));

/* Calls `run` for this process's part of the points 1 to `total` of one fault; it returns false for
 * a failure, which it has told. `may_all` false: a share is taken whatever was asked. */
void torture_points(uint64_t total, bool may_all,
                    bool (*run)(void *context, uint64_t at, uint64_t seed), void *context);
/* A fault came to pass. */
void torture_struck(void);
/* It left what an earlier one had left. */
void torture_alike(void);
/* True in the one process that may say what all would say. */
bool torture_speaks(void);

/* Runs `play` in a child that is silent unless --verbose; its exit code, -1 for a signal. */
int torture_child(void (*play)(const void *what), const void *what);
/* What the scene left is well; asked in a child, so that this process stays small: forks and leak
 * checks of large ones take most of the time. Files that are byte by byte those of an earlier point
 * of this scene that was well are not asked again. */
bool torture_is_well(const crash_scene *scene);

/* True when this process has lost memory; only a sanitized build can tell. */
bool torture_leaks(void);

#endif
