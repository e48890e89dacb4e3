/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop that proves the sync: for every scenario (a) the right result, (b) a second tick writes
 * nothing and reads no secret, (c) killed at outside call n and restarted: the same end state and
 * no committed secret read again, (d) every apply with an unknown outcome, landed and not.
 *
 *   test_sync_scenarios [--all] [--seed N] [--points N] [--only PART-OF-NAME]
 *
 * Without --all the outside calls of (c) are a seeded share (environment: SYNC_SEED); every apply
 * is always tried.
 */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c tests/support/sync_cases.c tests/support/sync_cases_?*.c
 * plugin/src/usecase/?*.c
 * plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/state/?*.c plugin/src/graph/decode?*.c
 * plugin/src/graph/decode.c plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c
 * plugin/src/graph/token?*.c plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/sync_cases.h"

typedef struct options {
    bool all;
    uint64_t seed;
    uint64_t points;
    const char *only;
} options;

static unsigned passed;
static unsigned failed;

static bkey_outcome wanted(const sync_case *scenario)
{
    return scenario->outcome != 0 ? scenario->outcome : BKEY_OUTCOME_DONE;
}

static void report(const char *scenario, const char *part, bool fine)
{
    if (fine) {
        passed++;
        return;
    }
    failed++;
    (void)printf("FAILED %s: %s\n", scenario, part);
}

static uint64_t draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

typedef struct bench {
    const sync_case *scenario;
    sync_world start; /* before the tick under test */
    sync_world end;   /* after it, undisturbed */
    sync_world now;   /* what is played with */
    sync_run clean;
    uint32_t reads;   /* of secrets, by the undisturbed tick */
    uint32_t secrets; /* committed by it */
} bench;

/* (a) */
static bool run_clean(bench *b)
{
    b->start.argument = b->scenario->argument;
    b->scenario->prepare(&b->start);
    sync_world_copy(&b->end, &b->start);
    b->clean = sync_world_tick(&b->end, NULL);
    b->reads = b->end.graph->key_reads - b->start.graph->key_reads;
    b->secrets = sync_world_state(&b->end, 'S') - sync_world_state(&b->start, 'S');
    if (!bkey_is_ok(b->clean.error) || b->clean.result.outcome != wanted(b->scenario)) {
        (void)fprintf(stderr, "  outcome %d: %s\n", (int)b->clean.result.outcome,
                      b->clean.result.summary);
        return false;
    }
    return b->scenario->check(&b->end, &b->clean);
}

/* (b) S1.51 */
static bool run_again(bench *b)
{
    sync_world_copy(&b->now, &b->end);
    sync_run run = sync_world_tick(&b->now, NULL);
    uint64_t renewal = b->now.graph->renews ? 1 : 0;
    return IS(run.result.outcome == wanted(b->scenario)) && IS(run.result.store_changes == 0) &&
           IS(run.result.key_reads == 0) &&
           IS(b->now.store->row_changes == b->end.store->row_changes + renewal) &&
           IS(b->now.graph->key_reads == b->end.graph->key_reads) &&
           IS(b->now.graph->requests[FAKE_ROUTE_SECRET] ==
              b->end.graph->requests[FAKE_ROUTE_SECRET] + b->scenario->unread) &&
           IS(fake_store_same_rows(b->now.store, b->end.store));
}

static bool die_of(const bench *b, const sync_fault *fault)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)sync_world_tick(&b->now, fault);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    sync_world_reseed();
    return WIFEXITED(status) && WEXITSTATUS(status) == FAKE_DEATH;
}

/* A first folder is visible only when all of its records are there (S1.28). */
static bool has_no_partial_folder(const bench *b)
{
    for (uint32_t i = 0; i < b->now.store->folder_count; i++) {
        const fake_folder *folder = &b->now.store->folders[i];
        const char *id = folder->organization_id;
        uint32_t here = 0;
        uint32_t wanted = 0;
        if (folder->hidden || fake_store_folder(b->start.store, id) != NULL)
            continue;
        for (uint32_t k = 0; k < b->now.store->record_count; k++)
            here += strcmp(b->now.store->records[k].organization_id, id) == 0;
        for (uint32_t k = 0; k < b->end.store->record_count; k++)
            wanted += strcmp(b->end.store->records[k].organization_id, id) == 0;
        if (here != wanted)
            return false;
    }
    return true;
}

static bool mend(bench *b)
{
    return b->scenario->mend == NULL || b->scenario->mend(&b->now);
}

