/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of sealed rows: connections, credentials, keys, decisions, the audit chain, and the
 * codec below them. */
/* LINK: plugin/src/state/[a-z]*.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c tests/support/fake_store*.c
 * tests/support/fake_ports.c tests/support/vault_box.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/state/audit.h"
#include "plugin/src/state/codec.h"
#include "plugin/src/state/content.h"
#include "plugin/src/state/credential.h"
#include "plugin/src/state/decision.h"
#include "plugin/src/state/evidence.h"
#include "plugin/src/state/held.h"
#include "tests/support/vault_box.h"

static vault_box box;

static const sup_guid TENANT = {{0x94, 0x5c, 0xae, 0x4d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
static const sup_guid KEY = {{0xb5, 0xa1, 0x46, 0x4d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};

static void start(void)
{
    vault_box_open(&box);
}

static void stop(void)
{
    vault_box_close(&box);
}

TestSuite(rows, .init = start, .fini = stop);

static void put(bkey_sealed *sealed)
{
    vault_box_put(&box, sealed);
    bkey_sealed_done(sealed);
}

Test(rows, codec_never_reads_or_writes_beyond_its_memory)
{
    uint8_t bytes[8] = {0};
    char text[4] = "xyz";
    bkey_codec_writer writer = {.ptr = bytes, .cap = sizeof bytes};
    bkey_codec_put_u32(&writer, 0x04030201u);
    bkey_codec_put_u64(&writer, 1);
    cr_expect(writer.failed);
    cr_expect_eq(writer.len, 4);
    bkey_codec_put_u8(&writer, 9);
    cr_expect_eq(bytes[4], 0, "nothing is written after a failure");
    cr_expect_eq(bytes[0], 1);
    bkey_codec_reader reader = {.ptr = bytes, .len = 4};
    cr_expect_eq(bkey_codec_get_u32(&reader), 0x04030201u);
    cr_expect_not(reader.failed);
    cr_expect_eq(bkey_codec_get_u8(&reader), 0);
    cr_expect(reader.failed);
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 'a'};
    reader = (bkey_codec_reader){.ptr = huge, .len = sizeof huge};
    cr_expect_eq(bkey_codec_get_field(&reader).len, 0);
    cr_expect(reader.failed);
    static const uint8_t fits[] = {4, 0, 0, 0, 'a', 'b', 'c', 'd'};
    reader = (bkey_codec_reader){.ptr = fits, .len = sizeof fits};
    bkey_codec_get_text(&reader, text, sizeof text);
    cr_expect(reader.failed, "four letters and a zero byte do not fit four bytes");
    cr_expect_str_eq(text, "");
}

static bkey_err count_connection(void *context, const bkey_connection *connection)
{
    unsigned *count = context;
    cr_expect_eq(connection->organization_count, 2);
    cr_expect_eq(connection->revision, 2);
    (*count)++;
    return bkey_ok();
}

Test(rows, connection_comes_back_as_it_was)
{
    bkey_place all = bkey_connection_place(box.vault, &box.fake.call);
    bkey_sealed sealed = {.value = NULL};
    static bkey_connection made;
    static bkey_connection found;
    made = (bkey_connection){.tenant = TENANT,
                             .grant = BKEY_GRANT_SECRET,
                             .organization_count = 2,
                             .organization_ids = {"org-a", "org-b"},
                             .client_id = "bc881bab-b5a7-4699-8a4d-91792e3292c5",
                             .login_url = "http://127.0.0.1:1",
                             .graph_url = "https://graph.microsoft.com",
                             .created_ms = -5};
    cr_assert(bkey_is_ok(bkey_vault_ensure(&all)));
    cr_expect(bkey_is(bkey_connection_get(&all, &TENANT, &found), BKEY_E_NOT_CONNECTED));
    for (int i = 0; i < 2; i++) {
        cr_assert(bkey_is_ok(bkey_connection_seal(&all, &made, &sealed)));
        put(&sealed);
        made.revision++;
    }
    cr_assert(bkey_is_ok(bkey_connection_get(&all, &TENANT, &found)));
    cr_expect_eq(memcmp(&found, &made, sizeof found), 0);
    unsigned count = 0;
    cr_expect(bkey_is_ok(bkey_connection_scan(&all, count_connection, &count)));
    cr_expect_eq(count, 1);
    made.organization_count = BKEY_CONNECTION_ORGANIZATIONS_MAX + 1;
    cr_expect(bkey_is(bkey_connection_seal(&all, &made, &sealed), BKEY_E_LIMIT));
}

/* S1.39: nothing that opens anything lies readable in the store. */
Test(rows, credential_is_sealed_and_comes_back)
{
    static const char token[] = "1.AXoA-planted-refresh-token";
    bkey_place none = box.place;
    bkey_secret *secret = NULL;
    bkey_sealed sealed = {.value = NULL};
    bkey_credential found;
    bkey_credential made = {.grant = BKEY_GRANT_REFRESH};
    none.organization_id = "";
    cr_assert(bkey_is_ok(bkey_vault_ensure(&none)));
    cr_expect(bkey_is(bkey_credential_get(&none, &found), BKEY_E_NO_STATE));
    cr_assert(bkey_is_ok(bkey_secret_dup(box.slab, token, sizeof token - 1, &secret)));
    made.token = secret;
    cr_assert(bkey_is_ok(bkey_credential_seal(&none, &made, &sealed)));
    put(&sealed);
    bkey_secret_free(&secret);
    cr_assert(bkey_is_ok(bkey_credential_get(&none, &found)));
    cr_expect_eq(found.revision, 1);
    cr_expect_eq(found.grant, BKEY_GRANT_REFRESH);
    cr_expect_eq(found.sealed_ms, box.fake.wall_ms);
    cr_expect_str_eq((const char *)bkey_secret_borrow(found.token), token);
    bkey_secret_return(found.token);
    bkey_credential_done(&found);
    cr_expect_not(fake_store_contains(box.store, token, sizeof token - 1));
    cr_assert(bkey_is_ok(bkey_secret_new(box.slab, BKEY_CREDENTIAL_MAX + 1, &secret)));
    made.token = secret;
    made.revision = 1;
    cr_expect(bkey_is(bkey_credential_seal(&none, &made, &sealed), BKEY_E_LIMIT));
    bkey_secret_shrink(secret, BKEY_CREDENTIAL_MAX);
    cr_expect(bkey_is_ok(bkey_credential_seal(&none, &made, &sealed)));
    bkey_sealed_done(&sealed);
    bkey_secret_free(&secret);
}

