/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of sealed row against a thief who can write the store: single bits, values swapped
 * between rows, kinds, organizations and revisions, and rows of another installation. */
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
#include "state/canary.h"
#include "state/connection.h"
#include "state/content.h"
#include "state/credential.h"
#include "state/decision.h"
#include "state/device.h"
#include "state/evidence.h"
#include "state/findings.h"
#include "state/held.h"
#include "state/imported.h"
#include "state/places.h"
#include "state/signin.h"
#include "support/hex.h"
#include "tests/support/fake_ports.h"
#include "usecase/doctor.h"

#define SAMPLES_MAX 64u
#define ID_MAX 32u
#define HEX_SIZE (2u * BKEY_STATE_KEY_LEN + 1u)

/* One stored row, and what it takes to ask for it. */
typedef struct sample {
    bkey_place place;
    uint8_t kind;
    uint8_t id[ID_MAX];
    size_t id_len;
    fake_state_row *row;
} sample;

/* One installation: a store, a keyring, and its rows. */
typedef struct installation {
    fake_store *store;
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    sample samples[SAMPLES_MAX];
    size_t count;
} installation;

static installation home;

static const sup_guid NO_TENANT;
static const sup_guid TENANT_A = {{0xa1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static const sup_guid TENANT_B = {{0xb1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static bkey_place place_in(installation *in, const sup_guid *tenant, const char *organization)
{
    return (bkey_place){in->vault, &in->fake.call, *tenant, organization};
}

static sup_guid make_id(uint8_t number)
{
    sup_guid id = {{number, 0xc0, 0xff, 0xee}};
    id.bytes[15] = number;
    return id;
}

static void put(installation *in, bkey_sealed *sealed)
{
    static unsigned number;
    char op_key[16];
    uint64_t rows = 0;
    size_t conflict = 0;
    bkey_item item = bkey_sealed_put(sealed);
    (void)snprintf(op_key, sizeof op_key, "op%u", number++);
    cr_assert(bkey_is_ok(
        in->fake.ports.apply(&in->fake, &in->fake.call, &item, 1, op_key, &rows, &conflict)));
    bkey_sealed_done(sealed);
}

static void note(installation *in, const bkey_place *place, uint8_t kind, bkey_bytes id)
{
    sample *one = &in->samples[in->count++];
    cr_assert_leq(in->count, SAMPLES_MAX);
    cr_assert_leq(id.len, ID_MAX);
    one->place = *place;
    one->kind = kind;
    if (id.len > 0)
        memcpy(one->id, id.ptr, id.len);
    one->id_len = id.len;
}

static void note_guid(installation *in, const bkey_place *place, uint8_t kind, const sup_guid *id)
{
    note(in, place, kind, (bkey_bytes){id->bytes, sizeof id->bytes});
}

/* What every place has: its wrapped key, its canary and, but for the root's, its name. */
static void add_place(installation *in, const bkey_place *place)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const bkey_bytes none = {NULL, 0};
    uint8_t id[ID_MAX];
    size_t len = strlen(place->organization_id);
    cr_assert(bkey_is_ok(bkey_vault_ensure(place)));
    note(in, place, BKEY_KIND_WRAPPED, none);
    note(in, place, BKEY_KIND_CANARY, none);
    if (bkey_places_is_root(place))
        return;
    memcpy(id, place->tenant.bytes, 16);
    memcpy(id + 16, place->organization_id, len);
    note(in, &root, BKEY_KIND_PLACE, (bkey_bytes){id, 16 + len});
}

static void add_key(installation *in, const bkey_place *place, uint8_t number)
{
    bkey_held_key key = {.id = make_id(number),
                         .device_id = make_id(0x77),
                         .created_ms = 1773214939120,
                         .volume = BKEY_VOLUME_OS,
                         .flags = BKEY_HELD_SECRET,
                         .origins = BKEY_ORIGIN_ENTRA | BKEY_ORIGIN_AD};
    bkey_secret *secret = NULL;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_secret_dup(in->slab, "sixteen bytes ab", 16, &secret)));
    cr_assert(bkey_is_ok(bkey_held_seal_secret(place, &key, secret, &sealed)));
    put(in, &sealed);
    bkey_secret_free(&secret);
    key.secret_revision = 1;
    /* Odd numbers are of revision 2, so that two rows alike differ by it. */
    for (key.meta_revision = 0; key.meta_revision <= number % 2u; key.meta_revision++) {
        cr_assert(bkey_is_ok(bkey_held_seal(place, &key, &sealed)));
        put(in, &sealed);
    }
    note_guid(in, place, BKEY_KIND_HELD, &key.id);
    note_guid(in, place, BKEY_KIND_SECRET, &key.id);
}

static void add_device(installation *in, const bkey_place *place)
{
    static const bkey_sources sources = {.link = "https://graph.example/next"};
    const bkey_tracked device = {
        .id = make_id(0x77), .name = "PC-1", .serial = "S-1", .organization_id = "org-a"};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_device_seal(place, &device, &sealed)));
    put(in, &sealed);
    note_guid(in, place, BKEY_KIND_DEVICE, &device.id);
    cr_assert(bkey_is_ok(bkey_device_sources_seal(place, &sources, &sealed)));
    put(in, &sealed);
    note(in, place, BKEY_KIND_DEVICE, (bkey_bytes){(const uint8_t *)"sources", 7});
}

