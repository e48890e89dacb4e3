/* SPDX-License-Identifier: Apache-2.0
 *
 * The host and the plugin in one process, in which the k-th allocation fails, or all from the k-th
 * on: what was asked for fails with a sentence or is done, nothing leaks, and the store is then
 * what it was or what it was about to be.
 *
 *   test_alloc [--all] [--jobs N] [--seed N] [--points N] [--only PART-OF-NAME] [--verbose]
 *
 * Without --all a seeded share of the allocations is taken (environment: TEST_SEED); of SQLite's
 * own always.
 */
/* LINK: tests/support/alloc_faults.c tests/support/crash_host.c tests/support/crash_scenes.c
 * tests/support/torture.c tests/support/crash_vfs.c tests/support/fake_graph*.c
 * tests/support/fake_ports.c tests/support/fake_store*.c sample-host/src/?*.c
 * sample-host/src/base/?*.c sample-host/src/store/?*.c host-sdk/loader/?*.c host-sdk/support/?*.c
 * plugin/src/plugin.c plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/graph/?*.c
 * plugin/src/hooks/?*.c plugin/src/state/?*.c plugin/src/usecase/?*.c
 */
/* LIBS: -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -Wl,--wrap=malloc,--wrap=calloc */
/* LIBS: -lcrypto */
/* LIBS: -lutf8proc -lcsv -Wl,--wrap=realloc,--wrap=sodium_malloc,--wrap=host_db_write_commit */
/* LIBS: -Wl,--wrap=host_clock_wait */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/alloc_faults.h"
#include "tests/support/crash_vfs.h"
#include "tests/support/torture.h"

#define POINTS 6 /* of each source in each scene, once and for ever */
#define WITHOUT_A_WORD 97
#define SCENES 16
#define ALLOCATIONS 4096

/* Allocations of the linked code, failing once or for ever, without which the host did not open and
 * changed no byte: scenes that begin alike need not see that again. Shared by all processes. */
typedef struct closed_doors {
    atomic_bool at[SCENES][2][ALLOCATIONS];
} closed_doors;
static closed_doors *closed;

/* A scene with a fault. */
typedef struct trial {
    const crash_scene *scene;
    alloc_fault fault;
} trial;

static const char *const source_names[ALLOC_SOURCES] = {"allocation", "SQLite's allocation"};

static void play(const void *what)
{
    const trial *t = what;
    alloc_faults_arm(&t->fault);
    bool ok = crash_scenes_play(t->scene);
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        crash_world.ledger->counts[i] = alloc_faults_seen((alloc_source)i);
    }
    crash_world.ledger->counts[ALLOC_SOURCES] = alloc_faults_failed();
    if (torture_leaks()) {
        _exit(TORTURE_LEAKED);
    }
    _exit(!ok && crash_host_unclear > 0 ? WITHOUT_A_WORD : ok ? 0 : 1);
}

/* NULL where nothing is kept of it. */
static atomic_bool *door_of(const trial *t)
{
    size_t first = 0;
    while (strcmp(crash_scenes[first].start, t->scene->start) != 0 ||
           crash_scenes[first].flags != t->scene->flags) {
        first++;
    }
    return t->fault.source == ALLOC_OWN && first < SCENES && t->fault.at < ALLOCATIONS
               ? &closed->at[first][t->fault.for_ever ? 1 : 0][t->fault.at]
               : NULL;
}

static void keep_door(const trial *t, const uint8_t begun[CRASH_DIGEST])
{
    uint8_t left[CRASH_DIGEST];
    atomic_bool *door = crash_world.ledger->opened == 0 ? door_of(t) : NULL;
    crash_host_digest_files(&crash_world, left);
    if (door != NULL && memcmp(left, begun, CRASH_DIGEST) == 0) {
        atomic_store(door, true);
    }
}

static bool is_well(const trial *t)
{
    uint8_t begun[CRASH_DIGEST];
    const atomic_bool *door = door_of(t);
    if (door != NULL && atomic_load(door)) {
        torture_struck();
        torture_alike();
        return true;
    }
    crash_scenes_begin(t->scene);
    crash_host_digest_files(&crash_world, begun);
    crash_world.ledger->counts[ALLOC_SOURCES] = 0;
    const int code = torture_child(play, t);
    if (code != 0 && code != 1) {
        (void)fprintf(stderr, "  exit code %d\n", code);
        return false;
    }
    if (crash_world.ledger->counts[ALLOC_SOURCES] > 0) {
        torture_struck();
    }
    if (!torture_is_well(t->scene)) {
        return false;
    }
    keep_door(t, begun);
    return true;
}

static bool run_point(void *context, uint64_t at, uint64_t seed)
{
    trial t = *(const trial *)context;
    (void)seed;
    t.fault.at = at;
    if (is_well(&t)) {
        return true;
    }
    (void)printf("FAILED %s: %s %llu%s\n", t.scene->name, source_names[t.fault.source],
                 (unsigned long long)at, t.fault.for_ever ? " and all later ones" : "");
    return false;
}

static void play_scene(const crash_scene *s)
{
    uint64_t totals[ALLOC_SOURCES];
    trial t = {.scene = s};
    crash_scenes_begin(s);
    crash_scenes_need(torture_child(play, &t) == 0, s->name);
    for (int i = 0; i < ALLOC_SOURCES; i++) {
        totals[i] = crash_world.ledger->counts[i];
    }
    if (torture_speaks()) {
        (void)printf("%s: %llu allocations, %llu of SQLite's\n", s->name,
                     (unsigned long long)totals[ALLOC_OWN],
                     (unsigned long long)totals[ALLOC_SQLITE]);
    }
    for (int i = 0; i < 2 * ALLOC_SOURCES; i++) {
        t.fault.source = (alloc_source)(i / 2);
        t.fault.for_ever = i % 2 != 0;
        torture_points(totals[i / 2], t.fault.source == ALLOC_OWN, run_point, &t);
    }
}

int main(int argc, char **argv)
{
    alloc_faults_install();
    crash_vfs_install(); /* waits for no disk */
    crash_host_hold = alloc_faults_hold;
    closed = mmap(NULL, sizeof *closed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    crash_scenes_need(closed != MAP_FAILED, "memory");
    return torture_main(argc, argv, POINTS, play_scene);
}
