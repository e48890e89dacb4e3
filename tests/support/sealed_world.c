/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of an sealed_world. */
#include "tests/support/sealed_world.h"

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

static const sup_guid NO_TENANT;
static const sup_guid TENANT_A = {{0xa1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static const sup_guid TENANT_B = {{0xb1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static bkey_place place_in(sealed_world *in, const sup_guid *tenant, const char *organization)
{
    return (bkey_place){in->vault, &in->fake.call, *tenant, organization};
}

static sup_guid make_id(uint8_t number)
{
    sup_guid id = {{number, 0xc0, 0xff, 0xee}};
    id.bytes[15] = number;
    return id;
}

void sealed_world_put(sealed_world *in, bkey_sealed *sealed)
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

static void note(sealed_world *in, const bkey_place *place, uint8_t kind, bkey_bytes id)
{
    sealed_sample *one = &in->samples[in->count++];
    cr_assert_leq(in->count, SEALED_WORLD_ROWS);
    cr_assert_leq(id.len, SEALED_WORLD_ID_MAX);
    one->place = *place;
    one->kind = kind;
    if (id.len > 0)
        memcpy(one->id, id.ptr, id.len);
    one->id_len = id.len;
}

static void note_guid(sealed_world *in, const bkey_place *place, uint8_t kind, const sup_guid *id)
{
    note(in, place, kind, (bkey_bytes){id->bytes, sizeof id->bytes});
}

/* What every place has: its wrapped key, its canary and, but for the root's, its name. */
static void add_place(sealed_world *in, const bkey_place *place)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const bkey_bytes none = {NULL, 0};
    uint8_t id[SEALED_WORLD_ID_MAX];
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

static void add_key(sealed_world *in, const bkey_place *place, uint8_t number)
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
    sealed_world_put(in, &sealed);
    bkey_secret_free(&secret);
    key.secret_revision = 1;
    /* Odd numbers are of revision 2, so that two rows alike differ by it. */
    for (key.meta_revision = 0; key.meta_revision <= number % 2u; key.meta_revision++) {
        cr_assert(bkey_is_ok(bkey_held_seal(place, &key, &sealed)));
        sealed_world_put(in, &sealed);
    }
    note_guid(in, place, BKEY_KIND_HELD, &key.id);
    note_guid(in, place, BKEY_KIND_SECRET, &key.id);
}

static void add_device(sealed_world *in, const bkey_place *place)
{
    static const bkey_sources sources = {.link = "https://graph.example/next"};
    const bkey_tracked device = {
        .id = make_id(0x77), .name = "PC-1", .serial = "S-1", .organization_id = "org-a"};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_device_seal(place, &device, &sealed)));
    sealed_world_put(in, &sealed);
    note_guid(in, place, BKEY_KIND_DEVICE, &device.id);
    cr_assert(bkey_is_ok(bkey_device_sources_seal(place, &sources, &sealed)));
    sealed_world_put(in, &sealed);
    note(in, place, BKEY_KIND_DEVICE, (bkey_bytes){(const uint8_t *)"sources", 7});
}

static void add_imported(sealed_world *in, const bkey_place *place)
{
    const bkey_imported told = {.key_id = make_id(0x78),
                                .imported_ms = 1773214939120,
                                .organization_id = "org-a",
                                .name = "PC-1",
                                .serial = "S-1",
                                .who = "ada"};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_imported_seal(place, &told, &sealed)));
    sealed_world_put(in, &sealed);
    note_guid(in, place, BKEY_KIND_IMPORTED, &told.key_id);
}

static void add_findings(sealed_world *in, const bkey_place *place)
{
    bkey_findings findings = {.checked_ms = 1773214939120};
    bkey_sealed sealed = {.value = NULL};
    bkey_preflight_add(&findings.found, BKEY_PREFLIGHT_PERM_KEY_READ, 0);
    cr_assert(bkey_is_ok(bkey_findings_seal(place, &findings, &sealed)));
    sealed_world_put(in, &sealed);
    note(in, place, BKEY_KIND_FINDINGS, (bkey_bytes){(const uint8_t *)"check", 5});
}