static void add_imported(installation *in, const bkey_place *place)
{
    const bkey_imported told = {.key_id = make_id(0x78),
                                .imported_ms = 1773214939120,
                                .organization_id = "org-a",
                                .name = "PC-1",
                                .serial = "S-1",
                                .who = "ada"};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_imported_seal(place, &told, &sealed)));
    put(in, &sealed);
    note_guid(in, place, BKEY_KIND_IMPORTED, &told.key_id);
}

static void add_findings(installation *in, const bkey_place *place)
{
    bkey_findings findings = {.checked_ms = 1773214939120};
    bkey_sealed sealed = {.value = NULL};
    bkey_preflight_add(&findings.found, BKEY_PREFLIGHT_PERM_KEY_READ, 0);
    cr_assert(bkey_is_ok(bkey_findings_seal(place, &findings, &sealed)));
    put(in, &sealed);
    note(in, place, BKEY_KIND_FINDINGS, (bkey_bytes){(const uint8_t *)"check", 5});
}

static void add_evidence(installation *in, const bkey_place *place)
{
    static bkey_evidence_row row = {.name = "PC-1", .serial = "To be filled"};
    bkey_sealed sealed = {.value = NULL};
    row.facts.device_id = make_id(0x77);
    cr_assert(bkey_is_ok(bkey_evidence_seal(place, &row, &sealed)));
    put(in, &sealed);
    note_guid(in, place, BKEY_KIND_EVIDENCE, &row.facts.device_id);
}

static void add_off(installation *in)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const bkey_switch_off off = {.since_ms = 1773214939120};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_findings_seal_off(&root, &off, &sealed)));
    put(in, &sealed);
    note(in, &root, BKEY_KIND_FINDINGS, (bkey_bytes){(const uint8_t *)"off", 3});
}

static void add_tenant(installation *in, const sup_guid *tenant)
{
    static const uint8_t sync[] = "sync";
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const bkey_place own = place_in(in, tenant, "");
    static bkey_connection connection;
    bkey_decision_row decision = {.device_id = make_id(0x77),
                                  .organization_id = "org-a",
                                  .configuration_id = "config-1",
                                  .reason = BKEY_MATCH_SERIAL};
    bkey_secret *token = NULL;
    bkey_sealed sealed = {.value = NULL};
    add_place(in, &own);
    connection = (bkey_connection){.tenant = *tenant,
                                   .grant = BKEY_GRANT_REFRESH,
                                   .organization_count = 1,
                                   .organization_ids = {"org-a"},
                                   .client_id = "client"};
    cr_assert(bkey_is_ok(bkey_connection_seal(&root, &connection, &sealed)));
    put(in, &sealed);
    note_guid(in, &root, BKEY_KIND_CONNECTION, tenant);
    bkey_signin *begun = calloc(1, sizeof *begun);
    cr_assert_not_null(begun);
    begun->target = connection;
    begun->way = BKEY_SIGNIN_DEVICE;
    begun->state = BKEY_SIGNIN_WAITING;
    cr_assert(bkey_is_ok(bkey_secret_dup(in->slab, "a device code", 13, &begun->code)));
    cr_assert(bkey_is_ok(bkey_signin_seal(&root, begun, &sealed)));
    bkey_signin_done(begun);
    free(begun);
    put(in, &sealed);
    note_guid(in, &root, BKEY_KIND_SIGNIN, tenant);
    cr_assert(bkey_is_ok(bkey_secret_dup(in->slab, "a token", 7, &token)));
    const bkey_credential credential = {.token = token, .grant = BKEY_GRANT_REFRESH};
    cr_assert(bkey_is_ok(bkey_credential_seal(&own, &credential, &sealed)));
    put(in, &sealed);
    bkey_secret_free(&token);
    note(in, &own, BKEY_KIND_CREDENTIAL, (bkey_bytes){sync, 4});
    cr_assert(bkey_is_ok(bkey_decision_seal(&own, &decision, &sealed)));
    put(in, &sealed);
    note_guid(in, &own, BKEY_KIND_DECISION, &decision.device_id);
    add_device(in, &own);
    add_evidence(in, &own);
    add_findings(in, &own);
    add_imported(in, &own);
}

