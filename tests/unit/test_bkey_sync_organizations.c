/* SPDX-License-Identifier: Apache-2.0
 *
 * Organizations that a connection names and that are merged or deleted: the connection follows a
 * merge, and what is gone is told (S1.17). */
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
    fake_store_add_organization(world.store, "org-c", "Org C");
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, OS, 10);
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(sync_organizations, .init = begin, .fini = end);

static sync_run tick(void)
{
    const sync_run run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    return run;
}

static void expect_idle(void)
{
    const uint64_t rows = world.store->row_changes;
    const sync_run run = tick();
    cr_expect_eq(run.result.store_changes, 0);
    cr_expect_eq(run.result.key_reads, 0);
    cr_expect_eq(world.store->row_changes, rows);
}

/* As a host does it: what the one that goes has is the other one's, and its id leads there. */
static void merge(const char *from, const char *into)
{
    fake_store *store = world.store;
    for (uint32_t i = 0; i < store->organization_count; i++)
        if (strcmp(store->organizations[i].id, from) == 0)
            (void)snprintf(store->organizations[i].into, sizeof store->organizations[i].into, "%s",
                           into);
    for (uint32_t i = 0; i < store->configuration_count; i++)
        if (strcmp(store->configurations[i].organization_id, from) == 0)
            (void)snprintf(store->configurations[i].organization_id,
                           sizeof store->configurations[i].organization_id, "%s", into);
}

static bool is_in(uint32_t key, const char *organization)
{
    const fake_record *row = sync_world_record(&world, &world.graph->keys[key]);
    return row != NULL && strcmp(row->organization_id, organization) == 0;
}

Test(sync_organizations, a_connection_follows_a_merge)
{
    merge("org-a", "org-c");
    const sync_run run = tick();
    cr_expect(is_in(0, "org-c"));
    cr_expect_null(strstr(run.result.summary, "no longer exist"));
    expect_idle();
}

Test(sync_organizations, a_merge_into_one_that_it_names_leaves_one)
{
    merge("org-a", "org-b");
    (void)tick();
    cr_expect(is_in(0, "org-b"));
    expect_idle();
}

Test(sync_organizations, a_merge_of_a_merge_is_followed_to_its_end)
{
    merge("org-c", "org-b");
    merge("org-a", "org-c");
    world.store->configurations[0].organization_id[4] = 'b';
    (void)tick();
    cr_expect(is_in(0, "org-b"));
    expect_idle();
}

/* A crash can leave keys that have no record; nothing forbids the merge then. */
Test(sync_organizations, what_was_read_for_the_one_that_went_moves_along)
{
    const sync_fault crash = {.kind = FAKE_FAULT_ERROR, .apply_at = 2, .reason = BKEY_E_STORE};
    for (int i = 0; i < 5 && sync_world_state(&world, 'S') == 0; i++)
        (void)sync_world_tick(&world, &crash);
    cr_assert_eq(sync_world_state(&world, 'S'), 1);
    cr_assert_eq(world.store->record_count, 0);
    const uint32_t reads = world.graph->key_reads;
    merge("org-a", "org-c");
    (void)tick();
    cr_expect(is_in(0, "org-c"));
    cr_expect_eq(world.graph->key_reads, reads, "what is held is not read again");
    (void)tick();
    expect_idle();
}

Test(sync_organizations, looking_changes_nothing)
{
    merge("org-a", "org-c");
    const uint64_t rows = world.store->row_changes;
    world.dry_run = true;
    const sync_run run = tick();
    cr_expect_eq(run.result.created, 1);
    cr_expect_eq(world.store->row_changes, rows);
}

/* S1.17 */
Test(sync_organizations, one_that_is_gone_is_told_and_holds_nothing_up)
{
    (void)tick();
    world.store->organizations[1].gone = true;
    (void)fake_graph_add_user(world.graph, "Ann", "ann@example.org");
    const sync_run run = tick();
    cr_expect_not_null(strstr(run.result.summary, "1 of the organizations that this connection"),
                       "%s", run.result.summary);
    cr_expect(is_in(0, "org-a"));
    expect_idle();
    world.is_check = true;
    const sync_run check = tick();
    cr_expect_str_eq(check.result.summary, "Checked: 1 findings.");
}

static const char *const org_b[] = {"org-b", NULL};

Test(sync_organizations, when_none_is_left_keys_are_read_and_wait)
{
    cr_assert(bkey_is_ok(sync_world_connect(&world, "refresh", org_b)));
    world.store->organizations[1].gone = true;
    (void)fake_graph_add_user(world.graph, "Ann", "ann@example.org");
    (void)snprintf(world.graph->scopes, sizeof world.graph->scopes, "%s",
                   "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All User.Read.All "
                   "LicenseAssignment.Read.All");
    const sync_run run = tick();
    cr_expect_eq(run.result.unmatched, 1);
    cr_expect_not_null(strstr(run.result.summary, "1 of the organizations"), "%s",
                       run.result.summary);
    expect_idle();
}
