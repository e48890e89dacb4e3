/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds the state format to the vectors of docs/state-format.md: the document is read, and every
 * value in it is made again and opened. */
/* LINK: plugin/src/state/[a-z]*.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c tests/support/fake_store*.c
 * tests/support/fake_ports.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/src/state/canary.h"
#include "plugin/src/state/connection.h"
#include "plugin/src/state/content.h"
#include "plugin/src/state/credential.h"
#include "plugin/src/state/device.h"
#include "plugin/src/state/evidence.h"
#include "plugin/src/state/heads.h"
#include "plugin/src/state/held.h"
#include "plugin/src/state/imported.h"
#include "plugin/src/state/journal.h"
#include "plugin/src/state/signin.h"
#include "plugin/src/state/wrap.h"
#include "support/hex.h"
#include "tests/support/fake_ports.h"

#define DOCUMENT "docs/state-format.md"
#define ORGANIZATION "org-1"

static fake_store *store;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;
static bkey_place place;
static uint8_t data_key[32];

#define TENANT_BYTES                                                                               \
    {                                                                                              \
        {                                                                                          \
            0x94, 0x5c, 0xae, 0x4d, 0xd9, 0x0a, 0x4f, 0x08, 0xb8, 0x4f, 0xc4, 0xf1, 0x5d, 0x16,    \
                0x1d, 0x23                                                                         \
        }                                                                                          \
    }

static const sup_guid TENANT = TENANT_BYTES;
static const sup_guid KEY = {
    {0x6b, 0xe3, 0x03, 0x36, 0, 0x65, 0x40, 1, 0x80, 6, 0, 0, 0x06, 5, 0x24, 0x70}};

static void fill(uint8_t *out, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(first + i);
}

/* The document's inputs: bytes that count up from a first one. */
static bkey_err derive(void *self, const char *label, uint32_t generation, uint8_t *out, size_t len)
{
    (void)self;
    (void)label;
    fill(out, len, generation == 0 ? 0x00 : 0x20);
    return bkey_ok();
}

static bkey_err slot_get(void *self, const char *slot, uint8_t out[32])
{
    (void)self;
    fill(out, 32, strcmp(slot, BKEY_VAULT_SIGN_SLOT) == 0 ? 0x60 : 0x40);
    return bkey_ok();
}

static void random_bytes(void *self, void *out, size_t len)
{
    (void)self;
    fill(out, len, 0xa0);
}

static void begin(void)
{
    cr_assert(sodium_init() >= 0);
    store = fake_store_new();
    fake_ports_init(&fake, store, 1);
    fake.ports.derive = derive;
    fake.ports.slot_get = slot_get;
    fake.ports.random = random_bytes;
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    place = (bkey_place){vault, &fake.call, TENANT, ORGANIZATION};
    fill(data_key, sizeof data_key, 0x80);
}

static void end(void)
{
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    fake_store_free(store);
}

TestSuite(state_format, .init = begin, .fini = end);

/* The value of "name = hex" in the document; with BKEY_VECTORS set the computed ones are printed,
 * for whoever writes the document. */
static void expect(const char *name, const uint8_t *bytes, size_t len)
{
    char line[8192];
    char text[8192];
    char wanted[64];
    size_t name_len = (size_t)snprintf(wanted, sizeof wanted, "%s = ", name);
    FILE *document = fopen(DOCUMENT, "r");
    bool found = false;
    sup_hex_format(bytes, len, text);
    if (getenv("BKEY_VECTORS") != NULL)
        (void)fprintf(stderr, "VECTOR %s = %s\n", name, text);
    cr_assert_not_null(document);
    while (!found && fgets(line, sizeof line, document) != NULL)
        found = strncmp(line, wanted, name_len) == 0;
    (void)fclose(document);
    cr_expect(found, "%s is not in the document", name);
    if (found) {
        line[strcspn(line, "\n")] = '\0';
        cr_expect_str_eq(line + name_len, text, "%s", name);
    }
}

static bkey_secret *key_secret(void)
{
    bkey_secret *secret = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, data_key, sizeof data_key, &secret)));
    return secret;
}

