/* SPDX-License-Identifier: Apache-2.0
 *
 * The host and the plugin in one process, killed, without power, on a full disk and on one that
 * does not sync, at the n-th write of what they do: the store is then what it was or what it was
 * about to be, no key is lost, the doctor finds nothing, and doing it again ends well.
 *
 *   test_crash_store [--all] [--seed N] [--points N] [--only PART-OF-NAME] [--verbose]
 *
 * Without --all a seeded share of the points is taken (environment: TEST_SEED).
 */
/* LINK: tests/support/crash_vfs.c tests/support/crash_host.c tests/support/crash_scenes.c
 * tests/support/kill_steps.c
 * tests/support/fake_graph.c tests/support/fake_ports.c tests/support/fake_store.c
 * sample-host/src/?*.c sample-host/src/base/?*.c sample-host/src/store/?*.c
 * host-sdk/loader/?*.c host-sdk/support/?*.c plugin/src/plugin.c plugin/src/base/?*.c
 * plugin/src/domain/?*.c plugin/src/graph/?*.c plugin/src/hooks/?*.c plugin/src/state/?*.c
 * plugin/src/usecase/?*.c
 */
/* LIBS: -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -Wl,--wrap=fsync -Wl,--wrap=rename */
/* LIBS: -lutf8proc -lcsv -Wl,--wrap=link -Wl,--wrap=sqlite3_exec -Wl,--wrap=host_db_write_commit */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/crash_scenes.h"
#include "tests/support/crash_vfs.h"
#include "tests/support/kill_steps.h"

#define LEAKED 98

typedef struct options {
    bool all;
    bool verbose;
    uint64_t seed;
    uint64_t points; /* of each kind of fault in each scene */
    const char *only;
} options;

typedef enum fault_kind {
    KILLED,
    POWER,
    FULL,
    FULL_FOR_EVER,
    FSYNC,
    FSYNC_FOR_EVER,
    STEP,
    FAULT_KINDS
} fault_kind;

static const char *const fault_names[FAULT_KINDS] = {
    "killed at change", "power lost at change", "disk full at write", "disk full from write",
    "failing sync",     "failing syncs from",   "killed at step"};

typedef struct fault {
    fault_kind kind;
    uint64_t at;
    uint64_t seed;
} fault;

static options opts;
static unsigned passed;
static unsigned failed;
static unsigned struck; /* points at which the fault came to pass */

/* ---- one point ---- */

static void arm(const fault *f)
{
    static const crash_vfs_mode modes[FAULT_KINDS] = {
        CRASH_VFS_DIE,   CRASH_VFS_POWER, CRASH_VFS_FULL, CRASH_VFS_FULL,
        CRASH_VFS_FSYNC, CRASH_VFS_FSYNC, CRASH_VFS_NONE};
    crash_vfs_plan plan = {.mode = CRASH_VFS_NONE};
    if (f != NULL) {
        plan = (crash_vfs_plan){.mode = modes[f->kind],
                                .at = f->at,
                                .for_ever = f->kind == FULL_FOR_EVER || f->kind == FSYNC_FOR_EVER,
                                .seed = f->seed};
    }
    crash_vfs_arm(&plan);
    kill_steps_at(f != NULL && f->kind == STEP ? (int)f->at : 0);
}

static void hush(void)
{
    int nothing = opts.verbose ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
}

static void play(const crash_scene *s, const fault *f)
{
    hush();
    arm(f);
    host *h = crash_host_open(&crash_world);
    bool ok = h != NULL && s->act(h);
    host_close(h);
    const crash_vfs_counts seen = crash_vfs_seen();
    crash_world.ledger->counts[0] = seen.all;
    crash_world.ledger->counts[1] = seen.writes;
    crash_world.ledger->counts[2] = seen.syncs;
    crash_world.ledger->counts[3] = (uint64_t)kill_steps_passed();
    _exit(__lsan_do_recoverable_leak_check() != 0 ? LEAKED : ok ? 0 : 1);
}

