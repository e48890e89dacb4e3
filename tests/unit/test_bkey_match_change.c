/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's word on a device: who may say it, what is refused, and what is left in the store. The
 * scenarios of the sync prove what the next tick makes of it. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c plugin/src/usecase/?*.c plugin/src/base/?*.c plugin/src/domain/?*.c
 * plugin/src/state/?*.c plugin/src/graph/decode?*.c plugin/src/graph/decode.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c plugin/src/graph/device_code.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/sync_world.h"

#define OS "operatingSystemVolume"

static sync_world world;

static void begin(void)
{
    sync_world_init(&world);
    fake_device *one = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    fake_device *two = sync_world_device(&world, "PC-2", "SER-2", NULL);
    (void)fake_graph_add_key(world.graph, one, OS, 10);
    (void)fake_graph_add_key(world.graph, two, OS, 10);
    (void)fake_store_add_configuration(world.store, "org-b", "conf-b", "B", "");
    (void)sync_world_tick(&world, NULL);
}

static void end(void)
{
    sync_world_done(&world);
}

TestSuite(match_change, .init = begin, .fini = end);

static bkey_err decide(bkey_match_change_kind kind, const char *device, const char *to,
                       const char *scope)
{
    return sync_world_decide(&world, kind, device, to, scope);
}

static bool has(const char *state, const char *part, const char *scope, const char *text)
{
    char *json = sync_world_ask(&world, state, part, scope);
    bool found = strstr(json, text) != NULL;
    free(json);
    return found;
}

#define expect_refused(err, reason_) cr_expect(bkey_is((err), (reason_)), "%s", bkey_err_name(err))

/* S1.7 S1.107: what may not be seen is not there. */
Test(match_change, only_what_the_asker_may_see_is_there)
{
    cr_expect(has("", NULL, "[\"org-a\"]", "PC-1"));
    cr_expect_not(has("", NULL, "[\"org-a\"]", "PC-2"), "it may be org-b's");
    cr_expect_not(has("", NULL, "[\"org-b\"]", "PC-1"));
    cr_expect_not(has("", NULL, "[]", "PC-"));
    cr_expect(has("", NULL, "[\"org-a\",\"org-b\"]", "PC-2"));
    expect_refused(decide(BKEY_MATCH_CHANGE_UNDO, "PC-1", "", "[\"org-b\"]"), BKEY_E_NO_STATE);
    expect_refused(decide(BKEY_MATCH_CHANGE_IGNORE, "PC-2", "", "[\"org-a\"]"), BKEY_E_NO_STATE);
    expect_refused(decide(BKEY_MATCH_CHANGE_SET, "PC-1", "conf-b", "[\"org-a\"]"), BKEY_E_NO_STATE);
    expect_refused(decide(BKEY_MATCH_CHANGE_CREATE, "PC-1", "org-b", "[\"org-a\"]"),
                   BKEY_E_NO_STATE);
    cr_expect_eq(world.store->record_count, 1);
}

/* S1.105 */
Test(match_change, what_cannot_be_decided_is_refused_and_changes_nothing)
{
    const uint64_t before = world.store->row_changes;
    (void)fake_store_add_configuration(world.store, "org-a", "twin", "B", "");
    fake_configuration *old = fake_store_add_configuration(world.store, "org-a", "old", "Old", "");
    old->archived = true;
    expect_refused(decide(BKEY_MATCH_CHANGE_SET, "PC-2", "B", ""), BKEY_E_PARAMETER);
    expect_refused(decide(BKEY_MATCH_CHANGE_SET, "PC-2", "old", ""), BKEY_E_PARAMETER);
    expect_refused(decide(BKEY_MATCH_CHANGE_SET, "PC-2", "nothing", ""), BKEY_E_NO_STATE);
    expect_refused(decide(BKEY_MATCH_CHANGE_SET, "PC-9", "conf-b", ""), BKEY_E_NO_STATE);
    expect_refused(decide(BKEY_MATCH_CHANGE_UNDO, "PC-2", "", ""), BKEY_E_PARAMETER);
    expect_refused(decide(BKEY_MATCH_CHANGE_CREATE, "PC-1", "org-a", ""), BKEY_E_PARAMETER);
    cr_expect_eq(world.store->row_changes, before);
}

Test(match_change, a_name_that_two_devices_have_names_neither)
{
    fake_device *three = sync_world_device(&world, "pc-2", "SER-3", NULL);
    (void)fake_graph_add_key(world.graph, three, OS, 10);
    (void)sync_world_tick(&world, NULL);
    expect_refused(decide(BKEY_MATCH_CHANGE_IGNORE, "PC-2", "", ""), BKEY_E_PARAMETER);
    cr_expect(bkey_is_ok(decide(BKEY_MATCH_CHANGE_IGNORE, three->id, "", "")));
    cr_expect(has("ignored", NULL, "", "pc-2"));
}

/* S1.77: everything at once, in one batch, and the key is found all the while. */
Test(match_change, a_match_taken_back_moves_record_and_key_in_one_batch)
{
    const uint64_t before = world.store->applies;
    cr_assert(has("", world.graph->keys[0].id, "", "\"rows\":[]"), "it has a record");
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_UNDO, "PC-1", "", "")));
    cr_expect_eq(world.store->applies, before + 1);
    cr_expect_eq(world.store->record_count, 0);
    cr_expect_eq(sync_world_state(&world, 'S'), 2);
    cr_expect_eq(fake_store_count(world.store, BKEY_ACTION_MOVED), 1);
    cr_expect(has("", world.graph->keys[0].id, "", "unmatched"));
    cr_expect(has("", "CE000000", "", world.graph->keys[0].id), "letter case does not count");
    cr_expect_not(has("", world.graph->keys[0].id, "[\"org-a\"]", "unmatched"));
}

