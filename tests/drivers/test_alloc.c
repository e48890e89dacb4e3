/* SPDX-License-Identifier: Apache-2.0
 *
 * The host and the plugin in one process, in which the k-th allocation fails, or all from the k-th
 * on: what was asked for fails with a sentence or is done, nothing leaks, and the store is then
 * what it was or what it was about to be.
 *
 *   test_alloc [--all] [--seed N] [--points N] [--only PART-OF-NAME] [--verbose]
 *
 * Without --all a seeded share of the allocations is taken (environment: TEST_SEED); of SQLite's
 * own always.
 */
/* LINK: tests/support/alloc_faults.c tests/support/crash_host.c tests/support/crash_scenes.c
 * tests/support/crash_vfs.c tests/support/fake_graph.c tests/support/fake_ports.c
 * tests/support/fake_store.c sample-host/src/?*.c sample-host/src/base/?*.c
 * sample-host/src/store/?*.c host-sdk/loader/?*.c host-sdk/support/?*.c plugin/src/plugin.c
 * plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/graph/?*.c plugin/src/hooks/?*.c
 * plugin/src/state/?*.c plugin/src/usecase/?*.c
 */
/* LIBS: -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -Wl,--wrap=malloc,--wrap=calloc */
/* LIBS: -lutf8proc -lcsv -Wl,--wrap=realloc,--wrap=sodium_malloc,--wrap=host_db_write_commit */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/alloc_faults.h"
#include "tests/support/crash_scenes.h"
#include "tests/support/crash_vfs.h"

#define LEAKED 98
#define WITHOUT_A_WORD 97

typedef struct options {
    bool all;
    bool verbose;
    uint64_t seed;
    uint64_t points; /* of each source in each scene, once and for ever */
    const char *only;
} options;

static const char *const source_names[ALLOC_SOURCES] = {"allocation", "SQLite's allocation"};

static options opts;
static unsigned passed;
static unsigned failed;
static uint64_t injected;

static void hush(void)
{
    int nothing = opts.verbose ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
}

static void play(const crash_scene *s, const alloc_fault *fault)
{
    hush();
    alloc_faults_arm(fault);
    host *h = crash_host_open(&crash_world);
    bool ok = h != NULL && s->act(h);
    host_close(h);
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        crash_world.ledger->counts[i] = alloc_faults_seen((alloc_source)i);
    }
    crash_world.ledger->counts[ALLOC_SOURCES] = alloc_faults_failed();
    if (__lsan_do_recoverable_leak_check() != 0) {
        _exit(LEAKED);
    }
    _exit(!ok && crash_host_unclear > 0 ? WITHOUT_A_WORD : ok ? 0 : 1);
}

/* The exit code; -1 for a signal. */
static int run_child(const crash_scene *s, const alloc_fault *fault)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    crash_scenes_need(child >= 0, "fork");
    if (child == 0) {
        play(s, fault);
    }
    crash_scenes_need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool run_point(const crash_scene *s, const alloc_fault *fault)
{
    crash_scenes_begin(s);
    crash_world.ledger->counts[ALLOC_SOURCES] = 0;
    const int code = run_child(s, fault);
    if (code != 0 && code != 1) {
        (void)fprintf(stderr, "  exit code %d\n", code);
        return false;
    }
    injected += crash_world.ledger->counts[ALLOC_SOURCES];
    return crash_scenes_is_well(s);
}

static void report(const crash_scene *s, const alloc_fault *fault, bool fine)
{
    if (fine) {
        passed++;
        return;
    }
    failed++;
    (void)printf("FAILED %s: %s %llu%s\n", s->name, source_names[fault->source],
                 (unsigned long long)fault->at, fault->for_ever ? " and all later ones" : "");
    (void)fflush(stdout);
}

static void run_source(const crash_scene *s, alloc_source source, uint64_t total, uint64_t *state)
{
    const bool each = total <= opts.points || (opts.all && source == ALLOC_OWN);
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        for (uint64_t i = 0; i < (each ? total : opts.points); i++) {
            const alloc_fault fault = {source, each ? i + 1 : 1 + crash_scenes_draw(state) % total,
                                       for_ever != 0};
            report(s, &fault, run_point(s, &fault));
        }
    }
}

static void run_scene(const crash_scene *s, uint64_t *state)
{
    const alloc_fault none = {ALLOC_OWN, 0, false};
    uint64_t totals[ALLOC_SOURCES];
    crash_scenes_begin(s);
    crash_scenes_need(run_child(s, &none) == 0, s->name);
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        totals[i] = crash_world.ledger->counts[i];
    }
    (void)printf("%s: %llu allocations, %llu of SQLite's\n", s->name,
                 (unsigned long long)totals[ALLOC_OWN], (unsigned long long)totals[ALLOC_SQLITE]);
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        run_source(s, (alloc_source)i, totals[i], state);
    }
}

static options read_options(int argc, char **argv)
{
    const char *seed = getenv("TEST_SEED");
    options o = {.seed = seed != NULL ? strtoull(seed, NULL, 10) : 1, .points = 7, .only = ""};
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
    alloc_faults_install();
    crash_vfs_install(); /* waits for no disk */
    crash_host_hold = alloc_faults_hold;
    crash_scenes_init();
    for (size_t i = 0; i < crash_scene_count; i++) {
        if (strstr(crash_scenes[i].name, opts.only) != NULL) {
            run_scene(&crash_scenes[i], &state);
        }
    }
    crash_host_done(&crash_world);
    (void)printf("%llu allocations failed\n%u passed, %u failed\n", (unsigned long long)injected,
                 passed, failed);
    return failed == 0 && injected > passed / 2 && passed > 0 ? 0 : 1;
}
