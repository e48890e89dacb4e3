/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticks that must not go on: what is missing is told, and nothing that is documented changes. */
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
#include "usecase/sync.h"

#define OS "operatingSystemVolume"

static sync_world world;
static uint64_t rows_before;
static uint64_t reads_before;

/* One device with one published key, and a newer key at the source that nobody has seen. */
static void begin(void)
{
    sync_world_init(&world);
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, OS, 10);
    sync_run run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    (void)fake_graph_add_key(world.graph, device, OS, 20);
    rows_before = world.store->row_changes;
    reads_before = world.graph->key_reads;
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(sync_refusals, .init = begin, .fini = end);

static void expect_untouched(const sync_run *run, bkey_outcome outcome)
{
    cr_assert_eq(run->result.outcome, outcome, "%s", run->result.summary);
    cr_assert_eq(world.store->row_changes, rows_before);
    cr_assert_eq(run->result.store_changes, 0);
    cr_assert_eq(world.graph->key_reads, reads_before);
    cr_assert_eq(world.store->record_count, 1);
    cr_assert_not(world.store->records[0].archived);
    cr_assert_neq(run->result.summary[0], '\0');
}

static void add_fault(fake_route route, int32_t status, const char *body)
{
    fake_graph_fault fault = {route, 0, -1, status, -1, ""};
    strncpy(fault.body, body, sizeof fault.body - 1);
    fake_graph_add_fault(world.graph, &fault);
}

/* S1.5 S1.83 */
Test(sync_refusals, without_entitlement_no_request_leaves)
{
    uint32_t tokens = world.graph->requests[FAKE_ROUTE_TOKEN];
    world.not_entitled = true;
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert_eq(world.graph->requests[FAKE_ROUTE_TOKEN], tokens);
}

static void expect_signin(const char *wanted)
{
    char text[4096];
    sync_world_signin(&world, text, sizeof text);
    cr_expect_not_null(strstr(text, wanted), "%s", text);
}

/* S1.5 S1.83: nor for a sign-in that somebody began; it goes on when the add-on is back. */
Test(sync_refusals, without_entitlement_no_sign_in_takes_a_step)
{
    static const char *const both[] = {"org-a", "org-b", NULL};
    const uint32_t tokens = world.graph->requests[FAKE_ROUTE_TOKEN];
    cr_assert(bkey_is_ok(sync_world_connect(&world, "device", both)));
    expect_signin("\"state\":\"begun\"");
    const uint64_t rows = world.store->row_changes;
    world.not_entitled = true;
    for (unsigned i = 0; i < 2; i++) {
        const sync_run run = sync_world_tick(&world, NULL);
        cr_expect_eq(run.result.outcome, BKEY_OUTCOME_REFUSED, "%s", run.result.summary);
        cr_expect_not_null(strstr(run.result.summary, "add-on"), "%s", run.result.summary);
        cr_expect_eq(run.result.store_changes, 0);
        expect_signin("\"state\":\"begun\"");
        world.later_ns += UINT64_C(60) * 1000000000u;
    }
    cr_expect_eq(world.store->row_changes, rows);
    cr_expect_eq(world.graph->requests[FAKE_ROUTE_TOKEN], tokens);
    world.not_entitled = false;
    (void)sync_world_tick(&world, NULL);
    expect_signin("\"state\":\"waiting\"");
    cr_expect_gt(world.graph->requests[FAKE_ROUTE_TOKEN], tokens);
}

/* S1.13 S1.15 S1.17 S1.18: all problems in one answer, in a stable order. */
Test(sync_refusals, every_missing_prerequisite_is_told_at_once)
{
    uint32_t listings = world.graph->requests[FAKE_ROUTE_KEYS];
    world.not_entitled = true;
    world.settings[0] = "sync_bitlocker_keys";
    world.settings[1] = "false";
    world.settings[2] = "sync_intune_devices";
    world.settings[3] = "false";
    world.settings[4] = "accepted_grants";
    world.settings[5] = "application";
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    const char *add_on = strstr(run.result.summary, "add-on");
    const char *keys = strstr(run.result.summary, "sync_bitlocker_keys");
    const char *devices = strstr(run.result.summary, "sync_intune_devices");
    const char *grants = strstr(run.result.summary, "accepted_grants");
    cr_assert(add_on && keys && devices && grants, "%s", run.result.summary);
    cr_assert(add_on < keys && keys < devices && devices < grants);
    cr_assert_eq(world.graph->requests[FAKE_ROUTE_KEYS], listings);
}

