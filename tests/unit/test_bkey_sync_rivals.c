/* SPDX-License-Identifier: Apache-2.0
 *
 * Two tenants whose connections share organizations, and devices of both that say the same of
 * themselves: whichever ticks first, no configuration gets the keys of both. */
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

static sync_world one;
static sync_world two;

static void begin(void)
{
    sync_world_init(&one);
    sync_world_share(&two, &one);
    fake_device *device = sync_world_device(&one, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(one.graph, device, OS, 10);
    device = sync_world_device(&two, "PC-9", "ser-1", NULL);
    (void)fake_graph_add_key(two.graph, device, OS, 10);
}

static void end(void)
{
    fake_graph_free(two.graph);
    sync_world_done(&one);
}

TestSuite(sync_rivals, .init = begin, .fini = end);

static sync_run tick(const sync_world *world)
{
    const sync_run run = sync_world_tick(world, NULL);
    cr_assert_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
    return run;
}

static bool is_placed(const sync_world *world)
{
    return sync_world_record(world, &world->graph->keys[0]) != NULL;
}

/* Neither writes anything nor reads a secret any more (S1.51). */
static void expect_idle(void)
{
    const sync_world *const both[] = {&one, &two, &one};
    for (size_t i = 0; i < 3; i++) {
        const uint64_t rows = one.store->row_changes;
        const sync_run run = tick(both[i]);
        cr_expect_eq(run.result.store_changes, 0);
        cr_expect_eq(run.result.key_reads, 0);
        cr_expect_eq(one.store->row_changes, rows);
    }
}

static void expect_told(const char *state, const char *sentence)
{
    char *json = sync_world_ask(&one, state, NULL, "");
    cr_expect_not_null(strstr(json, sentence), "%s", json);
    free(json);
}

/* D8 S1.105 */
Test(sync_rivals, a_serial_that_another_tenants_device_has_waits_for_a_person)
{
    (void)tick(&one);
    (void)tick(&two);
    cr_expect(is_placed(&one));
    cr_expect_not(is_placed(&two));
    expect_told("quarantined", "A device of another tenant has the same serial number");
    expect_told("quarantined", "\"configuration_id\":\"conf-1\"");
    expect_idle();
}

Test(sync_rivals, whoever_ticks_first_has_it)
{
    (void)tick(&two);
    (void)tick(&one);
    cr_expect(is_placed(&two));
    cr_expect_not(is_placed(&one));
    expect_idle();
}

/* Both are known before anybody has a configuration with that serial number. */
Test(sync_rivals, neither_of_two_that_wait_gets_it)
{
    one.store->configuration_count = 0;
    (void)tick(&one);
    (void)tick(&two);
    (void)fake_store_add_configuration(one.store, "org-a", "late", "PC-1", "SER-1");
    (void)tick(&one);
    (void)tick(&two);
    cr_expect_not(is_placed(&one));
    cr_expect_not(is_placed(&two));
    expect_idle();
}

Test(sync_rivals, it_is_placed_when_the_other_is_gone)
{
    (void)tick(&one);
    (void)tick(&two);
    one.graph->devices[0].gone = true;
    one.graph->devices[0].not_in_entra = true;
    (void)tick(&one);
    (void)tick(&two);
    cr_expect(is_placed(&one), "what is shown stays");
    cr_expect(is_placed(&two));
    expect_idle();
}

Test(sync_rivals, a_match_by_a_person_is_taken_too)
{
    one.store->configuration_count = 0;
    (void)snprintf(one.graph->devices[0].serial, sizeof one.graph->devices[0].serial, "OTHER");
    (void)tick(&one);
    (void)fake_store_add_configuration(one.store, "org-a", "by-hand", "PC-1", "SER-1");
    cr_assert(bkey_is_ok(sync_world_decide(&one, BKEY_MATCH_CHANGE_SET, "PC-1", "by-hand", "")));
    (void)tick(&one);
    (void)tick(&two);
    cr_expect(is_placed(&one));
    cr_expect_not(is_placed(&two));
    expect_idle();
}

static const char *const org_a[] = {"org-a", NULL};

/* Nobody else's folder can be hit: the rule within one tenant holds between two (decision 0140). */
Test(sync_rivals, a_connection_to_one_organization_places_what_can_go_nowhere_else)
{
    cr_assert(bkey_is_ok(sync_world_connect(&one, "refresh", org_a)));
    (void)tick(&two);
    (void)tick(&one);
    cr_expect(is_placed(&two));
    cr_expect(is_placed(&one));
    expect_idle();
}

Test(sync_rivals, connections_that_share_nothing_do_not_meet)
{
    static const char *const others[] = {"org-b", "org-c", NULL};
    fake_store_add_organization(one.store, "org-c", "Org C");
    fake_store_add_organization(one.store, "org-d", "Org D");
    static const char *const own[] = {"org-a", "org-d", NULL};
    cr_assert(bkey_is_ok(sync_world_connect(&one, "refresh", own)));
    cr_assert(bkey_is_ok(sync_world_connect(&two, "refresh", others)));
    (void)fake_store_add_configuration(one.store, "org-c", "same", "PC-9", "SER-1");
    (void)tick(&one);
    (void)tick(&two);
    cr_expect(is_placed(&one));
    cr_expect(is_placed(&two));
    expect_idle();
}

static sync_run inner;
static unsigned applies_before; /* of the other tick */

static void tick_other(void *context)
{
    sync_world *other = context;
    if (applies_before-- > 0)
        return;
    one.store->on_apply = NULL;
    inner = sync_world_tick(other, NULL);
}

static void add_pair(unsigned number)
{
    char serial[16];
    (void)snprintf(serial, sizeof serial, "SER-%u", number + 2);
    fake_device *device = sync_world_device(&one, "PC-2", serial, "org-b");
    (void)fake_graph_add_key(one.graph, device, OS, 10);
    device = sync_world_device(&two, "PC-8", serial, NULL);
    (void)fake_graph_add_key(two.graph, device, OS, 10);
}

/* Both ticks run at the same time: the other one begins before any of this one's writes. */
Test(sync_rivals, two_ticks_at_once_do_not_both_get_it)
{
    cr_assert(bkey_is_ok(bkey_busy_new(&one.busy)));
    two.busy = one.busy;
    (void)tick(&one);
    (void)tick(&two);
    unsigned met = 0;
    for (unsigned i = 0; i < 5; i++) {
        add_pair(i);
        applies_before = i;
        memset(&inner, 0, sizeof inner);
        one.store->context = &two;
        one.store->on_apply = tick_other;
        const sync_run run = sync_world_tick(&one, NULL);
        met += one.store->on_apply == NULL;
        one.store->on_apply = NULL;
        cr_expect_eq(run.result.outcome, BKEY_OUTCOME_DONE, "%s", run.result.summary);
        (void)tick(&two);
        const bool first = sync_world_record(&one, &one.graph->keys[1 + i]) != NULL;
        const bool second = sync_world_record(&two, &two.graph->keys[1 + i]) != NULL;
        cr_expect(first != second, "write %u: %d %d", i, first, second);
    }
    cr_expect_geq(met, 3);
    expect_idle();
    bkey_busy_free(&one.busy);
}
