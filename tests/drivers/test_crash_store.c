/* SPDX-License-Identifier: Apache-2.0
 *
 * The host and the plugin in one process, killed, without power, on a full disk and on one that
 * does not sync, at the n-th write of what they do: the store is then what it was or what it was
 * about to be, no key is lost, the doctor finds nothing, and doing it again ends well.
 *
 *   test_crash_store [--all] [--jobs N] [--seed N] [--points N] [--only PART-OF-NAME] [--verbose]
 *
 * Without --all a seeded share of the points is taken (environment: TEST_SEED).
 */
/* LINK: tests/support/crash_vfs.c tests/support/crash_host.c tests/support/crash_scenes.c
 * tests/support/kill_steps.c tests/support/power_files.c tests/support/torture.c
 * tests/support/fake_graph*.c tests/support/fake_ports.c tests/support/fake_store*.c
 * sample-host/src/?*.c sample-host/src/base/?*.c sample-host/src/store/?*.c
 * host-sdk/loader/?*.c host-sdk/support/?*.c plugin/src/plugin.c plugin/src/base/?*.c
 * plugin/src/domain/?*.c plugin/src/graph/?*.c plugin/src/hooks/?*.c plugin/src/state/?*.c
 * plugin/src/usecase/?*.c
 */
/* LIBS: -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -Wl,--wrap=fsync -Wl,--wrap=rename */
/* LIBS: -lcrypto */
/* LIBS: -lutf8proc -lcsv -Wl,--wrap=link -Wl,--wrap=sqlite3_exec -Wl,--wrap=host_db_write_commit */
/* LIBS: -Wl,--wrap=unlink,--wrap=write,--wrap=writev,--wrap=ftruncate */
/* LIBS: -Wl,--wrap=host_clock_wait */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

#include "tests/support/crash_vfs.h"
#include "tests/support/kill_steps.h"
#include "tests/support/power_files.h"
#include "tests/support/torture.h"

#define POINTS 3 /* of each kind of fault in each scene */

typedef enum fault_kind {
    KILLED,
    POWER,
    FULL,
    FULL_FOR_EVER,
    FSYNC,
    FSYNC_FOR_EVER,
    STEP,
    STEP_POWER,
    FAULT_KINDS
} fault_kind;

static const char *const fault_names[FAULT_KINDS] = {
    "killed at change", "power lost at change", "disk full at write", "disk full from write",
    "failing sync",     "failing syncs from",   "killed at step",     "power lost at step"};

typedef struct fault {
    const crash_scene *scene;
    fault_kind kind;
    uint64_t at; /* 0 = none */
    uint64_t seed;
} fault;

/* ---- one point ---- */

static uint64_t power_seed;

static void lose_power_of_files(void)
{
    power_files_lose(power_seed);
}

/* Of what the database did not sync, and of files and names beside it. */
static void lose_power(void)
{
    lose_power_of_files();
    crash_vfs_lose_power();
}

static void arm(const fault *f)
{
    static const crash_vfs_mode modes[FAULT_KINDS] = {
        CRASH_VFS_DIE,   CRASH_VFS_POWER, CRASH_VFS_FULL, CRASH_VFS_FULL,
        CRASH_VFS_FSYNC, CRASH_VFS_FSYNC, CRASH_VFS_NONE, CRASH_VFS_POWER};
    const bool is_step = f->kind == STEP || f->kind == STEP_POWER;
    const bool is_power = f->at != 0 && (f->kind == POWER || f->kind == STEP_POWER);
    crash_vfs_plan plan = {.mode = CRASH_VFS_NONE};
    if (f->at != 0) {
        plan = (crash_vfs_plan){.mode = modes[f->kind],
                                .at = is_step ? 0 : f->at,
                                .for_ever = f->kind == FULL_FOR_EVER || f->kind == FSYNC_FOR_EVER,
                                .seed = f->seed,
                                .also = f->kind == POWER ? lose_power_of_files : NULL};
    }
    power_seed = f->seed;
    crash_vfs_arm(&plan);
    power_files_watch(is_power ? crash_world.dir : NULL);
    kill_steps_at(is_step ? (int)f->at : 0);
    kill_steps_dying = is_power ? lose_power : NULL;
}

static void play(const void *what)
{
    const fault *f = what;
    arm(f);
    bool ok = crash_scenes_play(f->scene);
    const crash_vfs_counts seen = crash_vfs_seen();
    crash_world.ledger->counts[0] = seen.all;
    crash_world.ledger->counts[1] = seen.writes;
    crash_world.ledger->counts[2] = seen.syncs;
    crash_world.ledger->counts[3] = (uint64_t)kill_steps_passed();
    _exit(torture_leaks() ? TORTURE_LEAKED : ok ? 0 : 1);
}

static bool ended_as_told(const fault *f, int code)
{
    if (f->kind == KILLED || f->kind == POWER) {
        return IS(code == CRASH_VFS_EXIT || code == 0);
    }
    if (f->kind == STEP || f->kind == STEP_POWER) {
        return IS(code == KILL_STEPS_EXIT || code == 0);
    }
    return IS(code == 0 || code == 1);
}

static bool is_well(const fault *f)
{
    crash_scenes_begin(f->scene);
    const int code = torture_child(play, f);
    bool ok = ended_as_told(f, code);
    if (code != 0) {
        torture_struck();
    }
    if (ok && f->kind == POWER && f->seed % 2 == 0) {
        /* Power is lost again while it recovers. */
        const crash_scene reopen = {.name = f->scene->name, .act = crash_scenes_do_nothing};
        const fault again = {&reopen, POWER, 1 + f->seed / 2 % 12, f->seed + 1};
        ok = ended_as_told(&again, torture_child(play, &again));
    }
    return ok && torture_is_well(f->scene);
}

static bool run_point(void *context, uint64_t at, uint64_t seed)
{
    fault f = *(const fault *)context;
    f.at = at;
    f.seed = seed;
    if (is_well(&f)) {
        return true;
    }
    (void)printf("FAILED %s: %s %llu (seed %llu)\n", f.scene->name, fault_names[f.kind],
                 (unsigned long long)at, (unsigned long long)seed);
    return false;
}

static void play_scene(const crash_scene *s)
{
    static const int counted[FAULT_KINDS] = {0, 0, 1, 1, 2, 2, 3, 3};
    uint64_t totals[4];
    fault f = {.scene = s};
    crash_scenes_begin(s);
    crash_scenes_need(torture_child(play, &f) == 0, s->name);
    for (int i = 0; i < 4; i++) {
        totals[i] = crash_world.ledger->counts[i];
    }
    if (torture_speaks()) {
        (void)printf("%s: %llu changes, %llu writes, %llu syncs, %llu steps\n", s->name,
                     (unsigned long long)totals[0], (unsigned long long)totals[1],
                     (unsigned long long)totals[2], (unsigned long long)totals[3]);
    }
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        f.kind = (fault_kind)kind;
        torture_points(totals[counted[kind]], true, run_point, &f);
    }
}

int main(int argc, char **argv)
{
    crash_vfs_install();
    return torture_main(argc, argv, POINTS, play_scene);
}