/* The exit code; -1 for a signal. */
static int run_child(const crash_scene *s, const fault *f)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    crash_scenes_need(child >= 0, "fork");
    if (child == 0) {
        play(s, f);
    }
    crash_scenes_need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool ended_as_told(const fault *f, int code)
{
    if (f->kind == KILLED || f->kind == POWER) {
        return IS(code == CRASH_VFS_EXIT || code == 0);
    }
    if (f->kind == STEP) {
        return IS(code == KILL_STEPS_EXIT || code == 0);
    }
    return IS(code == 0 || code == 1);
}

static bool run_point(const crash_scene *s, const fault *f)
{
    arm(NULL);
    crash_scenes_begin(s);
    const int code = run_child(s, f);
    bool ok = ended_as_told(f, code);
    struck += code != 0;
    if (ok && f->kind == POWER && f->seed % 2 == 0) {
        /* Power is lost again while it recovers. */
        const crash_scene reopen = {s->name, s->start, crash_scenes_do_nothing, NULL};
        const fault again = {POWER, 1 + f->seed / 2 % 12, f->seed + 1};
        ok = ended_as_told(&again, run_child(&reopen, &again));
    }
    arm(NULL);
    return ok && crash_scenes_is_well(s);
}

static void report(const crash_scene *s, const fault *f, bool fine)
{
    if (fine) {
        passed++;
        return;
    }
    failed++;
    (void)printf("FAILED %s: %s %llu (seed %llu)\n", s->name, fault_names[f->kind],
                 (unsigned long long)f->at, (unsigned long long)f->seed);
}

static uint64_t count_points(fault_kind kind)
{
    static const int of[FAULT_KINDS] = {0, 0, 1, 1, 2, 2, 3};
    return crash_world.ledger->counts[of[kind]];
}

static void run_scene(const crash_scene *s, uint64_t *state)
{
    uint64_t totals[FAULT_KINDS];
    arm(NULL);
    crash_scenes_begin(s);
    crash_scenes_need(run_child(s, NULL) == 0, s->name);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        totals[kind] = count_points((fault_kind)kind);
    }
    (void)printf("%s: %llu changes, %llu writes, %llu syncs, %llu steps\n", s->name,
                 (unsigned long long)totals[KILLED], (unsigned long long)totals[FULL],
                 (unsigned long long)totals[FSYNC], (unsigned long long)totals[STEP]);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        const uint64_t total = totals[kind];
        const bool each = opts.all || total <= opts.points;
        for (uint64_t i = 0; i < (each ? total : opts.points); i++) {
            const fault f = {(fault_kind)kind, each ? i + 1 : 1 + crash_scenes_draw(state) % total,
                             crash_scenes_draw(state) >> 16};
            report(s, &f, run_point(s, &f));
        }
    }
}

static options read_options(int argc, char **argv)
{
    const char *seed = getenv("TEST_SEED");
    options o = {.seed = seed != NULL ? strtoull(seed, NULL, 10) : 1, .points = 4, .only = ""};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            o.all = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            o.verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            o.seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--points") == 0 && i + 1 < argc) {
            o.points = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            o.only = argv[++i];
        }
    }
    return o;
}

int main(int argc, char **argv)
{
    opts = read_options(argc, argv);
    uint64_t state = opts.seed;
    (void)printf("seed %llu\n", (unsigned long long)opts.seed);
    crash_vfs_install();
    crash_scenes_init();
    for (size_t i = 0; i < crash_scene_count; i++) {
        if (strstr(crash_scenes[i].name, opts.only) != NULL) {
            run_scene(&crash_scenes[i], &state);
        }
    }
    crash_host_done(&crash_world);
    (void)printf("%u faults struck\n%u passed, %u failed\n", struck, passed, failed);
    return failed == 0 && struck > 0 ? 0 : 1;
}