static void add_audit(installation *in, const char *organization)
{
    const bkey_place place = place_in(in, &NO_TENANT, organization);
    const bkey_audit_entry entry = {.time_ms = 1773214939120,
                                    .actor = "ada",
                                    .reason = "all else is down",
                                    .result = BKEY_AUDIT_REFUSED};
    add_place(in, &place);
    for (uint8_t seq = 1; seq <= 2; seq++) {
        const uint8_t number[8] = {seq};
        bkey_audit_head head;
        bkey_sealed sealed = {.value = NULL};
        bkey_sealed newest = {.value = NULL};
        cr_assert(bkey_is_ok(bkey_audit_head_get(&place, &head)));
        cr_assert(bkey_is_ok(bkey_audit_append(&place, &head, &entry, &sealed, &newest)));
        put(in, &sealed);
        put(in, &newest);
        note(in, &place, BKEY_KIND_AUDIT, (bkey_bytes){number, sizeof number});
    }
    note(in, &place, BKEY_KIND_AUDIT_HEAD, (bkey_bytes){(const uint8_t *)"head", 4});
}

static void add_journal(installation *in)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const sup_guid id = make_id(0x99);
    const bkey_ref ref = {.kind = BKEY_KIND_JOURNAL, .id = {id.bytes, sizeof id.bytes}};
    bkey_content content;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_content_begin(&root, 16, 1, &content)));
    bkey_codec_put_i64(&content.writer, 1773214939120);
    cr_assert(bkey_is_ok(bkey_content_seal(&content, &root, &ref, &sealed)));
    put(in, &sealed);
    note_guid(in, &root, BKEY_KIND_JOURNAL, &id);
}

static void find_rows(installation *in)
{
    for (size_t i = 0; i < in->count; i++) {
        sample *one = &in->samples[i];
        uint8_t key[BKEY_STATE_KEY_LEN];
        bkey_vault_row_key(&one->place, one->kind, (bkey_bytes){one->id, one->id_len}, key);
        one->row = fake_store_state(in->store, (bkey_bytes){key, sizeof key});
        cr_assert_not_null(one->row, "kind %c", one->kind);
    }
    cr_assert_eq(in->count, in->store->state_count, "a stored row is in no sample");
}

static void install(installation *in, uint64_t seed, uint8_t root)
{
    in->store = fake_store_new();
    in->count = 0;
    fake_store_add_organization(in->store, "org-a", "A");
    fake_store_add_organization(in->store, "org-b", "B");
    fake_ports_init(&in->fake, in->store, seed);
    memset(in->fake.root, root, sizeof in->fake.root);
    cr_assert(bkey_is_ok(bkey_slab_new(&in->slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&in->fake.ports, in->slab, &in->vault)));
    const bkey_place place = place_in(in, &NO_TENANT, "");
    const bkey_place first = place_in(in, &TENANT_A, "org-a");
    const bkey_place second = place_in(in, &TENANT_A, "org-b");
    add_place(in, &place);
    add_tenant(in, &TENANT_A);
    add_tenant(in, &TENANT_B);
    add_place(in, &first);
    add_place(in, &second);
    add_key(in, &first, 1);
    add_key(in, &first, 2);
    add_key(in, &first, 3);
    add_key(in, &second, 2);
    add_audit(in, "org-a");
    add_audit(in, "org-b");
    add_journal(in);
    add_off(in);
    find_rows(in);
}

static void uninstall(installation *in)
{
    bkey_vault_free(&in->vault);
    cr_expect_eq(bkey_slab_used(in->slab), 0);
    bkey_slab_free(&in->slab);
    fake_store_free(in->store);
}

static void begin(void)
{
    install(&home, 7, 0x5a);
}

static void end(void)
{
    uninstall(&home);
}

TestSuite(tamper, .init = begin, .fini = end);

