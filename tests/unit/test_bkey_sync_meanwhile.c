/* SPDX-License-Identifier: Apache-2.0
 *
 * What others do while a tick runs: people move configurations and change connections, another
 * connection publishes into the same organization. */
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
#include <stdlib.h>
#include <string.h>

#include "tests/support/sync_world.h"

#define OS "operatingSystemVolume"

static sync_world world;

static void begin(void)
{
    sync_world_init(&world);
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, OS, 10);
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(sync_meanwhile, .init = begin, .fini = end);

static void expect_done(const sync_run *run)
{
    cr_assert_eq(run->result.outcome, BKEY_OUTCOME_DONE, "%s", run->result.summary);
}

static bkey_err decided;

static void move_configuration(void *context)
{
    fake_configuration *row = context;
    (void)snprintf(row->organization_id, sizeof row->organization_id, "org-b");
}

/* S1.3 S1.77 */
Test(sync_meanwhile, a_configuration_moved_during_the_fetch_takes_its_keys_along)
{
    world.graph->on_secret = move_configuration;
    world.graph->context = &world.store->configurations[0];
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert_eq(world.store->record_count, 1);
    cr_assert_str_eq(world.store->records[0].organization_id, "org-b");
    cr_assert_null(fake_store_folder(world.store, "org-a"));
    run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.store_changes, 0);
}

static uint32_t shown_again;

static void ignore_after_the_first_records(void *context)
{
    const sync_world *w = context;
    if (bkey_is_ok(decided))
        shown_again += w->store->record_count > 0;
    if (bkey_is_ok(decided) || w->store->record_count == 0)
        return;
    w->store->on_apply = NULL;
    decided = sync_world_decide(w, BKEY_MATCH_CHANGE_IGNORE, "PC-1", "", "");
    w->store->on_apply = ignore_after_the_first_records;
}

/* S1.77: a device with more keys than one batch takes, ignored between two of its batches. */
Test(sync_meanwhile, what_is_ignored_half_way_gets_no_further_record)
{
    for (uint32_t i = 0; i < 400; i++)
        (void)fake_graph_add_key(world.graph, &world.graph->devices[0], "fixedDataVolume", 20);
    world.store->on_apply = ignore_after_the_first_records;
    world.store->context = &world;
    shown_again = 0;
    decided = bkey_fail(BKEY_E_BUG);
    (void)sync_world_tick(&world, NULL);
    cr_assert(bkey_is_ok(decided), "%s", bkey_err_name(decided));
    cr_assert_eq(world.store->record_count, 0);
    cr_assert_eq(shown_again, 0);
}

static const char *const org_a[] = {"org-a", NULL};
static const char *const both[] = {"org-a", "org-b", NULL};
static bkey_err dropped;
static bkey_err renewed;

static void connect_again(void *context)
{
    const sync_world *w = context;
    dropped = sync_world_connect(w, "refresh", org_a);
    renewed = sync_world_connect(w, "refresh", both);
}

/* An organization that a running tick may write to does not leave its connection. */
Test(sync_meanwhile, a_connection_keeps_its_organizations_while_its_tick_runs)
{
    cr_assert(bkey_is_ok(bkey_busy_new(&world.busy)));
    world.graph->on_secret = connect_again;
    world.graph->context = &world;
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(bkey_is(dropped, BKEY_E_UNIT_BUSY), "%s", bkey_err_name(dropped));
    cr_assert(bkey_is_ok(renewed), "%s", bkey_err_name(renewed));
    cr_assert(bkey_is_ok(sync_world_connect(&world, "refresh", org_a)));
    bkey_busy_free(&world.busy);
}

Test(sync_meanwhile, a_tick_waits_for_a_change_of_its_connection_but_not_for_ever)
{
    sup_guid tenant;
    cr_assert(sup_guid_parse(WORLD_TENANT, strlen(WORLD_TENANT), &tenant));
    cr_assert(bkey_is_ok(bkey_busy_new(&world.busy)));
    cr_assert(bkey_is_ok(bkey_busy_change_begin(world.busy, &tenant)));
    sync_run run = sync_world_tick(&world, NULL);
    cr_assert(bkey_is(run.result.error, BKEY_E_UNIT_BUSY), "%s", run.result.summary);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_FAILED);
    cr_assert_eq(run.waited_ms, 5000);
    cr_assert_eq(world.graph->requests[FAKE_ROUTE_TOKEN], 0);
    bkey_busy_change_end(world.busy, &tenant);
    run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert_not(bkey_busy_has_tick(world.busy, &tenant));
    bkey_busy_free(&world.busy);
}