Test(state_format, places_of_rows_are_those_of_the_document)
{
    uint8_t index[32];
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_place_names names;
    char slot[BKEY_SLOT_NAME_SIZE];
    fill(index, sizeof index, 0);
    bkey_keys_row(index, BKEY_KIND_SECRET, ORGANIZATION, &TENANT, (bkey_bytes){KEY.bytes, 16}, row);
    expect("row_key", row, sizeof row);
    bkey_keys_names(index, &TENANT, ORGANIZATION, &names);
    expect("tag", names.tag, sizeof names.tag);
    cr_expect_arr_eq(names.organization, row + 1, sizeof names.organization);
    bkey_keys_slot(index, ORGANIZATION, slot);
    expect("slot_name", (const uint8_t *)slot, strlen(slot));
}

Test(state_format, wrapped_key_is_that_of_the_document)
{
    uint8_t generation[32];
    uint8_t slot[32];
    uint8_t wrapping[32];
    uint8_t nonce[BKEY_WRAP_NONCE_LEN];
    uint8_t row[BKEY_STATE_KEY_LEN];
    uint8_t value[BKEY_WRAP_LEN];
    fill(generation, sizeof generation, 0x20);
    fill(slot, sizeof slot, 0x40);
    fill(nonce, sizeof nonce, 0xa0);
    bkey_keys_wrapping(generation, ORGANIZATION, slot, wrapping);
    expect("wrapping_key", wrapping, sizeof wrapping);
    bkey_vault_row_key(&place, BKEY_KIND_WRAPPED, (bkey_bytes){NULL, 0}, row);
    const bkey_wrap_context context = {&TENANT, ORGANIZATION, row, 1, 1};
    bkey_wrap_seal(wrapping, &context, nonce, data_key, value);
    expect("wrapped", value, sizeof value);
}

Test(state_format, sealed_secret_is_that_of_the_document)
{
    static const uint8_t plain[] = {1, 1, 16, 0, 0,  0,  1,  2,  3,  4,  5,
                                    6, 7, 8,  9, 10, 11, 12, 13, 14, 15, 16};
    const bkey_ref ref = {BKEY_KIND_SECRET, {KEY.bytes, 16}, 1};
    bkey_secret *key = key_secret();
    bkey_secret *content = NULL;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, plain, sizeof plain, &content)));
    cr_assert(bkey_is_ok(bkey_seal_under(&place, &ref, content, key, &sealed)));
    expect("sealed_secret", sealed.value, sealed.value_len);
    bkey_sealed_done(&sealed);
    bkey_secret_free(&content);
    bkey_secret_free(&key);
}

/* Stores the document's data key as that of the place. */
static void put_data_key(void)
{
    uint8_t generation[32];
    uint8_t slot[32];
    uint8_t wrapping[32];
    uint8_t nonce[BKEY_WRAP_NONCE_LEN];
    uint8_t row[BKEY_STATE_KEY_LEN];
    uint8_t value[BKEY_WRAP_LEN];
    uint64_t rows = 0;
    size_t conflict = 0;
    fill(generation, sizeof generation, 0x20);
    fill(slot, sizeof slot, 0x40);
    fill(nonce, sizeof nonce, 0xa0);
    bkey_keys_wrapping(generation, ORGANIZATION, slot, wrapping);
    bkey_vault_row_key(&place, BKEY_KIND_WRAPPED, (bkey_bytes){NULL, 0}, row);
    const bkey_wrap_context context = {&TENANT, ORGANIZATION, row, 1, 1};
    bkey_wrap_seal(wrapping, &context, nonce, data_key, value);
    const bkey_item item = {
        .kind = BKEY_ITEM_STATE_PUT, .key = {row, sizeof row}, .value = {value, sizeof value}};
    cr_assert(bkey_is_ok(fake_store_apply(store, &item, 1, "data-key", &rows, &conflict)));
}