/* S1.82 */
Test(match_change, without_the_add_on_no_key_is_found)
{
    cr_assert(has("", world.graph->keys[1].id, "", "unmatched"));
    world.not_entitled = true;
    cr_expect(has("", world.graph->keys[1].id, "", "\"rows\":[]"));
}

/* D8: a device with more keys than one batch takes: its records go first, all of them. */
Test(match_change, very_many_keys_go_in_several_batches_and_records_first)
{
    for (uint32_t i = 0; i < 150; i++)
        (void)fake_graph_add_key(world.graph, &world.graph->devices[0], "fixedDataVolume", 20);
    (void)sync_world_tick(&world, NULL);
    cr_assert_eq(world.store->record_count, 151);
    const uint64_t before = world.store->applies;
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_UNDO, "PC-1", "", "")));
    cr_expect_gt(world.store->applies, before + 1);
    cr_expect_eq(world.store->record_count, 0);
    cr_expect_eq(fake_store_count(world.store, BKEY_ACTION_MOVED), 151);
    sync_run run = sync_world_tick(&world, NULL);
    cr_expect_eq(run.result.unmatched, 152);
    cr_expect_eq(world.store->record_count, 0);
}

/* S1.77: Microsoft keeps 200 keys of a device, we keep all that there ever were. */
Test(match_change, more_records_than_one_batch_takes_are_taken_out_all_the_same)
{
    for (uint32_t i = 0; i < 260; i++)
        (void)fake_graph_add_key(world.graph, &world.graph->devices[0], "fixedDataVolume", 20);
    (void)sync_world_tick(&world, NULL);
    cr_assert_eq(world.store->record_count, 261);
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_IGNORE, "PC-1", "", "")));
    cr_expect_eq(world.store->record_count, 0);
    cr_expect_eq(fake_store_count(world.store, BKEY_ACTION_MOVED), 261);
    cr_expect_eq(sync_world_state(&world, 'S'), 262);
    cr_expect_eq(fake_store_count(world.store, BKEY_ACTION_MATCHED), 2, "told once");
}

Test(match_change, a_persons_match_in_an_organization_that_left_waits_for_a_person)
{
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_SET, "PC-2", "conf-b", "")));
    static const char *const only_a[] = {"org-a", NULL};
    cr_assert(bkey_is_ok(sync_world_connect(&world, "refresh", only_a)));
    cr_expect(has("quarantined", NULL, "", "PC-2"));
    (void)sync_world_tick(&world, NULL);
    cr_expect(has("quarantined", NULL, "", "PC-2"));
}

/* S1.7: what might have been is told to nobody who may not see all of it. */
Test(match_change, candidates_are_told_only_to_who_may_see_their_organization)
{
    fake_device *two = &world.graph->devices[1];
    (void)fake_store_add_configuration(world.store, "org-a", "twin-a", "TWIN-A", "SER-2");
    (void)fake_store_add_configuration(world.store, "org-b", "twin-b", "TWIN-B", "SER-2");
    (void)sync_world_tick(&world, NULL);
    cr_assert(has("quarantined", NULL, "", "twin-b"));
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_SET, two->id, "twin-a", "")));
    cr_expect(has("matched", NULL, "[\"org-a\"]", "PC-2"));
    cr_expect_not(has("", NULL, "[\"org-a\"]", "twin-b"));
    cr_expect_not(has("", NULL, "", "twin-b"), "it is decided");
}

/* An id goes before a name, whoever gave something that name. */
Test(match_change, a_configuration_named_like_the_id_of_another_is_not_taken_for_it)
{
    (void)fake_store_add_configuration(world.store, "org-a", "decoy", "conf-b", "");
    cr_assert(bkey_is_ok(decide(BKEY_MATCH_CHANGE_SET, "PC-2", "conf-b", "")));
    cr_expect(has("matched", NULL, "[\"org-b\"]", "PC-2"));
}

typedef struct meddling {
    const char *device;
    const char *to;
} meddling;

static meddling meddled;

static void meddle(void *context)
{
    const meddling *m = context;
    world.store->on_apply = NULL;
    cr_assert(bkey_is_ok(sync_world_decide(&world, BKEY_MATCH_CHANGE_SET, m->device, m->to, "")));
}

/* S1.107: what was allowed a moment ago is judged again after somebody else's word. */
Test(match_change, a_device_that_went_out_of_sight_meanwhile_is_not_changed)
{
    meddled = (meddling){"PC-1", "conf-b"};
    world.store->on_apply = meddle;
    world.store->context = &meddled;
    expect_refused(decide(BKEY_MATCH_CHANGE_IGNORE, "PC-1", "", "[\"org-a\"]"), BKEY_E_NO_STATE);
    cr_expect(has("matched", NULL, "[\"org-b\"]", "PC-1"));
    world.store->on_apply = meddle;
    meddled = (meddling){"PC-1", "conf-1"};
    expect_refused(decide(BKEY_MATCH_CHANGE_UNDO, "PC-1", "", ""), BKEY_E_CONFLICT);
    cr_expect(has("matched", NULL, "[\"org-a\"]", "PC-1"));
}
