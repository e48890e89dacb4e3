/* SPDX-License-Identifier: Apache-2.0
 *
 * Reveal: audited first, shown after; in doubt not shown. */
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

#include "state/audit.h"
#include "tests/support/sync_world.h"
#include "usecase/reveal.h"

static sync_world world;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;
static char external_id[128];
static char shown[600];
static unsigned sinks;
static uint32_t viewed_at_sink;
static bool was_malformed;

static void begin(void)
{
    sync_world_init(&world);
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10);
    (void)fake_graph_add_key(world.graph, device, "fixedDataVolume", 10);
    (void)snprintf(world.graph->keys[1].password, sizeof world.graph->keys[1].password,
                   "not a recovery password");
    cr_assert_eq(sync_world_tick(&world, NULL).result.outcome, BKEY_OUTCOME_DONE);
    fake_ports_init(&fake, world.store, 4711);
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    (void)snprintf(external_id, sizeof external_id, "%s:%s", WORLD_TENANT, world.graph->keys[0].id);
    fake.call.organization_id = "org-a";
}

static void end(void)
{
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    sync_world_done(&world);
}

TestSuite(reveal, .init = begin, .fini = end);

static bkey_err take(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    (void)context;
    sinks++;
    was_malformed = malformed;
    viewed_at_sink = (uint32_t)fake_store_count(world.store, BKEY_ACTION_VIEWED);
    cr_assert_lt(len, sizeof shown);
    memcpy(shown, secret, len);
    shown[len] = '\0';
    return bkey_ok();
}

static bkey_err reveal(const char *reason, bkey_purpose purpose)
{
    const bkey_reveal_request request = {.ports = &fake.ports,
                                         .call = &fake.call,
                                         .slab = slab,
                                         .vault = vault,
                                         .external_id = external_id,
                                         .purpose = purpose,
                                         .reason = reason,
                                         .ticket = "T-77"};
    return bkey_reveal_run(&request, take, NULL);
}

/* S1.46 S1.92 S2.30 S2.31 S2.32: one entry, before anything is shown. */
Test(reveal, with_a_reason_the_digits_come_after_their_entry)
{
    cr_assert(bkey_is_ok(reveal("BIOS update at the front desk", BKEY_PURPOSE_SHOW)));
    cr_assert_eq(sinks, 1);
    cr_assert_str_eq(shown, world.graph->keys[0].password);
    cr_assert_not(was_malformed);
    cr_assert_eq(viewed_at_sink, 1);
    const fake_activity *row = &world.store->activities[world.store->activity_count - 1];
    cr_assert_str_eq(row->subject, "PC-1");
    cr_assert_str_eq(row->external_id, external_id);
    cr_assert_str_eq(row->detail, "T-77");
    cr_assert_not(fake_store_contains(world.store, "BIOS update", 11));
}

/* S2.8 S1.92: a copy counts as viewed; a print says so. */
Test(reveal, copy_is_viewed_and_print_is_printed)
{
    cr_assert(bkey_is_ok(reveal("reason", BKEY_PURPOSE_COPY)));
    cr_assert(bkey_is_ok(reveal("reason", BKEY_PURPOSE_PRINT)));
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_VIEWED), 1);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_PRINTED), 1);
}

/* D3: the sync died between the reading of a key and its record. It is held: it is shown. */
Test(reveal, a_key_that_was_read_and_has_no_record_yet_is_shown)
{
    const sync_fault fault = {.kind = FAKE_FAULT_ERROR, .apply_at = 2, .reason = BKEY_E_STORE_BUSY};
    fake_device *device = sync_world_device(&world, "PC-9", "SER-9", "org-a");
    fake_key *key = fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10);
    (void)sync_world_tick(&world, &fault);
    cr_assert_eq(key->reads, 1);
    cr_assert_null(sync_world_record(&world, key));
    char *found = sync_world_ask(&world, "", key->id, "");
    cr_expect_not_null(strstr(found, key->id));
    free(found);
    found = sync_world_ask(&world, "", key->id, "[\"org-a\"]");
    cr_expect_null(strstr(found, key->id), "who may not see org-b does not find it");
    free(found);
    (void)snprintf(external_id, sizeof external_id, "%s:%s", WORLD_TENANT, key->id);
    cr_expect(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_NO_STATE), "not for org-a alone");
    fake.call.organization_id = "";
    cr_assert(bkey_is_ok(reveal("locked out", BKEY_PURPOSE_SHOW)));
    cr_expect_str_eq(shown, key->password);
    cr_expect_eq(viewed_at_sink, 1);
}