/* S1.10: the message has the permission's name. */
Test(sync_refusals, a_missing_permission_is_named)
{
    (void)snprintf(world.graph->scopes, sizeof world.graph->scopes,
                   "DeviceManagementManagedDevices.Read.All BitlockerKey.ReadBasic.All");
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert(strstr(run.result.summary, "BitlockerKey.Read.All"), "%s", run.result.summary);
}

/* S1.11: wrong type is not "missing". */
Test(sync_refusals, application_permissions_are_of_the_wrong_type)
{
    world.graph->application = true;
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert(bkey_is(run.result.error, BKEY_E_PERM_TYPE));
    world.settings[0] = "accepted_grants";
    world.settings[1] = "both";
    run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
}

Test(sync_refusals, a_token_of_another_tenant_is_not_used)
{
    (void)snprintf(world.graph->tenant, sizeof world.graph->tenant,
                   "99999999-0000-4000-8000-000000000000");
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert(bkey_is(run.result.error, BKEY_E_WRONG_TENANT));
}

Test(sync_refusals, an_ended_sign_in_tells_the_code_of_microsoft)
{
    add_fault(FAKE_ROUTE_TOKEN, 400,
              "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50173: x\","
              "\"error_codes\":[50173]}");
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert(strstr(run.result.summary, "AADSTS50173"), "%s", run.result.summary);
}

/* S1.73: whatever is wrong with a listing, nothing is archived and nothing is written. */
Test(sync_refusals, a_listing_that_is_not_complete_changes_nothing)
{
    static const struct {
        fake_route route;
        int32_t status;
        const char *body;
        uint32_t reason;
    } rows[] = {
        {FAKE_ROUTE_KEYS, 403, "{}", BKEY_E_PERM_KEY_LIST},
        {FAKE_ROUTE_KEYS, 404, "{}", 0},
        {FAKE_ROUTE_KEYS, 500, "{}", BKEY_E_REMOTE_FAULT},
        {FAKE_ROUTE_KEYS, 429, "{}", BKEY_E_THROTTLED},
        {FAKE_ROUTE_KEYS, 0, "", BKEY_E_NETWORK},
        {FAKE_ROUTE_KEYS, 401, "{}", BKEY_E_TOKEN_REFUSED},
        {FAKE_ROUTE_KEYS, 200, "{\"value\":[{\"id\":", BKEY_E_BODY},
        {FAKE_ROUTE_KEYS, 200, "{}", BKEY_E_BODY},
        {FAKE_ROUTE_DEVICES, 403, "{}", BKEY_E_PERM_DEVICES},
        {FAKE_ROUTE_DEVICES, 200, "<html>", BKEY_E_BODY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world.graph->fault_count = 0;
        add_fault(rows[i].route, rows[i].status, rows[i].body);
        sync_run run = sync_world_tick(&world, NULL);
        cr_assert_neq(run.result.outcome, BKEY_OUTCOME_DONE, "row %zu", i);
        expect_untouched(&run, run.result.outcome);
        if (rows[i].reason != 0)
            cr_assert(bkey_is(run.result.error, rows[i].reason), "row %zu: %s", i,
                      bkey_err_name(run.result.error));
    }
}

static const uint32_t silences[] = {
    BKEY_E_NETWORK,      BKEY_E_PROXY,     BKEY_E_PROXY_LOGIN, BKEY_E_CA_FILE,        BKEY_E_TLS,
    BKEY_E_CERT_EXPIRED, BKEY_E_CERT_NAME, BKEY_E_TLS_FLOOR,   BKEY_E_CERT_UNTRUSTED,
};

/* A server that is not Microsoft's says nothing, and what it would say is not believed. */
Test(sync_refusals, a_connection_that_is_not_trusted_changes_nothing)
{
    static const fake_route routes[] = {FAKE_ROUTE_TOKEN, FAKE_ROUTE_KEYS, FAKE_ROUTE_DEVICES};
    for (size_t i = 0; i < 3 * sizeof silences / sizeof silences[0]; i++) {
        const bkey_err err = bkey_fail(silences[i / 3]);
        world.graph->fault_count = 0;
        world.graph->silence = err.reason;
        add_fault(routes[i % 3], 0, "");
        sync_run run = sync_world_tick(&world, NULL);
        cr_assert_neq(run.result.outcome, BKEY_OUTCOME_DONE);
        expect_untouched(&run, run.result.outcome);
        cr_assert(bkey_is(run.result.error, err.reason), "%zu: %s", i,
                  bkey_err_name(run.result.error));
        cr_assert(strstr(run.result.summary, bkey_err_text(err)), "%s", run.result.summary);
        cr_assert_eq(strncmp(run.result.summary, "At ", 3) == 0, bkey_err_is_tls(err));
    }
}

/* What only adds to the list of devices may be missing, and is no answer then. */
Test(sync_refusals, a_source_that_is_not_reached_has_denied_nothing)
{
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
        bkey_sync_answer answer = BKEY_SYNC_COMPLETE;
        cr_assert(bkey_is_ok(bkey_sync_devices_judge(bkey_fail(silences[i]), &answer)));
        cr_assert_eq(answer, BKEY_SYNC_NO_NEWS, "%s", bkey_err_name(bkey_fail(silences[i])));
    }
}

