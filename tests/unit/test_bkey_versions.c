/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of docs/state-format.md for what another version wrote: later contents are read as far
 * as they are known, kinds that nobody knows are left alone, newer formats are refused untouched.
 */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c tests/support/sealed_world.c plugin/src/usecase/?*.c
 * plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/state/?*.c plugin/src/graph/decode?*.c
 * plugin/src/graph/decode.c plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "state/audit.h"
#include "state/canary.h"
#include "state/connection.h"
#include "state/credential.h"
#include "state/decision.h"
#include "state/device.h"
#include "state/evidence.h"
#include "state/findings.h"
#include "state/held.h"
#include "state/imported.h"
#include "state/signin.h"
#include "tests/support/sealed_world.h"
#include "usecase/doctor.h"
#include "usecase/rewrap.h"
#include "usecase/selftest.h"
#include "usecase/upgrade.h"

#define LATER 9u
#define MORE 7u /* bytes that a later version appended */

static sealed_world home;

static void begin(void)
{
    sealed_world_install(&home, 7, 0x5a);
}

static void end(void)
{
    sealed_world_uninstall(&home);
}

TestSuite(versions, .init = begin, .fini = end);

/* Seals the row anew as a later version would have written it. */
static void make_later(sealed_sample *one)
{
    bkey_secret *plain = NULL;
    bkey_secret *later = NULL;
    bkey_sealed sealed = {.value = NULL};
    const bkey_bytes id = {one->id, one->id_len};
    bkey_ref ref = {.kind = one->kind, .id = id};
    cr_assert(bkey_is_ok(bkey_open_row(&one->place, one->kind, id, &plain, &ref.revision)));
    const size_t len = bkey_secret_len(plain);
    cr_assert(bkey_is_ok(bkey_secret_new(home.slab, len + MORE, &later)));
    uint8_t *bytes = bkey_secret_borrow(later);
    memcpy(bytes, bkey_secret_borrow(plain), len);
    bytes[0] = LATER;
    memset(bytes + len, 0xee, MORE);
    bkey_secret_return(plain);
    bkey_secret_return(later);
    ref.revision++;
    cr_assert(bkey_is_ok(bkey_seal_value(&one->place, &ref, later, &sealed)));
    sealed_world_put(&home, &sealed);
    bkey_secret_free(&later);
    bkey_secret_free(&plain);
}

static bkey_err count_one(void *context)
{
    ++*(size_t *)context;
    return bkey_ok();
}

static bkey_err take_device(void *context, const bkey_tracked *device)
{
    return strcmp(device->name, "PC-1") == 0 ? count_one(context) : bkey_ok();
}

static bkey_err take_imported(void *context, const bkey_imported *row)
{
    return strcmp(row->who, "ada") == 0 ? count_one(context) : bkey_ok();
}

static bkey_err take_signin(void *context, const bkey_signin *signin)
{
    return signin->state == BKEY_SIGNIN_WAITING ? count_one(context) : bkey_ok();
}

/* What is known of that row is as it was. */
static bool is_read(const sealed_sample *one)
{
    static bkey_connection connection;
    static bkey_evidence_row evidence;
    static bkey_sources sources;
    bkey_credential credential = {.token = NULL};
    bkey_decision_row decision;
    bkey_findings findings;
    bkey_held_key key;
    bkey_secret *secret = NULL;
    bool malformed = true;
    size_t found = 0;
    sup_guid id = {{0}};
    memcpy(id.bytes, one->id, sizeof id.bytes);
    switch (one->kind) {
    case BKEY_KIND_CONNECTION:
        return bkey_is_ok(bkey_connection_get(&one->place, &id, &connection)) &&
               strcmp(connection.client_id, "client") == 0;
    case BKEY_KIND_CREDENTIAL: {
        const bool is_ok = bkey_is_ok(bkey_credential_get(&one->place, &credential)) &&
                           bkey_secret_len(credential.token) == 7;
        bkey_credential_done(&credential);
        return is_ok;
    }
    case BKEY_KIND_HELD:
        return bkey_is_ok(bkey_held_get(&one->place, &id, &key)) && key.origins != 0 &&
               key.created_ms == 1773214939120;
    case BKEY_KIND_SECRET:
        if (bkey_is_ok(bkey_held_open_secret(&one->place, &id, &secret, &malformed)))
            found = bkey_secret_len(secret);
        bkey_secret_free(&secret);
        return found == 16 && !malformed;
    case BKEY_KIND_DECISION:
        return bkey_is_ok(bkey_decision_get(&one->place, &id, &decision)) &&
               strcmp(decision.configuration_id, "config-1") == 0;
    case BKEY_KIND_EVIDENCE:
        return bkey_is_ok(bkey_evidence_get(&one->place, &id, &evidence)) &&
               strcmp(evidence.serial, "To be filled") == 0;
    case BKEY_KIND_DEVICE:
        return one->id_len == sizeof id.bytes
                   ? bkey_is_ok(bkey_device_scan(&one->place, take_device, &found)) && found == 1
                   : bkey_is_ok(bkey_device_sources_get(&one->place, &sources)) &&
                         strcmp(sources.link, "https://graph.example/next") == 0;
    case BKEY_KIND_FINDINGS:
        return one->place.organization_id[0] != '\0' || one->id[0] == 'o' ||
               (bkey_is_ok(bkey_findings_get(&one->place, &findings)) &&
                findings.checked_ms == 1773214939120);
    case BKEY_KIND_IMPORTED:
        return bkey_is_ok(bkey_imported_scan(&one->place, take_imported, &found)) && found == 1;
    case BKEY_KIND_SIGNIN:
        return bkey_is_ok(bkey_signin_scan(&one->place, take_signin, &found)) && found == 2;
    case BKEY_KIND_CANARY:
        return bkey_is_ok(bkey_canary_check(&one->place));
    default:
        return true; /* without a reader of its own; the doctor's turn */
    }
}