/* D8 S2.34: a key in nobody's folder is shown to a call about no organization, audited the same. */
Test(reveal, a_key_without_a_record_is_shown_to_a_call_about_no_organization)
{
    fake_device *device = sync_world_device(&world, "PC-9", "SER-9", NULL);
    fake_key *key = fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10);
    (void)sync_world_tick(&world, NULL);
    (void)snprintf(external_id, sizeof external_id, "%s:%s", WORLD_TENANT, key->id);
    cr_expect(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_NO_STATE), "org-a has no such");
    cr_expect_eq(sinks, 0);
    fake.call.organization_id = "";
    cr_assert(bkey_is_ok(reveal("locked out", BKEY_PURPOSE_SHOW)));
    cr_expect_str_eq(shown, key->password);
    const fake_activity *row = &world.store->activities[world.store->activity_count - 1];
    cr_expect_eq(row->action, BKEY_ACTION_VIEWED);
    cr_expect_str_eq(row->subject, "PC-9");
    cr_expect_str_eq(row->organization_id, "");
    sinks = 0;
    fake.entitled = false;
    cr_expect(bkey_is(reveal("locked out", BKEY_PURPOSE_SHOW), BKEY_E_ENTITLEMENT));
    external_id[strlen(external_id) - 1] = 'f';
    fake.entitled = true;
    cr_expect(bkey_is(reveal("locked out", BKEY_PURPOSE_SHOW), BKEY_E_NO_STATE));
    cr_expect_eq(sinks, 0);
}

/* S1.95: whatever keeps the entry from being written keeps the key from being shown. */
Test(reveal, without_its_entry_nothing_is_shown)
{
    static const uint32_t reasons[] = {BKEY_E_STORE_BUSY, BKEY_E_STORE, BKEY_E_CONFLICT,
                                       BKEY_E_NOMEM, BKEY_E_DEADLINE};
    cr_assert(bkey_is_ok(reveal("warm the keys up", BKEY_PURPOSE_SHOW)));
    sinks = 0;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        fake.fault = FAKE_FAULT_ERROR;
        fake.fault_reason = reasons[i];
        /* CONFLICT once is another reader; it must not win by being repeated. */
        fake.apply_fault_at = fake.apply_calls + 1;
        bkey_err err = reveal("reason", BKEY_PURPOSE_SHOW);
        if (reasons[i] == BKEY_E_CONFLICT) {
            cr_assert(bkey_is_ok(err));
            cr_assert_eq(sinks, 1);
            sinks = 0;
            continue;
        }
        cr_assert(bkey_is(err, reasons[i]), "%s", bkey_err_name(err));
        cr_assert_eq(sinks, 0);
    }
}

/* S1.95: an outcome that stays unknown is no entry. */
Test(reveal, an_unknown_outcome_is_asked_for_and_then_shown_once)
{
    cr_assert(bkey_is_ok(reveal("first", BKEY_PURPOSE_SHOW)));
    fake.fault = FAKE_FAULT_LANDED;
    fake.apply_fault_at = fake.apply_calls + 1;
    cr_assert(bkey_is_ok(reveal("second", BKEY_PURPOSE_SHOW)));
    cr_assert_eq(sinks, 2);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_VIEWED), 2);
}

/* S2.34: refused attempts are logged too. */
Test(reveal, without_a_reason_it_is_refused_and_logged)
{
    cr_assert(bkey_is(reveal("", BKEY_PURPOSE_SHOW), BKEY_E_REASON_MISSING));
    cr_assert(bkey_is(reveal(" \t\n", BKEY_PURPOSE_SHOW), BKEY_E_REASON_MISSING));
    cr_assert_eq(sinks, 0);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_REFUSED), 2);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_VIEWED), 0);
}