/* Asks for the row as the product does; true when it is given. */
static bool opens(const sample *one)
{
    const bkey_bytes id = {one->id, one->id_len};
    bkey_secret *plain = NULL;
    bkey_audit_entry entry;
    bkey_err err;
    if (one->kind == BKEY_KIND_WRAPPED) {
        bkey_vault_forget(one->place.vault);
        err = bkey_vault_data_key(&one->place, &plain);
    } else if (one->kind == BKEY_KIND_AUDIT) {
        err = bkey_audit_get(&one->place, one->id[0], &entry, &plain);
    } else {
        err = bkey_open_row(&one->place, one->kind, id, &plain, NULL);
    }
    cr_assert(bkey_is_ok(err) || bkey_err_category(err) == BKEY_CAT_CORRUPT ||
                  bkey_is(err, BKEY_E_KEYRING),
              "kind %c: %s", one->kind, bkey_err_name(err));
    cr_assert_eq(bkey_is_ok(err), plain != NULL);
    bkey_secret_free(&plain);
    return bkey_is_ok(err);
}

static uint8_t *value_of(const installation *in, const sample *one)
{
    return in->store->heap + one->row->value_at;
}

static void swap_values(fake_state_row *a, fake_state_row *b)
{
    const fake_state_row kept = *a;
    a->value_at = b->value_at;
    a->value_len = b->value_len;
    a->value_cap = b->value_cap;
    b->value_at = kept.value_at;
    b->value_len = kept.value_len;
    b->value_cap = kept.value_cap;
}

/* What the doctor says, as JSON. */
static void ask_doctor(sup_buffer *out)
{
    const bkey_doctor_request request = {&home.fake.ports, &home.fake.call, home.vault};
    sup_buffer_init(out, 1u << 22);
    bkey_err err = bkey_doctor_run(&request, out);
    cr_assert(bkey_is_ok(err), "%s", bkey_err_name(err));
}

/* The words by which that record is told: its row, its key, its place or its number. */
static bool is_named(const sample *one, const char *told)
{
    char name[HEX_SIZE];
    char quoted[HEX_SIZE + 16];
    sup_hex_format(one->row->key, BKEY_STATE_KEY_LEN, name);
    if (strstr(told, name) != NULL)
        return true;
    if (one->kind == BKEY_KIND_AUDIT) {
        (void)snprintf(quoted, sizeof quoted, "ntry %u ", one->id[0]);
        return strstr(told, quoted) != NULL && strstr(told, one->place.organization_id) != NULL;
    }
    if (one->kind == BKEY_KIND_SECRET) {
        sup_guid id;
        memcpy(id.bytes, one->id, sizeof id.bytes);
        sup_guid_format(&id, quoted);
        return strstr(told, quoted) != NULL;
    }
    if (one->kind == BKEY_KIND_WRAPPED || one->kind == BKEY_KIND_CANARY)
        return strstr(told, "\"canary\"") != NULL && strstr(told, one->place.organization_id);
    if (one->kind == BKEY_KIND_PLACE)
        return strstr(told, "\"canary\"") != NULL || strstr(told, "kind P") != NULL;
    (void)snprintf(quoted, sizeof quoted, "rows of kind %c", one->kind);
    return strstr(told, quoted) != NULL;
}

Test(tamper, untouched_rows_of_every_kind_open_and_the_doctor_is_content)
{
    static const char kinds[] = BKEY_KINDS;
    sup_buffer told;
    for (size_t i = 0; i < home.count; i++)
        cr_expect(opens(&home.samples[i]), "kind %c", home.samples[i].kind);
    for (const char *kind = kinds; *kind != '\0'; kind++) {
        size_t found = 0;
        for (size_t i = 0; i < home.count; i++)
            found += home.samples[i].kind == (uint8_t)*kind;
        cr_expect_gt(found, 0, "kind %c", *kind);
    }
    ask_doctor(&told);
    cr_expect_not_null(strstr(sup_buffer_text(&told), "\"problem_count\":0"), "%s",
                       sup_buffer_text(&told));
    sup_buffer_done(&told);
}