static void expect_of_doctor(const char *count, const char *text)
{
    const bkey_doctor_request request = {&home.fake.ports, &home.fake.call, home.vault};
    sup_buffer told;
    sup_buffer_init(&told, 1u << 22);
    cr_assert(bkey_is_ok(bkey_doctor_run(&request, &told)));
    cr_expect_not_null(strstr(sup_buffer_text(&told), count), "%s", sup_buffer_text(&told));
    cr_expect_not_null(strstr(sup_buffer_text(&told), text), "%s", sup_buffer_text(&told));
    sup_buffer_done(&told);
}

Test(versions, later_contents_are_read_as_far_as_they_are_known)
{
    for (size_t i = 0; i < home.count; i++)
        cr_assert(is_read(&home.samples[i]), "kind %c", home.samples[i].kind);
    for (size_t i = 0; i < home.count; i++) {
        sealed_sample *one = &home.samples[i];
        /* Not enveloped, or named by the hash of an entry or by an entry's revisions. */
        if (strchr("WAKS", one->kind) != NULL)
            continue;
        make_later(one);
        cr_expect(is_read(one), "kind %c", one->kind);
    }
    expect_of_doctor("\"problem_count\":0", "");
    for (size_t i = 0; i < home.count; i++) {
        sealed_sample *one = &home.samples[i];
        if (one->kind != BKEY_KIND_HELD && one->kind != BKEY_KIND_SECRET)
            continue;
        make_later(one);
        cr_expect(one->kind == BKEY_KIND_SECRET || is_read(one), "kind %c", one->kind);
    }
}

/* A key, its value and its revision, of a kind that this version has no word for. */
static void put_unknown(uint8_t kind)
{
    static const uint8_t value[] = "of a later version";
    uint8_t key[BKEY_STATE_KEY_LEN] = {kind};
    uint64_t rows = 0;
    size_t conflict = 0;
    bkey_item item;
    memset(&item, 0, sizeof item);
    item.kind = BKEY_ITEM_STATE_PUT;
    item.key = (bkey_bytes){key, sizeof key};
    item.value = (bkey_bytes){value, sizeof value};
    cr_assert(bkey_is_ok(home.fake.ports.apply(&home.fake, &home.fake.call, &item, 1,
                                               "unknown kind", &rows, &conflict)));
}

static void tell(void *context, const bkey_place *place, bkey_err reason, const char *text)
{
    (void)place;
    (void)reason;
    (void)text;
    ++*(size_t *)context;
}

Test(versions, kinds_that_nobody_knows_are_left_alone)
{
    uint8_t key[BKEY_STATE_KEY_LEN] = {'Z'};
    bkey_rewrap_result result = {0};
    size_t problems = 0;
    put_unknown('Z');
    const bkey_ports *ports = &home.fake.ports;
    cr_expect(bkey_is_ok(bkey_upgrade_run(ports, &home.fake.call, home.vault)));
    cr_expect(bkey_is_ok(bkey_selftest_run(ports, &home.fake.call, home.vault, tell, &problems)));
    cr_expect_eq(problems, 0);
    home.fake.generation = 2;
    cr_expect(bkey_is_ok(bkey_rewrap_run(ports, &home.fake.call, home.vault, 2, &result)));
    cr_expect_eq(result.remaining, 0);
    expect_of_doctor("\"problem_count\":1",
                     "1 rows of kind Z belong to nothing known: a newer version");
    const fake_state_row *row = fake_store_state(home.store, (bkey_bytes){key, sizeof key});
    cr_assert_not_null(row);
    cr_expect_eq(row->revision, 1);
    cr_expect_str_eq((const char *)home.store->heap + row->value_at, "of a later version");
}

/* Format and flags: what is higher than known is told as newer, of every kind, and left as it is.
 */
Test(versions, newer_formats_and_flags_of_every_kind_are_told_as_such)
{
    for (size_t i = 0; i < home.count; i++) {
        const sealed_sample *one = &home.samples[i];
        const size_t start = one->kind == BKEY_KIND_AUDIT ? BKEY_AUDIT_CLEAR_LEN : 0;
        for (size_t at = 0; at < 2; at++) {
            bkey_secret *plain = NULL;
            uint8_t *byte = sealed_world_value(&home, one) + start + at;
            const uint8_t kept = *byte;
            bkey_err err;
            *byte = 2;
            bkey_vault_forget(home.vault);
            if (one->kind == BKEY_KIND_WRAPPED) {
                err = bkey_vault_data_key(&one->place, &plain);
            } else if (one->kind == BKEY_KIND_AUDIT) {
                bkey_audit_entry entry;
                err = bkey_audit_get(&one->place, one->id[0], &entry, &plain);
            } else {
                err = bkey_open_row(&one->place, one->kind, (bkey_bytes){one->id, one->id_len},
                                    &plain, NULL);
            }
            cr_expect(bkey_is(err, BKEY_E_NEWER_FORMAT), "kind %c, byte %zu: %s", one->kind, at,
                      bkey_err_name(err));
            cr_expect_null(plain);
            *byte = kept;
        }
    }
}
