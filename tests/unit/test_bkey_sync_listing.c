/* SPDX-License-Identifier: Apache-2.0
 *
 * Listings that go side by side: none waits for another, and each is complete or an error. */
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
#define WAIT_MS 30000

static sync_world world;

static void begin(void)
{
    sync_world_init(&world);
    world.graph->page_size = 1;
    world.graph->directory = true;
    world.graph->report = true;
    for (int i = 0; i < 3; i++) {
        char name[16];
        char serial[16];
        (void)snprintf(name, sizeof name, "PC-%d", i);
        (void)snprintf(serial, sizeof serial, "SER-%d", i);
        fake_device *device = sync_world_device(&world, name, serial, "org-a");
        (void)fake_graph_add_key(world.graph, device, OS, 10);
    }
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(sync_listing, .init = begin, .fini = end);

static void fault(fake_route route, uint32_t skip, int32_t status)
{
    const fake_graph_fault row = {
        .route = route, .skip = skip, .count = 1, .status = status, .retry_after_ms = WAIT_MS};
    fake_graph_add_fault(world.graph, &row);
}

static void expect_all(const sync_run *run)
{
    cr_assert_eq(run->result.outcome, BKEY_OUTCOME_DONE, "%s", run->result.summary);
    cr_expect_eq(run->result.created, 3);
    cr_expect_eq(sync_world_tick(&world, NULL).result.store_changes, 0);
}

Test(sync_listing, listings_that_are_throttled_wait_at_the_same_time)
{
    fault(FAKE_ROUTE_DEVICES, 1, 429);
    fault(FAKE_ROUTE_KEYS, 1, 429);
    const sync_run run = sync_world_tick(&world, NULL);
    cr_expect_geq(run.waited_ms, WAIT_MS - 1000);
    cr_expect_lt(run.waited_ms, 2 * WAIT_MS);
    expect_all(&run);
}

/* S1.73 */
Test(sync_listing, listing_that_breaks_off_beside_a_complete_one_archives_nothing)
{
    sync_run run = sync_world_tick(&world, NULL);
    expect_all(&run);
    fault(FAKE_ROUTE_DEVICES, 2, 400);
    world.graph->keys[0].gone = true;
    run = sync_world_tick(&world, NULL);
    cr_expect_neq(run.result.outcome, BKEY_OUTCOME_DONE);
    cr_expect_eq(run.result.store_changes, 0);
}

Test(sync_listing, token_refused_to_both_is_renewed_once)
{
    fault(FAKE_ROUTE_DEVICES, 0, 401);
    fault(FAKE_ROUTE_KEYS, 0, 401);
    const sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_TOKEN], 2);
    expect_all(&run);
}

Test(sync_listing, page_that_a_new_token_does_not_open_either_is_refused)
{
    fault(FAKE_ROUTE_KEYS, 1, 401);
    fault(FAKE_ROUTE_KEYS, 0, 401);
    const sync_run run = sync_world_tick(&world, NULL);
    cr_expect_neq(run.result.outcome, BKEY_OUTCOME_DONE);
    cr_expect_eq(run.result.store_changes, 0);
    cr_expect_eq(world.graph->key_reads, 0);
}

Test(sync_listing, two_listings_are_under_way_at_once)
{
    const sync_run run = sync_world_tick(&world, NULL);
    cr_expect_geq(world.graph->most_in_flight, 2);
    expect_all(&run);
}