Test(tamper, any_flipped_bit_of_any_kind_is_refused)
{
    for (size_t i = 0; i < home.count; i++) {
        const sample *one = &home.samples[i];
        uint8_t *value = value_of(&home, one);
        for (size_t bit = 0; bit < one->row->value_len * 8u; bit++) {
            value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            cr_expect_not(opens(one), "kind %c, bit %zu", one->kind, bit);
            value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        cr_expect(opens(one), "kind %c", one->kind);
    }
}

Test(tamper, any_two_swapped_values_are_refused)
{
    for (size_t i = 0; i < home.count; i++) {
        for (size_t k = i + 1; k < home.count; k++) {
            const sample *one = &home.samples[i];
            const sample *two = &home.samples[k];
            const uint64_t revision = one->row->revision;
            swap_values(one->row, two->row);
            cr_expect_not(opens(one), "%c with %c", one->kind, two->kind);
            cr_expect_not(opens(two), "%c with %c", one->kind, two->kind);
            one->row->revision = two->row->revision;
            two->row->revision = revision;
            cr_expect_not(opens(one), "%c with %c and revision", one->kind, two->kind);
            cr_expect_not(opens(two), "%c with %c and revision", one->kind, two->kind);
            two->row->revision = one->row->revision;
            one->row->revision = revision;
            swap_values(one->row, two->row);
        }
    }
    for (size_t i = 0; i < home.count; i++)
        cr_expect(opens(&home.samples[i]));
}

Test(tamper, value_under_another_revision_is_refused)
{
    for (size_t i = 0; i < home.count; i++) {
        const sample *one = &home.samples[i];
        const uint64_t right = one->row->revision;
        for (uint64_t revision = 0; revision <= right + 3; revision++) {
            one->row->revision = revision;
            cr_expect_eq(opens(one), revision == right, "kind %c, revision %llu of %llu", one->kind,
                         (unsigned long long)revision, (unsigned long long)right);
        }
        one->row->revision = right;
    }
}

/* Same tenants, organizations, keys, texts: only root and random differ, or only the random. */
static void exchange_with(uint64_t seed, uint8_t root)
{
    static installation other;
    install(&other, seed, root);
    cr_assert_eq(home.count, other.count);
    for (size_t i = 0; i < home.count; i++) {
        const sample *one = &home.samples[i];
        uint8_t kept[8192];
        const uint32_t kept_len = one->row->value_len;
        cr_assert_eq(one->kind, other.samples[i].kind);
        cr_assert_leq(kept_len, sizeof kept);
        cr_assert_eq(other.samples[i].row->value_len, kept_len);
        memcpy(kept, value_of(&home, one), kept_len);
        memcpy(value_of(&home, one), value_of(&other, &other.samples[i]), kept_len);
        cr_expect_not(opens(one), "kind %c", one->kind);
        memcpy(value_of(&home, one), kept, kept_len);
        cr_expect(opens(one));
    }
    uninstall(&other);
}

Test(tamper, value_of_another_installation_is_refused)
{
    exchange_with(7, 0x5b);
    exchange_with(8, 0x5a);
    exchange_with(9, 0x5c);
}

/* Each row, harmed in its last byte, in its nonce and in what names its key. */
Test(tamper, harmed_record_is_named_by_the_doctor)
{
    for (size_t i = 0; i < home.count; i++) {
        const sample *one = &home.samples[i];
        const size_t start = one->kind == BKEY_KIND_AUDIT ? BKEY_AUDIT_CLEAR_LEN : 0;
        const size_t places[] = {one->row->value_len - 1, start + 12, start + 4};
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
            sup_buffer told;
            value_of(&home, one)[places[k]] ^= 0x10;
            bkey_vault_forget(home.vault);
            ask_doctor(&told);
            cr_expect(is_named(one, sup_buffer_text(&told)), "kind %c, byte %zu: %s", one->kind,
                      places[k], sup_buffer_text(&told));
            sup_buffer_done(&told);
            value_of(&home, one)[places[k]] ^= 0x10;
        }
    }
}

/* Exchanged between rows of one kind, both are told. */
Test(tamper, swapped_records_are_named_by_the_doctor)
{
    for (size_t i = 0; i < home.count; i++) {
        for (size_t k = i + 1; k < home.count; k++) {
            const sample *one = &home.samples[i];
            const sample *two = &home.samples[k];
            sup_buffer told;
            if (one->kind != two->kind)
                continue;
            swap_values(one->row, two->row);
            bkey_vault_forget(home.vault);
            ask_doctor(&told);
            cr_expect(is_named(one, sup_buffer_text(&told)), "kind %c: %s", one->kind,
                      sup_buffer_text(&told));
            /* Without the root place's key no other place can be told from another. */
            if (!bkey_places_is_root(&one->place) || one->kind != BKEY_KIND_WRAPPED)
                cr_expect(is_named(two, sup_buffer_text(&told)), "kind %c: %s", one->kind,
                          sup_buffer_text(&told));
            sup_buffer_done(&told);
            swap_values(one->row, two->row);
        }
    }
}