Test(state_format, sealed_device_is_that_of_the_document)
{
    const bkey_tracked row = {.id = {{1}},
                              .object_id = {{2}},
                              .name = "PC",
                              .serial = "SER-1",
                              .organization_id = ORGANIZATION,
                              .presence_since_ms = 1,
                              .status_since_ms = 2,
                              .waiting_since_ms = 3,
                              .unknown_since_ms = 4,
                              .owner_changed_ms = 5,
                              .owner = 6,
                              .unheld = 7,
                              .presence = BKEY_PRESENCE_SOFT_DELETED,
                              .join = BKEY_JOIN_HYBRID,
                              .sources = BKEY_SOURCE_INTUNE | BKEY_SOURCE_ENTRA,
                              .encryption = BKEY_ENCRYPTION_ON,
                              .backup = BKEY_BACKUP_NO_NETWORK,
                              .status = BKEY_ESCROW_FAILED,
                              .why = BKEY_ESCROW_WHY_NO_NETWORK,
                              .is_stale = true};
    bkey_sealed sealed = {.value = NULL};
    put_data_key();
    cr_assert(bkey_is_ok(bkey_device_seal(&place, &row, &sealed)));
    expect("sealed_device", sealed.value, sealed.value_len);
    bkey_sealed_done(&sealed);
}

static bkey_secret *secret_of(const char *text)
{
    bkey_secret *secret = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, text, strlen(text), &secret)));
    return secret;
}

static bool is_text(bkey_secret *secret, const char *text)
{
    bkey_secret *wanted = secret_of(text);
    const bool same = secret != NULL && bkey_secret_same(secret, wanted);
    bkey_secret_free(&wanted);
    return same;
}

static const bkey_connection connection = {.tenant = TENANT_BYTES,
                                           .grant = BKEY_GRANT_CERT,
                                           .created_ms = 1,
                                           .client_id = "client",
                                           .login_url = "https://login.example",
                                           .graph_url = "https://graph.example",
                                           .organization_count = 1,
                                           .organization_ids = {ORGANIZATION},
                                           .partner = {{2}}};

static void store_row(bkey_sealed *sealed)
{
    const bkey_item item = bkey_sealed_put(sealed);
    uint64_t rows = 0;
    size_t conflict = 0;
    cr_assert(bkey_is_ok(fake_store_apply(store, &item, 1, "row", &rows, &conflict)));
    bkey_sealed_done(sealed);
}

Test(state_format, sealed_connection_is_that_of_the_document)
{
    static bkey_connection back;
    bkey_sealed sealed = {.value = NULL};
    put_data_key();
    cr_assert(bkey_is_ok(bkey_connection_seal(&place, &connection, &sealed)));
    expect("sealed_connection", sealed.value, sealed.value_len);
    store_row(&sealed);
    cr_assert(bkey_is_ok(bkey_connection_get(&place, &TENANT, &back)));
    cr_expect(sup_guid_equal(&back.partner, &connection.partner));
    cr_expect_str_eq(back.organization_ids[0], ORGANIZATION);
}

Test(state_format, sealed_credential_is_that_of_the_document)
{
    bkey_credential credential = {.token = secret_of("token"),
                                  .app = secret_of("app"),
                                  .grant = BKEY_GRANT_REFRESH,
                                  .cert_ends_ms = 3};
    bkey_credential back;
    bkey_sealed sealed = {.value = NULL};
    put_data_key();
    fake.wall_ms = 2;
    cr_assert(bkey_is_ok(bkey_credential_seal(&place, &credential, &sealed)));
    expect("sealed_credential", sealed.value, sealed.value_len);
    store_row(&sealed);
    bkey_credential_done(&credential);
    cr_assert(bkey_is_ok(bkey_credential_get(&place, &back)));
    cr_expect(is_text(back.token, "token"));
    cr_expect(is_text(back.app, "app"));
    cr_expect_eq(back.cert_ends_ms, 3);
    bkey_credential_done(&back);
}

Test(state_format, sealed_signin_is_that_of_the_document)
{
    static bkey_signin signin;
    bkey_sealed sealed = {.value = NULL};
    signin = (bkey_signin){.target = connection,
                           .way = BKEY_SIGNIN_CODE,
                           .state = BKEY_SIGNIN_ANSWERED,
                           .begun_ms = 1,
                           .ends_ms = 2,
                           .next_poll_ms = 3,
                           .interval_s = 4,
                           .reason = 5,
                           .user_code = "USER",
                           .address = "https://page.example",
                           .message = "words",
                           .app = secret_of("app"),
                           .cert_ends_ms = 6,
                           .code = secret_of("code"),
                           .verifier = secret_of("verifier"),
                           .state_text = secret_of("state")};
    put_data_key();
    cr_assert(bkey_is_ok(bkey_signin_seal(&place, &signin, &sealed)));
    expect("sealed_signin", sealed.value, sealed.value_len);
    store_row(&sealed);
    bkey_signin_done(&signin);
    cr_assert(bkey_is_ok(bkey_signin_get(&place, &TENANT, &signin)));
    cr_expect_eq(signin.state, BKEY_SIGNIN_ANSWERED);
    cr_expect(is_text(signin.app, "app"));
    cr_expect(is_text(signin.code, "code"));
    cr_expect(is_text(signin.verifier, "verifier"));
    cr_expect(is_text(signin.state_text, "state"));
    cr_expect_str_eq(signin.target.client_id, "client");
    bkey_signin_done(&signin);
}