static bkey_err keep_key(void *context, const bkey_held_key *key)
{
    *(bkey_held_key *)context = *key;
    return bkey_ok();
}

Test(rows, key_and_its_secret_come_back)
{
    bkey_held_key key = {.id = KEY,
                         .device_id = TENANT,
                         .created_ms = 1773214939120,
                         .secret_revision = 1,
                         .volume = BKEY_VOLUME_FIXED,
                         .flags = BKEY_HELD_SECRET,
                         .origins = BKEY_ORIGIN_AD};
    bkey_held_key found = {.volume = 0};
    bkey_sealed sealed = {.value = NULL};
    bkey_secret *secret = NULL;
    bool malformed = true;
    cr_expect(bkey_is(bkey_held_get(&box.place, &KEY, &found), BKEY_E_NO_STATE));
    cr_assert(bkey_is_ok(bkey_held_seal(&box.place, &key, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_secret_dup(box.slab, "0123456789abcdef", 16, &secret)));
    key.secret_revision = 0;
    cr_assert(bkey_is_ok(bkey_held_seal_secret(&box.place, &key, secret, &sealed)));
    put(&sealed);
    bkey_secret_free(&secret);
    cr_assert(bkey_is_ok(bkey_held_scan(&box.place, keep_key, &found)));
    cr_expect(sup_guid_equal(&found.id, &KEY));
    cr_expect_eq(found.created_ms, key.created_ms);
    cr_expect_eq(found.secret_revision, 1);
    cr_expect_eq(found.meta_revision, 1);
    cr_expect_eq(found.organization, BKEY_NONE);
    cr_expect_eq(found.volume, BKEY_VOLUME_FIXED);
    cr_expect_eq(found.origins, BKEY_ORIGIN_AD);
    cr_assert(bkey_is_ok(bkey_held_open_secret(&box.place, &KEY, &secret, &malformed)));
    cr_expect_not(malformed);
    cr_expect_eq(memcmp(bkey_secret_borrow(secret), "0123456789abcdef", 16), 0);
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    cr_expect_not(fake_store_contains(box.store, "0123456789abcdef", 16));
    cr_expect_not(fake_store_contains(box.store, KEY.bytes, 16), "no key id is readable");
    uint64_t meta = 0;
    uint64_t value = 0;
    cr_expect(bkey_is_ok(bkey_held_revisions(&box.place, &KEY, &meta, &value)));
    cr_expect_eq(meta, 1);
    cr_expect_eq(value, 1);
}

/* S3.6: rows from before there was more than one origin are of the tenant. */
Test(rows, key_without_origins_is_the_tenants)
{
    bkey_content content;
    bkey_held_key found;
    bkey_sealed sealed = {.value = NULL};
    const bkey_ref ref = {.kind = BKEY_KIND_HELD, .id = {KEY.bytes, 16}};
    cr_assert(bkey_is_ok(bkey_content_begin(&box.place, 96, 1, &content)));
    bkey_codec_put_guid(&content.writer, &KEY);
    bkey_codec_put_guid(&content.writer, &TENANT);
    bkey_codec_put_i64(&content.writer, 1773214939120);
    bkey_codec_put_u8(&content.writer, BKEY_VOLUME_OS);
    bkey_codec_put_u8(&content.writer, BKEY_HELD_SECRET);
    bkey_codec_put_u64(&content.writer, 5);
    cr_assert(bkey_is_ok(bkey_content_seal(&content, &box.place, &ref, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_held_get(&box.place, &KEY, &found)));
    cr_expect_eq(found.secret_revision, 5);
    cr_expect_eq(found.origins, 0);
    cr_expect(bkey_origin_is_listed(found.origins));
}

/* S2.3: what does not parse is kept as it came. */
Test(rows, malformed_secret_is_kept_verbatim_within_bounds)
{
    static const size_t lengths[] = {1, BKEY_HELD_VERBATIM_MAX};
    static const size_t refused[] = {0, BKEY_HELD_VERBATIM_MAX + 1};
    bkey_held_key key = {.id = KEY, .flags = BKEY_HELD_MALFORMED};
    bkey_sealed sealed = {.value = NULL};
    bkey_secret *secret = NULL;
    for (size_t i = 0; i < 2; i++) {
        bool malformed = false;
        cr_assert(bkey_is_ok(bkey_secret_new(box.slab, lengths[i], &secret)));
        cr_assert(bkey_is_ok(bkey_held_seal_secret(&box.place, &key, secret, &sealed)));
        put(&sealed);
        key.secret_revision++;
        bkey_secret_free(&secret);
        cr_assert(bkey_is_ok(bkey_held_open_secret(&box.place, &KEY, &secret, &malformed)));
        cr_expect(malformed);
        cr_expect_eq(bkey_secret_len(secret), lengths[i]);
        bkey_secret_free(&secret);
        cr_assert(bkey_is_ok(bkey_secret_new(box.slab, refused[i], &secret)));
        cr_expect(bkey_is(bkey_held_seal_secret(&box.place, &key, secret, &sealed), BKEY_E_LIMIT));
        bkey_secret_free(&secret);
    }
    key.flags = 0;
    cr_assert(bkey_is_ok(bkey_secret_new(box.slab, 17, &secret)));
    cr_expect(bkey_is(bkey_held_seal_secret(&box.place, &key, secret, &sealed), BKEY_E_LIMIT));
    bkey_secret_free(&secret);
}

static bkey_err keep_decision(void *context, const bkey_decision_row *row)
{
    *(bkey_decision_row *)context = *row;
    return bkey_ok();
}

Test(rows, decision_comes_back)
{
    bkey_decision_row row = {.device_id = KEY,
                             .organization_id = "org-b",
                             .configuration_id = "config-17",
                             .reason = BKEY_MATCH_SERIAL,
                             .since_ms = 12,
                             .device_name = "PC-1",
                             .who = "ada"};
    bkey_decision_row found = {.since_ms = 0};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_decision_seal(&box.place, &row, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_decision_scan(&box.place, keep_decision, &found)));
    row.revision = 1;
    cr_expect(sup_guid_equal(&found.device_id, &row.device_id));
    cr_expect_str_eq(found.organization_id, "org-b");
    cr_expect_str_eq(found.configuration_id, "config-17");
    cr_expect_eq(found.reason, BKEY_MATCH_SERIAL);
    cr_expect_eq(found.since_ms, 12);
    cr_expect_eq(found.revision, 1);
    memset(&found, 0, sizeof found);
    cr_assert(bkey_is_ok(bkey_decision_get(&box.place, &row.device_id, &found)));
    cr_expect_str_eq(found.device_name, "PC-1");
    cr_expect_str_eq(found.who, "ada");
    const sup_guid nobody = {{9}};
    cr_expect(bkey_is(bkey_decision_get(&box.place, &nobody, &found), BKEY_E_NO_STATE));
}

/* Rows of the first version end after the time. */
Test(rows, an_early_decision_is_still_read)
{
    bkey_decision_row found = {.since_ms = 0};
    bkey_sealed sealed = {.value = NULL};
    bkey_content content;
    const sup_guid id = KEY;
    const bkey_ref ref = {.kind = BKEY_KIND_DECISION, .id = {id.bytes, sizeof id.bytes}};
    cr_assert(bkey_is_ok(bkey_content_begin(&box.place, 256, 1, &content)));
    bkey_codec_put_guid(&content.writer, &id);
    bkey_codec_put_text(&content.writer, "org-b");
    bkey_codec_put_text(&content.writer, "config-17");
    bkey_codec_put_u8(&content.writer, BKEY_MATCH_SERIAL);
    bkey_codec_put_i64(&content.writer, 12);
    cr_assert(bkey_is_ok(bkey_content_seal(&content, &box.place, &ref, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_decision_get(&box.place, &id, &found)));
    cr_expect_str_eq(found.configuration_id, "config-17");
    cr_expect(found.since_ms == 12 && found.device_name[0] == '\0' && found.who[0] == '\0');
}

static bkey_err keep_evidence(void *context, const bkey_evidence_row *row)
{
    *(bkey_evidence_row *)context = *row;
    return bkey_ok();
}

/* D8 */
Test(rows, evidence_comes_back)
{
    static bkey_evidence_row found;
    static bkey_evidence_row row = {.facts = {.device_id = KEY,
                                              .macs = {UINT64_C(0x3C5282112233), 0},
                                              .asked = true,
                                              .in_inventory = true},
                                    .outcome = BKEY_UNMATCHED_AMBIGUOUS,
                                    .by_name = true,
                                    .name = "PC-1",
                                    .serial = "SER-1",
                                    .manufacturer = "HP",
                                    .model = "ProBook",
                                    .candidate_count = 2,
                                    .candidates = {{"org-a", "one"}, {"org-b", "two"}}};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_evidence_seal(&box.place, &row, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_evidence_scan(&box.place, keep_evidence, &found)));
    cr_expect_eq(found.facts.content_hash, bkey_evidence_hash(&row));
    cr_expect_eq(found.facts.revision, 1);
    cr_expect_eq(found.facts.outcome, BKEY_UNMATCHED_AMBIGUOUS);
    cr_expect_str_eq(found.candidates[1].configuration_id, "two");
    row.candidates[1].configuration_id[0] = 'T';
    cr_expect_neq(found.facts.content_hash, bkey_evidence_hash(&row));
    cr_assert(bkey_is_ok(bkey_evidence_get(&box.place, &row.facts.device_id, &found)));
    cr_expect(found.facts.asked && found.facts.in_inventory && found.by_name);
    cr_expect_eq(found.facts.macs[0], UINT64_C(0x3C5282112233));
    cr_expect_str_eq(found.model, "ProBook");
}

static const bkey_state_row *state_row(const bkey_sealed *sealed)
{
    static bkey_state_row row;
    fake_state_row *stored =
        fake_store_state(box.store, (bkey_bytes){sealed->key, BKEY_STATE_KEY_LEN});
    cr_assert_not_null(stored);
    row.value = (bkey_bytes){box.store->heap + stored->value_at, stored->value_len};
    return &row;
}

/* S1.95 rests on this chain: entries in order, each bound to the one before. */
Test(rows, audit_chain_links_and_opens)
{
    bkey_audit_entry entry = {.time_ms = 99,
                              .actor = "ana",
                              .reason = "lost laptop",
                              .ticket = "T-1",
                              .organization_id = "org-a",
                              .key_id = KEY,
                              .result = BKEY_AUDIT_SHOWN};
    bkey_audit_head head;
    bkey_sealed entries[3];
    uint8_t previous[BKEY_AUDIT_HASH_LEN] = {0};
    uint8_t named[BKEY_AUDIT_HASH_LEN];
    cr_assert(bkey_is_ok(bkey_audit_head_get(&box.place, &head)));
    cr_expect_eq(head.seq, 0);
    for (uint64_t i = 0; i < 3; i++) {
        bkey_sealed next_head = {.value = NULL};
        uint64_t seq = 0;
        cr_assert(
            bkey_is_ok(bkey_audit_append(&box.place, &head, &entry, &entries[i], &next_head)));
        bkey_sealed copy = entries[i];
        bkey_item item = bkey_sealed_put(&copy);
        char op_key[8] = {'e', (char)('0' + i), 0};
        uint64_t rows = 0;
        size_t conflict = 0;
        cr_assert(bkey_is_ok(
            box.fake.ports.apply(&box.fake, &box.fake.call, &item, 1, op_key, &rows, &conflict)));
        put(&next_head);
        cr_expect(bkey_audit_link(state_row(&entries[i])->value, &seq, named, previous));
        cr_assert(bkey_is_ok(bkey_audit_head_get(&box.place, &head)));
        cr_expect_eq(seq, i + 1);
        cr_expect_eq(head.seq, i + 1);
        cr_expect_eq(memcmp(head.hash, previous, sizeof previous), 0);
    }
    bkey_audit_entry found;
    bkey_secret *plain = NULL;
    cr_assert(bkey_is_ok(bkey_audit_get(&box.place, 2, &found, &plain)));
    cr_expect_str_eq(found.actor, "ana");
    cr_expect_str_eq(found.reason, "lost laptop");
    cr_expect_str_eq(found.address, "");
    cr_expect_eq(found.time_ms, 99);
    bkey_secret_free(&plain);
    cr_expect(bkey_is(bkey_audit_get(&box.place, 4, &found, &plain), BKEY_E_NO_STATE));
    uint8_t *clear = box.store->heap + (state_row(&entries[1])->value.ptr - box.store->heap);
    clear[1] ^= 1; /* another sequence number in the clear start */
    cr_expect(bkey_is(bkey_audit_get(&box.place, 2, &found, &plain), BKEY_E_SEAL));
    cr_expect_not(fake_store_contains(box.store, "lost laptop", 11));
    for (size_t i = 0; i < 3; i++)
        bkey_sealed_done(&entries[i]);
}

/* A crash anywhere while a place gets its key leaves nothing half done. */
Test(rows, ensure_that_fails_anywhere_works_the_next_time)
{
    for (uint64_t n = 1; n < 6; n++) {
        bkey_place fresh = {box.vault, &box.fake.call, TENANT, "org-new"};
        fresh.tenant.bytes[15] = (uint8_t)(100 + n);
        box.fake.fault = FAKE_FAULT_ERROR;
        box.fake.fault_reason = BKEY_E_KEYRING;
        box.fake.fault_at = box.fake.calls + n;
        bkey_err err = bkey_vault_ensure(&fresh);
        box.fake.fault = FAKE_FAULT_NONE;
        cr_expect(bkey_is_ok(err) || bkey_is(err, BKEY_E_KEYRING));
        cr_expect(bkey_is_ok(bkey_vault_ensure(&fresh)), "call %lu", (unsigned long)n);
    }
}