/* S1.7: another organization's key is answered like one that does not exist. */
Test(reveal, a_key_of_another_organization_does_not_exist)
{
    fake.call.organization_id = "org-b";
    cr_assert(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_NO_STATE));
    fake.call.organization_id = "org-a";
    external_id[strlen(external_id) - 1] = 'f';
    cr_assert(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_NO_STATE));
    cr_assert_eq(sinks, 0);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_REFUSED), 2);
}

/* S1.80 S1.82 */
Test(reveal, without_the_add_on_nothing_is_shown)
{
    fake.entitled = false;
    cr_assert(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_ENTITLEMENT));
    cr_assert_eq(sinks, 0);
}

/* S2.3: what Microsoft delivered is shown as it is, and marked. */
Test(reveal, a_malformed_password_is_shown_verbatim_and_marked)
{
    (void)snprintf(external_id, sizeof external_id, "%s:%s", WORLD_TENANT, world.graph->keys[1].id);
    cr_assert(bkey_is_ok(reveal("reason", BKEY_PURPOSE_SHOW)));
    cr_assert(was_malformed);
    cr_assert_str_eq(shown, "not a recovery password");
}

/* S1.72 */
Test(reveal, an_archived_key_can_still_be_shown)
{
    fake_store_record(world.store, external_id)->archived = true;
    cr_assert(bkey_is_ok(reveal("reason", BKEY_PURPOSE_SHOW)));
    cr_assert_eq(sinks, 1);
}

Test(reveal, a_changed_byte_of_the_sealed_secret_shows_nothing)
{
    for (uint32_t i = 0; i < world.store->state_count; i++) {
        const fake_state_row *row = &world.store->state[i];
        if (row->key[0] == 'S')
            world.store->heap[row->value_at + row->value_len - 3] ^= 1;
    }
    cr_assert(bkey_is(reveal("reason", BKEY_PURPOSE_SHOW), BKEY_E_SEAL));
    cr_assert_eq(sinks, 0);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_REFUSED), 1);
}

/* S2.30 S2.33: the sealed entry says who, from where, and why. */
Test(reveal, the_sealed_entry_tells_the_whole_story)
{
    bkey_audit_entry entry;
    bkey_secret *plain = NULL;
    fake.call.actor = "ada";
    fake.call.remote_address = "192.0.2.7";
    fake.call.source = 3;
    cr_assert(bkey_is_ok(reveal("forgotten PIN", BKEY_PURPOSE_SHOW)));
    const bkey_place place = {.vault = vault, .call = &fake.call, .organization_id = "org-a"};
    cr_assert(bkey_is_ok(bkey_audit_get(&place, 1, &entry, &plain)));
    cr_assert_str_eq(entry.actor, "ada");
    cr_assert_str_eq(entry.address, "192.0.2.7");
    cr_assert_str_eq(entry.reason, "forgotten PIN");
    cr_assert_str_eq(entry.ticket, "T-77");
    cr_assert_str_eq(entry.device_name, "PC-1");
    cr_assert_eq(entry.source, 3);
    cr_assert_eq(entry.result, BKEY_AUDIT_SHOWN);
    bkey_secret_free(&plain);
}

static bkey_err (*real_apply)(void *self, const bkey_call *call, const bkey_item *items,
                              size_t count, const char *op_key, uint64_t *out_rows,
                              size_t *out_conflict);
static unsigned lost_turns;

static bkey_err lose_turns(void *self, const bkey_call *call, const bkey_item *items, size_t count,
                           const char *op_key, uint64_t *out_rows, size_t *out_conflict)
{
    if (lost_turns > 0) {
        lost_turns--;
        return bkey_fail(BKEY_E_CONFLICT);
    }
    return real_apply(self, call, items, count, op_key, out_rows, out_conflict);
}

/* S1.46 S1.92: in a crowd a reveal may lose its turn at the chain many times before it gets one. */
Test(reveal, a_crowd_at_the_audit_chain_refuses_nobody)
{
    cr_assert(bkey_is_ok(reveal("warm the keys up", BKEY_PURPOSE_SHOW)));
    real_apply = fake.ports.apply;
    fake.ports.apply = lose_turns;
    lost_turns = 30;
    cr_assert(bkey_is_ok(reveal("at the help desk", BKEY_PURPOSE_SHOW)));
    cr_assert_eq(sinks, 2);
    cr_assert_eq(fake_store_count(world.store, BKEY_ACTION_VIEWED), 2);
}