/* S1.28 S1.51: one record out of sight holds back no other, and is told. */
Test(sync_meanwhile, a_record_in_an_organization_out_of_sight_is_told_and_left_alone)
{
    fake_record *row = &world.store->records[world.store->record_count++];
    fake_device *other = sync_world_device(&world, "PC-2", "SER-2", "org-b");
    fake_key *key = fake_graph_add_key(world.graph, other, OS, 10);
    (void)snprintf(row->external_id, sizeof row->external_id, "%s:%s", WORLD_TENANT,
                   world.graph->keys[0].id);
    (void)snprintf(row->organization_id, sizeof row->organization_id, "org-c");
    row->revision = 1;
    for (int i = 0; i < 2; i++) {
        sync_run run = sync_world_tick(&world, NULL);
        expect_done(&run);
        cr_assert_eq(run.result.failed, 1);
        cr_assert(i == 0 || run.result.store_changes == 0);
        cr_assert_not_null(strstr(run.result.summary, "does not name"), "%s", run.result.summary);
    }
    cr_assert_str_eq(row->organization_id, "org-c");
    cr_assert_eq(row->revision, 1);
    cr_assert_not_null(sync_world_record(&world, key));
    cr_assert_null(fake_store_folder(world.store, "org-a"));
}

static sync_world partner;

/* The partner's first publication stops after its first batch. */
static void stop_half_way(void)
{
    const sync_fault fault = {.kind = FAKE_FAULT_ERROR, .apply_at = 2, .reason = BKEY_E_STORE_BUSY};
    cr_assert(bkey_is_ok(bkey_busy_new(&world.busy)));
    sync_world_share(&partner, &world);
    for (uint32_t i = 0; i < 150; i++) {
        char serial[32];
        (void)snprintf(serial, sizeof serial, "PARTNER-%u", i);
        fake_device *device = sync_world_device(&partner, serial, serial, "org-a");
        (void)fake_graph_add_key(partner.graph, device, OS, 10);
    }
    for (int i = 0; i < 50 && fake_store_folder(world.store, "org-a") == NULL; i++)
        (void)sync_world_tick(&partner, &fault);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    cr_assert_lt(world.store->record_count, 150);
}

static void end_sharing(void)
{
    fake_graph_free(partner.graph);
    bkey_busy_free(&world.busy);
}

/* S1.28 */
Test(sync_meanwhile, the_last_of_two_first_publications_shows_the_folder)
{
    stop_half_way();
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    run = sync_world_tick(&partner, NULL);
    expect_done(&run);
    cr_assert_not(fake_store_folder(world.store, "org-a")->hidden);
    cr_assert_eq(world.store->record_count, 151);
    run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.store_changes, 0);
    end_sharing();
}

static void restart(void)
{
    bkey_busy_free(&world.busy);
    cr_assert(bkey_is_ok(bkey_busy_new(&world.busy)));
    partner.busy = world.busy;
}

/* S1.28: what an earlier process began counts too, by what it left. */
Test(sync_meanwhile, a_first_publication_is_not_forgotten_by_a_restart)
{
    stop_half_way();
    restart();
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    restart();
    run = sync_world_tick(&world, NULL);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    cr_assert_eq(run.result.store_changes, 0);
    run = sync_world_tick(&partner, NULL);
    expect_done(&run);
    cr_assert_not(fake_store_folder(world.store, "org-a")->hidden);
    cr_assert_eq(world.store->record_count, 151);
    end_sharing();
}

Test(sync_meanwhile, patience_with_what_an_earlier_process_began_ends_too)
{
    stop_half_way();
    restart();
    (void)sync_world_tick(&world, NULL);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    world.later_ns = BKEY_BUSY_PATIENCE_NS + 1000000000000u;
    (void)sync_world_tick(&world, NULL);
    cr_assert_not(fake_store_folder(world.store, "org-a")->hidden);
    end_sharing();
}

/* S1.27: a connection that stays broken does not hide another customer's keys for ever. */
Test(sync_meanwhile, a_folder_waits_an_hour_for_a_first_publication_that_does_not_end)
{
    stop_half_way();
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(fake_store_folder(world.store, "org-a")->hidden);
    world.later_ns = BKEY_BUSY_PATIENCE_NS + 1000000000000u;
    run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert_not(fake_store_folder(world.store, "org-a")->hidden);
    end_sharing();
}

static void take_back(void *context)
{
    const sync_world *w = context;
    w->graph->on_secret = NULL;
    decided = sync_world_decide(w, BKEY_MATCH_CHANGE_UNDO, "PC-1", "", "");
}

/* S1.77: a tick that was planned before does not put a new key where the match was taken back. */
Test(sync_meanwhile, a_match_taken_back_during_the_fetch_keeps_new_keys_out)
{
    sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert_eq(world.store->record_count, 1);
    (void)fake_graph_add_key(world.graph, &world.graph->devices[0], "fixedDataVolume", 20);
    world.graph->on_secret = take_back;
    world.graph->context = &world;
    run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(bkey_is_ok(decided), "%s", bkey_err_name(decided));
    cr_assert_eq(world.store->record_count, 0);
    cr_assert_eq(sync_world_state(&world, 'S'), 2);
    run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.store_changes, 0);
    cr_assert_eq(world.store->record_count, 0);
}