static void add_evidence(sealed_world *in, const bkey_place *place)
{
    static bkey_evidence_row row = {.name = "PC-1", .serial = "To be filled"};
    bkey_sealed sealed = {.value = NULL};
    row.facts.device_id = make_id(0x77);
    cr_assert(bkey_is_ok(bkey_evidence_seal(place, &row, &sealed)));
    sealed_world_put(in, &sealed);
    note_guid(in, place, BKEY_KIND_EVIDENCE, &row.facts.device_id);
}

static void add_off(sealed_world *in)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const bkey_switch_off off = {.since_ms = 1773214939120};
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_findings_seal_off(&root, &off, &sealed)));
    sealed_world_put(in, &sealed);
    note(in, &root, BKEY_KIND_FINDINGS, (bkey_bytes){(const uint8_t *)"off", 3});
}

static void add_tenant(sealed_world *in, const sup_guid *tenant)
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
    sealed_world_put(in, &sealed);
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
    sealed_world_put(in, &sealed);
    note_guid(in, &root, BKEY_KIND_SIGNIN, tenant);
    cr_assert(bkey_is_ok(bkey_secret_dup(in->slab, "a token", 7, &token)));
    const bkey_credential credential = {.token = token, .grant = BKEY_GRANT_REFRESH};
    cr_assert(bkey_is_ok(bkey_credential_seal(&own, &credential, &sealed)));
    sealed_world_put(in, &sealed);
    bkey_secret_free(&token);
    note(in, &own, BKEY_KIND_CREDENTIAL, (bkey_bytes){sync, 4});
    cr_assert(bkey_is_ok(bkey_decision_seal(&own, &decision, &sealed)));
    sealed_world_put(in, &sealed);
    note_guid(in, &own, BKEY_KIND_DECISION, &decision.device_id);
    add_device(in, &own);
    add_evidence(in, &own);
    add_findings(in, &own);
    add_imported(in, &own);
}

static void add_audit(sealed_world *in, const char *organization)
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
        sealed_world_put(in, &sealed);
        sealed_world_put(in, &newest);
        note(in, &place, BKEY_KIND_AUDIT, (bkey_bytes){number, sizeof number});
    }
    note(in, &place, BKEY_KIND_AUDIT_HEAD, (bkey_bytes){(const uint8_t *)"head", 4});
}

static void add_journal(sealed_world *in)
{
    const bkey_place root = place_in(in, &NO_TENANT, "");
    const sup_guid id = make_id(0x99);
    const bkey_ref ref = {.kind = BKEY_KIND_JOURNAL, .id = {id.bytes, sizeof id.bytes}};
    bkey_content content;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_content_begin(&root, 16, 1, &content)));
    bkey_codec_put_i64(&content.writer, 1773214939120);
    cr_assert(bkey_is_ok(bkey_content_seal(&content, &root, &ref, &sealed)));
    sealed_world_put(in, &sealed);
    note_guid(in, &root, BKEY_KIND_JOURNAL, &id);
}

static void find_rows(sealed_world *in)
{
    for (size_t i = 0; i < in->count; i++) {
        sealed_sample *one = &in->samples[i];
        uint8_t key[BKEY_STATE_KEY_LEN];
        bkey_vault_row_key(&one->place, one->kind, (bkey_bytes){one->id, one->id_len}, key);
        one->row = fake_store_state(in->store, (bkey_bytes){key, sizeof key});
        cr_assert_not_null(one->row, "kind %c", one->kind);
    }
    cr_assert_eq(in->count, in->store->state_count, "a stored row is in no sample");
}

void sealed_world_install(sealed_world *in, uint64_t seed, uint8_t root)
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

void sealed_world_uninstall(sealed_world *in)
{
    bkey_vault_free(&in->vault);
    cr_expect_eq(bkey_slab_used(in->slab), 0);
    bkey_slab_free(&in->slab);
    fake_store_free(in->store);
}

bool sealed_world_opens(const sealed_sample *one)
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

uint8_t *sealed_world_value(const sealed_world *in, const sealed_sample *one)
{
    return in->store->heap + one->row->value_at;
}