Test(state_format, sealed_evidence_is_that_of_the_document)
{
    static bkey_evidence_row back;
    static const bkey_evidence_row row = {
        .facts = {.device_id = {{1}}, .macs = {2, 3}, .asked = true, .in_inventory = true},
        .outcome = BKEY_UNMATCHED_AMBIGUOUS,
        .by_name = true,
        .name = "PC",
        .serial = "SER-1",
        .manufacturer = "Maker",
        .model = "Model",
        .candidate_count = 1,
        .candidates = {{ORGANIZATION, "config-1"}}};
    bkey_sealed sealed = {.value = NULL};
    put_data_key();
    cr_assert(bkey_is_ok(bkey_evidence_seal(&place, &row, &sealed)));
    expect("sealed_evidence", sealed.value, sealed.value_len);
    store_row(&sealed);
    cr_assert(bkey_is_ok(bkey_evidence_get(&place, &row.facts.device_id, &back)));
    cr_expect_eq(bkey_evidence_hash(&back), bkey_evidence_hash(&row));
}

/* S3.6: where a key is known from is stored with it. */
Test(state_format, sealed_key_and_what_was_imported_are_those_of_the_document)
{
    const bkey_held_key key = {.id = KEY,
                               .device_id = {{1}},
                               .created_ms = 1,
                               .secret_revision = 2,
                               .volume = BKEY_VOLUME_OS,
                               .flags = BKEY_HELD_SECRET,
                               .origins = BKEY_ORIGIN_ENTRA | BKEY_ORIGIN_AD};
    const bkey_imported told = {.key_id = KEY,
                                .imported_ms = 1,
                                .organization_id = ORGANIZATION,
                                .name = "PC",
                                .serial = "SER-1",
                                .who = "ada"};
    bkey_sealed sealed = {.value = NULL};
    put_data_key();
    cr_assert(bkey_is_ok(bkey_held_seal(&place, &key, &sealed)));
    expect("sealed_key", sealed.value, sealed.value_len);
    bkey_sealed_done(&sealed);
    cr_assert(bkey_is_ok(bkey_imported_seal(&place, &told, &sealed)));
    expect("sealed_imported", sealed.value, sealed.value_len);
    bkey_sealed_done(&sealed);
}

Test(state_format, canary_is_that_of_the_document)
{
    bkey_secret *key = key_secret();
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_canary_seal(&place, key, &sealed)));
    expect("canary", sealed.value, sealed.value_len);
    bkey_sealed_done(&sealed);
    bkey_secret_free(&key);
}

Test(state_format, audit_head_is_that_of_the_document)
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    char line[BKEY_HEADS_LINE_SIZE];
    bkey_head_line head = {.point = {.seq = 7}, .time_ms = 1773214939120};
    bkey_head_line back;
    fill(head.chain, sizeof head.chain, 0x10);
    fill(head.point.hash, sizeof head.point.hash, 0x30);
    cr_assert(bkey_is_ok(bkey_heads_public(vault, public_key)));
    expect("audit_public_key", public_key, sizeof public_key);
    cr_assert(bkey_is_ok(bkey_heads_sign(vault, &head, line)));
    expect("head_line", (const uint8_t *)line, strlen(line));
    cr_expect(bkey_heads_read(line, strlen(line), public_key, &back));
    cr_expect(bkey_heads_is_genuine(&back, public_key));
    cr_expect_eq(back.point.seq, 7);
    for (size_t i = 0; i < strlen(line); i++) {
        for (uint8_t bit = 0; bit < 7; bit++) {
            line[i] ^= (char)(1 << bit);
            cr_expect_not(bkey_heads_read(line, strlen(line), public_key, &back) &&
                              bkey_heads_is_genuine(&back, public_key),
                          "%zu", i);
            line[i] ^= (char)(1 << bit);
        }
    }
}