static void match_elsewhere(void *context)
{
    const sync_world *w = context;
    w->graph->on_secret = NULL;
    decided = sync_world_decide(w, BKEY_MATCH_CHANGE_SET, "PC-1", "conf-b", "");
}

Test(sync_meanwhile, a_match_changed_during_the_fetch_takes_all_keys_along)
{
    (void)fake_store_add_configuration(world.store, "org-b", "conf-b", "Other", "");
    sync_run run = sync_world_tick(&world, NULL);
    (void)fake_graph_add_key(world.graph, &world.graph->devices[0], OS, 20);
    world.graph->on_secret = match_elsewhere;
    world.graph->context = &world;
    run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_assert(bkey_is_ok(decided), "%s", bkey_err_name(decided));
    cr_assert_eq(world.store->record_count, 2);
    for (uint32_t i = 0; i < 2; i++)
        cr_expect_str_eq(world.store->records[i].organization_id, "org-b");
}

#define WRONG "000011-000022-000033-000044-000055-000066-000077-000099"

/* S3.6: what a write brought that did not land is not told. */
Test(sync_meanwhile, a_replaced_password_counts_once_however_often_it_is_planned)
{
    char file[256];
    const sync_fault meanwhile = {
        .kind = FAKE_FAULT_ERROR, .apply_at = 1, .reason = BKEY_E_CONFLICT};
    (void)snprintf(file, sizeof file, "Name;Password\n2026-01-01T00:00:00-00:00{%s};%s\n",
                   world.graph->keys[0].id, WRONG);
    free(sync_world_import(&world, "org-a", file, false, NULL));
    const sync_run run = sync_world_tick(&world, &meanwhile);
    expect_done(&run);
    cr_expect_eq(world.graph->key_reads, 2, "it was planned anew");
    cr_expect_not_null(strstr(run.result.summary, "1 imported passwords were not"), "%s",
                       run.result.summary);
}

/* S3.40: a key that left the listing is forgotten, and its place is another key's. */
Test(sync_meanwhile, an_unread_key_that_leaves_the_listing_is_forgotten)
{
    cr_assert(bkey_is_ok(bkey_recall_new(&world.recall)));
    world.graph->keys[0].status = 404;
    (void)sync_world_tick(&world, NULL);
    const uint32_t asked = world.graph->requests[FAKE_ROUTE_SECRET];
    (void)sync_world_tick(&world, NULL);
    cr_assert_eq(world.graph->requests[FAKE_ROUTE_SECRET], asked, "it is remembered");
    world.graph->keys[0].gone = true;
    (void)sync_world_tick(&world, NULL);
    world.graph->keys[0].gone = false;
    world.graph->keys[0].status = 0;
    const sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_expect_eq(run.result.created, 1);
    bkey_recall_free(&world.recall);
}

#define WIRED "3C:52:82:11:22:33"
#define DAY_NS (UINT64_C(24) * 3600 * 1000000000u)

static void refuse_addresses(void)
{
    const fake_graph_fault refusal = {.route = FAKE_ROUTE_ADDRESSES,
                                      .count = -1,
                                      .status = 403,
                                      .retry_after_ms = -1,
                                      .body = "{}"};
    fake_device *device = sync_world_device(&world, "PC-2", "None", NULL);
    fake_configuration *row =
        fake_store_add_configuration(world.store, "org-b", "by-wire", "PC-2", "");
    (void)fake_graph_add_key(world.graph, device, OS, 10);
    (void)snprintf(device->wired, sizeof device->wired, "%s", WIRED);
    (void)snprintf(row->mac, sizeof row->mac, "%s", WIRED);
    fake_graph_add_fault(world.graph, &refusal);
    cr_assert(bkey_is_ok(bkey_recall_new(&world.recall)));
    for (int i = 0; i < 3; i++) {
        const sync_run run = sync_world_tick(&world, NULL);
        expect_done(&run);
        cr_assert_eq(world.graph->requests[FAKE_ROUTE_ADDRESSES], 1, "tick %d", i);
        cr_assert(i == 0 || run.result.store_changes == 0, "tick %d", i);
    }
    world.graph->fault_count = 0;
}

static void expect_addressed(void)
{
    const sync_run run = sync_world_tick(&world, NULL);
    expect_done(&run);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_ADDRESSES], 2);
    cr_expect_not_null(sync_world_record(&world, &world.graph->keys[1]));
    bkey_recall_free(&world.recall);
}

/* S1.104 */
Test(sync_meanwhile, a_refused_address_is_asked_for_again_after_a_day)
{
    refuse_addresses();
    world.later_ns = DAY_NS - 1000000000u;
    const sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.store_changes, 0);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_ADDRESSES], 1);
    world.later_ns = DAY_NS + 1000000000u;
    expect_addressed();
}

Test(sync_meanwhile, a_refused_address_is_asked_for_again_when_more_is_granted)
{
    refuse_addresses();
    (void)snprintf(world.graph->scopes, sizeof world.graph->scopes, "%s",
                   "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All User.Read.All");
    expect_addressed();
}
