/* SPDX-License-Identifier: Apache-2.0
 *
 * What a tick tells while it runs, and what a dry run says that it would do. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c plugin/src/usecase/?*.c plugin/src/base/?*.c plugin/src/domain/?*.c
 * plugin/src/state/?*.c plugin/src/graph/decode?*.c plugin/src/graph/decode.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_world.h"

#define OS "operatingSystemVolume"
#define ROWS_MAX 16

static sync_world world;
static char rows[ROWS_MAX][160];
static size_t row_count;
static size_t rows_wanted;

static bool keep_row(void *context, const bkey_preview_row *row)
{
    (void)context;
    (void)snprintf(rows[row_count], sizeof rows[0], "%d %s %s", (int)row->action,
                   row->organization_id, row->device);
    cr_assert_eq(strlen(row->key_id), 36);
    row_count++;
    return row_count < rows_wanted;
}

static void begin(void)
{
    sync_world_init(&world);
    row_count = 0;
    rows_wanted = ROWS_MAX;
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(sync_preview, .init = begin, .fini = end);

static bkey_tick_result planned;

static void dry_run(void)
{
    uint64_t changes = world.store->row_changes;
    uint32_t reads = world.graph->key_reads;
    world.dry_run = true;
    world.preview.add = keep_row;
    sync_run run = sync_world_tick(&world, NULL);
    world.dry_run = false;
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_assert_eq(world.store->row_changes, changes, "it wrote");
    cr_assert_eq(world.graph->key_reads, reads, "it read a secret");
    cr_assert_eq(run.result.key_reads, 0);
    planned = run.result;
}

static bool has_row(const char *text)
{
    bool found = false;
    for (size_t i = 0; i < row_count; i++)
        found = found || strcmp(rows[i], text) == 0;
    return found;
}

static fake_key *add(const char *name, const char *serial, const char *organization, uint32_t day)
{
    fake_device *device = sync_world_device(&world, name, serial, organization);
    return fake_graph_add_key(world.graph, device, OS, day);
}

Test(sync_preview, first_dry_run_names_what_is_made_and_what_is_only_held)
{
    (void)add("PC-1", "SER-1", "org-a", 10);
    (void)add("PC-2", "SER-2", "org-b", 10);
    (void)add("PC-3", "SER-3", NULL, 10);
    dry_run();
    cr_expect_eq(row_count, 3);
    cr_expect(has_row("1 org-a PC-1"));
    cr_expect(has_row("1 org-b PC-2"));
    cr_expect(has_row("2  PC-3"));
}

Test(sync_preview, later_dry_run_names_what_changes_and_nothing_else)
{
    (void)add("PC-1", "SER-1", "org-a", 10);
    (void)add("PC-2", "SER-2", "org-b", 10);
    (void)sync_world_tick(&world, NULL);
    dry_run();
    cr_expect_eq(row_count, 0, "nothing changed");
    (void)fake_graph_add_key(world.graph, &world.graph->devices[0], OS, 20);
    (void)snprintf(world.graph->devices[1].name, sizeof world.graph->devices[1].name, "NEW-2");
    dry_run();
    cr_expect_eq(row_count, 3, "%zu rows", row_count);
    cr_expect(has_row("1 org-a PC-1"), "the newer key");
    cr_expect(has_row("5 org-a PC-1"), "the older one");
    cr_expect(has_row("3 org-b NEW-2"), "the device has another name");
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.created, planned.created);
    cr_expect_eq(run.result.updated, planned.updated);
    cr_expect_eq(run.result.archived, planned.archived);
    cr_expect_eq(run.result.unmatched, planned.unmatched);
}

Test(sync_preview, sink_that_has_enough_ends_the_list)
{
    (void)add("PC-1", "SER-1", "org-a", 10);
    (void)add("PC-2", "SER-2", "org-a", 10);
    (void)add("PC-3", "SER-3", "org-a", 10);
    rows_wanted = 2;
    dry_run();
    cr_expect_eq(row_count, 2);
}

static struct {
    bkey_phase phase; /* of the last word */
    uint64_t done[BKEY_PHASE_PUBLISH + 1];
    uint64_t total[BKEY_PHASE_PUBLISH + 1];
    bool went_back;
} told;

static void keep_progress(void *context, bkey_phase phase, uint64_t done, uint64_t total)
{
    (void)context;
    told.went_back =
        told.went_back || phase < told.phase || (phase == told.phase && done < told.done[phase]);
    told.phase = phase;
    told.done[phase] = done;
    told.total[phase] = total;
}

Test(sync_preview, tick_tells_every_phase_in_order_up_to_its_end)
{
    memset(&told, 0, sizeof told);
    (void)add("PC-1", "SER-1", "org-a", 10);
    (void)add("PC-2", "SER-2", "org-b", 10);
    (void)add("PC-3", "SER-3", NULL, 10);
    world.progress.tell = keep_progress;
    sync_run run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_expect_not(told.went_back);
    cr_expect_eq(told.phase, BKEY_PHASE_PUBLISH);
    cr_expect_eq(told.done[BKEY_PHASE_DEVICES], 3);
    cr_expect_eq(told.done[BKEY_PHASE_KEYS], 3);
    cr_expect_eq(told.done[BKEY_PHASE_SECRETS], 3);
    cr_expect_eq(told.total[BKEY_PHASE_SECRETS], 3);
    cr_expect_eq(told.done[BKEY_PHASE_PUBLISH], 3);
    cr_expect_eq(told.total[BKEY_PHASE_PUBLISH], 3);
}