/* A token goes to its own origin only, and paging has an end. */
Test(sync_refusals, a_next_link_elsewhere_or_in_a_circle_ends_the_tick)
{
    world.graph->page_size = 1;
    world.graph->foreign_link = true;
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_FAILED);
    cr_assert(bkey_is(run.result.error, BKEY_E_NEXT_LINK));
    world.graph->foreign_link = false;
    world.graph->loop_pages = true;
    run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_FAILED);
    cr_assert(bkey_is(run.result.error, BKEY_E_PAGES));
}

/* S1.10: the first key read that is forbidden ends the run. */
Test(sync_refusals, a_forbidden_key_read_ends_the_run_with_its_permission)
{
    add_fault(FAKE_ROUTE_SECRET, 403, "{\"error\":{\"code\":\"forbidden\",\"message\":\"\"}}");
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_REFUSED);
    cr_assert(bkey_is(run.result.error, BKEY_E_PERM_KEY_READ));
}

Test(sync_refusals, a_dry_run_counts_and_writes_nothing)
{
    world.dry_run = true;
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_DONE);
    cr_assert_eq(run.result.created, 1);
}

Test(sync_refusals, a_deadline_ends_the_tick_between_two_requests)
{
    const fake_graph_fault slow = {FAKE_ROUTE_SECRET, 0, 3, 429, 60000, "{}"};
    fake_graph_add_fault(world.graph, &slow);
    world.deadline_ms = 30000;
    sync_run run = sync_world_tick(&world, NULL);
    expect_untouched(&run, BKEY_OUTCOME_FAILED);
    cr_assert(bkey_is(run.result.error, BKEY_E_DEADLINE));
}

Test(sync_refusals, retry_after_is_never_undercut)
{
    const fake_graph_fault slow = {FAKE_ROUTE_SECRET, 0, 1, 429, 45000, "{}"};
    fake_graph_add_fault(world.graph, &slow);
    sync_run run = sync_world_tick(&world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    cr_assert_geq(run.waited_ms, 45000);
}

/* S1.94: what Microsoft gave is nowhere readable in what the host keeps. */
Test(sync_refusals, no_secret_is_readable_in_the_store)
{
    cr_assert_not(fake_store_contains(world.store, world.graph->keys[0].password, 13));
    cr_assert_not(fake_store_contains(world.store, "first-credential", 16));
    cr_assert(fake_store_contains(world.store, "PC-1", 4));
}
