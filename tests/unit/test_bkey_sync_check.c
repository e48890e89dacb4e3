/* SPDX-License-Identifier: Apache-2.0
 *
 * A tick that only looks: whatever happens to it, nothing that is documented changes, no key is
 * read, and what was found is kept once. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c plugin/src/usecase/?*.c plugin/src/base/?*.c plugin/src/domain/?*.c
 * plugin/src/state/?*.c plugin/src/graph/decode?*.c plugin/src/graph/decode.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c plugin/src/graph/device_code.c
 * plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c plugin/src/graph/device_code.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/sync_world.h"

#define OS "operatingSystemVolume"

static sync_world world;
static sync_world copy;

/* One published key, and a newer one at the source that must stay unread. */
static void begin(void)
{
    sync_world_init(&world);
    sync_world_init(&copy);
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, OS, 10);
    sync_run run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    (void)fake_graph_add_key(world.graph, device, OS, 20);
    world.is_check = true;
}

static void end(void)
{
    sync_world_done(&copy);
    sync_world_done(&world);
}

TestSuite(sync_check, .init = begin, .fini = end);

static void expect_documented_alike(const sync_world *now)
{
    const fake_record *record = sync_world_record(now, &now->graph->keys[0]);
    cr_assert_not_null(record);
    cr_expect_not(record->archived);
    cr_expect_eq(now->store->record_count, 1);
    cr_expect_eq(now->store->activity_count, world.store->activity_count);
    cr_expect_eq(now->graph->key_reads, 1);
    cr_expect_leq(sync_world_state(now, 'F'), 1);
}

/* D9: nothing but what was found is written. */
Test(sync_check, a_check_keeps_one_row_and_reads_no_key)
{
    const uint64_t rows = world.store->row_changes;
    for (uint64_t i = 1; i <= 3; i++) {
        sync_run run = sync_world_tick(&world, NULL);
        cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
        cr_expect_eq(run.result.key_reads, 0);
        cr_expect_eq(sync_world_state(&world, 'F'), 1);
        cr_expect_eq(world.store->row_changes, rows + i);
        cr_expect_eq(world.graph->requests[FAKE_ROUTE_SECRET], 1);
    }
    expect_documented_alike(&world);
}

/* The rule of an unchanged sync holds beside a check that was kept. */
Test(sync_check, an_unchanged_sync_leaves_what_was_found_alone)
{
    world.is_check = false;
    (void)sync_world_tick(&world, NULL);
    world.is_check = true;
    (void)sync_world_tick(&world, NULL);
    world.is_check = false;
    const uint64_t rows = world.store->row_changes;
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.store_changes, 0);
    cr_expect_eq(world.store->row_changes, rows);
}

Test(sync_check, what_cannot_be_repeated_is_not)
{
    static const fake_graph_fault slow = {FAKE_ROUTE_KEYS, 0, -1, 429, 60000, "{}"};
    fake_graph_add_fault(world.graph, &slow);
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_expect_eq(run.waited_ms, 0);
    expect_documented_alike(&world);
}

Test(sync_check, a_check_that_fails_anywhere_changes_nothing_that_is_documented)
{
    sync_world_copy(&copy, &world);
    const uint64_t calls = sync_world_tick(&copy, NULL).calls;
    cr_assert_gt(calls, 4u);
    for (uint64_t at = 1; at <= calls; at++) {
        const sync_fault fault = {.kind = FAKE_FAULT_ERROR, .at = at, .reason = BKEY_E_STORE_BUSY};
        sync_world_copy(&copy, &world);
        (void)sync_world_tick(&copy, &fault);
        expect_documented_alike(&copy);
        sync_run again = sync_world_tick(&copy, NULL);
        cr_expect_eq(again.result.outcome, BKEY_OUTCOME_DONE, "%s", again.result.summary);
        cr_expect_eq(sync_world_state(&copy, 'F'), 1);
    }
}

Test(sync_check, an_unknown_outcome_keeps_what_was_found_once)
{
    static const fake_fault kinds[] = {FAKE_FAULT_LANDED, FAKE_FAULT_NOT_LANDED};
    for (size_t i = 0; i < 2; i++) {
        const sync_fault fault = {.kind = kinds[i], .apply_at = 1};
        sync_world_copy(&copy, &world);
        sync_run run = sync_world_tick(&copy, &fault);
        cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
        cr_expect_eq(sync_world_state(&copy, 'F'), 1);
        expect_documented_alike(&copy);
    }
}

/* S1.5 S1.83 */
Test(sync_check, without_the_add_on_nobody_is_asked)
{
    const uint32_t tokens = world.graph->requests[FAKE_ROUTE_TOKEN];
    world.not_entitled = true;
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_TOKEN], tokens);
    cr_expect_eq(sync_world_state(&world, 'F'), 1);
}

/* S1.13 */
Test(sync_check, with_the_box_off_keys_are_not_listed)
{
    const uint32_t listings = world.graph->requests[FAKE_ROUTE_KEYS];
    const uint32_t tokens = world.graph->requests[FAKE_ROUTE_TOKEN];
    world.settings[0] = "sync_bitlocker_keys";
    world.settings[1] = "false";
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_KEYS], listings);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_TOKEN], tokens + 1);
}