Test(state_format, gap_line_is_that_of_the_document_and_refused_when_altered)
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    char line[BKEY_HEADS_LINE_SIZE];
    bkey_gap_line gap = {.first = 6, .last = 20, .time_ms = 1773214939120, .entry = {.seq = 9}};
    bkey_gap_line back;
    fill(gap.chain, sizeof gap.chain, 0x10);
    fill(gap.entry_chain, sizeof gap.entry_chain, 0x20);
    fill(gap.entry.hash, sizeof gap.entry.hash, 0x30);
    cr_assert(bkey_is_ok(bkey_heads_public(vault, public_key)));
    cr_assert(bkey_is_ok(bkey_heads_sign_gap(vault, &gap, line)));
    expect("gap_line", (const uint8_t *)line, strlen(line));
    cr_assert(bkey_heads_read_gap(line, strlen(line), public_key, &back));
    cr_expect_eq(back.entry.seq, 9);
    cr_expect_eq(back.last, 20);
    for (size_t i = 0; i < strlen(line); i++) {
        for (uint8_t bit = 0; bit < 7; bit++) {
            line[i] ^= (char)(1 << bit);
            cr_expect_not(bkey_heads_read_gap(line, strlen(line), public_key, &back), "%zu", i);
            line[i] ^= (char)(1 << bit);
        }
    }
}

static bkey_err count_record(void *context, const bkey_journal_record *record)
{
    unsigned *count = context;
    cr_expect_str_eq(record->entry.reason, "all else is down");
    (*count)++;
    return bkey_ok();
}

/* A journal is whole or refused: every bit, every cut, every order. */
Test(state_format, journal_is_that_of_the_document_and_refused_when_altered)
{
    static uint8_t journal[BKEY_JOURNAL_MAGIC_LEN + 2 * BKEY_JOURNAL_RECORD_MAX];
    const bkey_audit_entry entry = {.time_ms = 1773214939120,
                                    .actor = "ada",
                                    .reason = "all else is down",
                                    .tenant = TENANT,
                                    .key_id = KEY,
                                    .source = 7,
                                    .result = BKEY_AUDIT_SHOWN};
    bkey_journal_end at;
    bkey_journal_end end;
    unsigned records = 0;
    size_t first = 0;
    size_t second = 0;
    memset(&at, 0, sizeof at);
    memcpy(journal, BKEY_JOURNAL_MAGIC, BKEY_JOURNAL_MAGIC_LEN);
    uint8_t *to = journal + BKEY_JOURNAL_MAGIC_LEN;
    cr_assert(bkey_is_ok(bkey_journal_seal(vault, &at, &entry, to, &first, &at)));
    expect("journal_record", to, first);
    cr_assert(bkey_is_ok(bkey_journal_seal(vault, &at, &entry, to + first, &second, &at)));
    const bkey_bytes whole = {journal, BKEY_JOURNAL_MAGIC_LEN + first + second};
    cr_assert(bkey_is_ok(bkey_journal_read(vault, whole, count_record, &records, &end)));
    cr_expect_eq(records, 2);
    cr_expect_eq(memcmp(&end, &at, sizeof end), 0);
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        journal[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        cr_expect_not(bkey_is_ok(bkey_journal_read(vault, whole, NULL, NULL, &end)), "bit %zu",
                      bit);
        journal[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    for (size_t len = 0; len < whole.len; len++) {
        bool is_border = len == BKEY_JOURNAL_MAGIC_LEN || len == BKEY_JOURNAL_MAGIC_LEN + first;
        bkey_err err = bkey_journal_read(vault, (bkey_bytes){journal, len}, NULL, NULL, &end);
        cr_expect_eq(bkey_is_ok(err), is_border, "cut at %zu", len);
    }
    memmove(to, to + first, second);
    cr_expect_not(bkey_is_ok(bkey_journal_read(
        vault, (bkey_bytes){journal, BKEY_JOURNAL_MAGIC_LEN + second}, NULL, NULL, &end)));
}