/* (c) */
static bool run_killed(bench *b, const sync_fault *fault)
{
    sync_world_copy(&b->now, &b->start);
    if (!IS(die_of(b, fault)) || !IS(has_no_partial_folder(b)) || !mend(b))
        return false;
    uint32_t kept = sync_world_state(&b->now, 'S') - sync_world_state(&b->start, 'S');
    uint32_t before = b->now.graph->key_reads;
    sync_run run = sync_world_tick(&b->now, NULL);
    return IS(run.result.outcome == wanted(b->scenario)) &&
           IS(b->now.graph->key_reads - before >= b->secrets - kept) &&
           IS(b->now.graph->key_reads - before <= b->secrets - kept + b->scenario->confirms) &&
           IS(fake_store_same_rows(b->now.store, b->end.store)) &&
           IS(b->now.store->activity_count == b->end.store->activity_count);
}

/* (d) */
static bool run_unknown(bench *b, uint64_t n, fake_fault kind)
{
    const sync_fault fault = {.kind = kind, .apply_at = n};
    sync_world_copy(&b->now, &b->start);
    sync_run run = sync_world_tick(&b->now, &fault);
    return IS(run.result.outcome == wanted(b->scenario)) &&
           IS(fake_store_same_rows(b->now.store, b->end.store)) &&
           IS(b->now.store->activity_count == b->end.store->activity_count) &&
           IS(b->now.graph->key_reads == b->end.graph->key_reads);
}

/* An outside call that fails once: nothing is lost, and the next tick ends in the same state. */
static bool run_failing(bench *b, uint64_t n)
{
    const sync_fault fault = {.kind = FAKE_FAULT_ERROR, .at = n, .reason = BKEY_E_STORE_BUSY};
    sync_world_copy(&b->now, &b->start);
    (void)sync_world_tick(&b->now, &fault);
    if (!IS(b->scenario->may_wait || has_no_partial_folder(b)) || !mend(b))
        return false;
    sync_run run = sync_world_tick(&b->now, NULL);
    return IS(run.result.outcome == wanted(b->scenario)) &&
           IS(fake_store_same_rows(b->now.store, b->end.store));
}

static void run_points(bench *b, const options *o)
{
    char part[64];
    uint64_t state = o->seed;
    uint64_t calls = b->clean.calls;
    uint64_t count = o->all || calls < o->points ? calls : o->points;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t n = count == calls ? i + 1 : 1 + draw(&state) % calls;
        const sync_fault kill = {.kind = FAKE_FAULT_DIE, .at = n};
        (void)snprintf(part, sizeof part, "killed at outside call %llu", (unsigned long long)n);
        report(b->scenario->name, part, run_killed(b, &kill));
        (void)snprintf(part, sizeof part, "outside call %llu fails", (unsigned long long)n);
        report(b->scenario->name, part, run_failing(b, n));
    }
    /* Applies are few and the most telling: every one of them, always. */
    for (uint64_t n = 1; n <= b->clean.apply_calls; n++) {
        const sync_fault kill = {.kind = FAKE_FAULT_DIE, .apply_at = n};
        (void)snprintf(part, sizeof part, "killed at apply %llu", (unsigned long long)n);
        report(b->scenario->name, part, run_killed(b, &kill));
        (void)snprintf(part, sizeof part, "apply %llu landed unknown", (unsigned long long)n);
        report(b->scenario->name, part, run_unknown(b, n, FAKE_FAULT_LANDED));
        (void)snprintf(part, sizeof part, "apply %llu was lost", (unsigned long long)n);
        report(b->scenario->name, part, run_unknown(b, n, FAKE_FAULT_NOT_LANDED));
    }
}

static void run_scenario(const sync_case *scenario, const options *o)
{
    bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        abort();
    b->scenario = scenario;
    sync_world_init(&b->start);
    sync_world_init(&b->end);
    sync_world_init(&b->now);
    bool fine = run_clean(b);
    report(scenario->name, "result", fine);
    if (fine) {
        report(scenario->name, "second tick", run_again(b));
        run_points(b, o);
    }
    sync_world_done(&b->now);
    sync_world_done(&b->end);
    sync_world_done(&b->start);
    free(b);
}

static void run_list(const sync_case_list *list, const options *o)
{
    for (size_t i = 0; i < list->count; i++)
        if (strstr(list->cases[i].name, o->only) != NULL)
            run_scenario(&list->cases[i], o);
}

static options read_options(int argc, char **argv)
{
    const char *seed = getenv("SYNC_SEED");
    options o = {false, seed != NULL ? strtoull(seed, NULL, 10) : 1, 4, ""};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0)
            o.all = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            o.seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--points") == 0 && i + 1 < argc)
            o.points = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            o.only = argv[++i];
    }
    return o;
}

int main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    (void)printf("seed %llu\n", (unsigned long long)o.seed);
    (void)fflush(stdout);
    for (size_t i = 0; i < sync_case_list_count; i++)
        run_list(sync_case_lists[i], &o);
    (void)printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
