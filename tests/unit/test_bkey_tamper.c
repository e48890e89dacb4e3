/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of sealed row against a thief who can write the store: single bits, values swapped
 * between rows, kinds, organizations and revisions, and rows of another installation. */
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/audit.h"
#include "state/places.h"
#include "support/hex.h"
#include "tests/support/sealed_world.h"
#include "usecase/doctor.h"

#define HEX_SIZE (2u * BKEY_STATE_KEY_LEN + 1u)

static sealed_world home;

static void begin(void)
{
    sealed_world_install(&home, 7, 0x5a);
}

static void end(void)
{
    sealed_world_uninstall(&home);
}

TestSuite(tamper, .init = begin, .fini = end);

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
static bool is_named(const sealed_sample *one, const char *told)
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
        cr_expect(sealed_world_opens(&home.samples[i]), "kind %c", home.samples[i].kind);
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
        const sealed_sample *one = &home.samples[i];
        uint8_t *value = sealed_world_value(&home, one);
        for (size_t bit = 0; bit < one->row->value_len * 8u; bit++) {
            value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            cr_expect_not(sealed_world_opens(one), "kind %c, bit %zu", one->kind, bit);
            value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        cr_expect(sealed_world_opens(one), "kind %c", one->kind);
    }
}

Test(tamper, any_two_swapped_values_are_refused)
{
    for (size_t i = 0; i < home.count; i++) {
        for (size_t k = i + 1; k < home.count; k++) {
            const sealed_sample *one = &home.samples[i];
            const sealed_sample *two = &home.samples[k];
            const uint64_t revision = one->row->revision;
            swap_values(one->row, two->row);
            cr_expect_not(sealed_world_opens(one), "%c with %c", one->kind, two->kind);
            cr_expect_not(sealed_world_opens(two), "%c with %c", one->kind, two->kind);
            one->row->revision = two->row->revision;
            two->row->revision = revision;
            cr_expect_not(sealed_world_opens(one), "%c with %c and revision", one->kind, two->kind);
            cr_expect_not(sealed_world_opens(two), "%c with %c and revision", one->kind, two->kind);
            two->row->revision = one->row->revision;
            one->row->revision = revision;
            swap_values(one->row, two->row);
        }
    }
    for (size_t i = 0; i < home.count; i++)
        cr_expect(sealed_world_opens(&home.samples[i]));
}

Test(tamper, value_under_another_revision_is_refused)
{
    for (size_t i = 0; i < home.count; i++) {
        const sealed_sample *one = &home.samples[i];
        const uint64_t right = one->row->revision;
        for (uint64_t revision = 0; revision <= right + 3; revision++) {
            one->row->revision = revision;
            cr_expect_eq(sealed_world_opens(one), revision == right,
                         "kind %c, revision %llu of %llu", one->kind, (unsigned long long)revision,
                         (unsigned long long)right);
        }
        one->row->revision = right;
    }
}

/* Same tenants, organizations, keys, texts: only root and random differ, or only the random. */
static void exchange_with(uint64_t seed, uint8_t root)
{
    static sealed_world other;
    sealed_world_install(&other, seed, root);
    cr_assert_eq(home.count, other.count);
    for (size_t i = 0; i < home.count; i++) {
        const sealed_sample *one = &home.samples[i];
        uint8_t kept[8192];
        const uint32_t kept_len = one->row->value_len;
        cr_assert_eq(one->kind, other.samples[i].kind);
        cr_assert_leq(kept_len, sizeof kept);
        cr_assert_eq(other.samples[i].row->value_len, kept_len);
        memcpy(kept, sealed_world_value(&home, one), kept_len);
        memcpy(sealed_world_value(&home, one), sealed_world_value(&other, &other.samples[i]),
               kept_len);
        cr_expect_not(sealed_world_opens(one), "kind %c", one->kind);
        memcpy(sealed_world_value(&home, one), kept, kept_len);
        cr_expect(sealed_world_opens(one));
    }
    sealed_world_uninstall(&other);
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
        const sealed_sample *one = &home.samples[i];
        const size_t start = one->kind == BKEY_KIND_AUDIT ? BKEY_AUDIT_CLEAR_LEN : 0;
        const size_t places[] = {one->row->value_len - 1, start + 12, start + 4};
        for (size_t k = 0; k < sizeof places / sizeof places[0]; k++) {
            sup_buffer told;
            sealed_world_value(&home, one)[places[k]] ^= 0x10;
            bkey_vault_forget(home.vault);
            ask_doctor(&told);
            cr_expect(is_named(one, sup_buffer_text(&told)), "kind %c, byte %zu: %s", one->kind,
                      places[k], sup_buffer_text(&told));
            sup_buffer_done(&told);
            sealed_world_value(&home, one)[places[k]] ^= 0x10;
        }
    }
}

/* Exchanged between rows of one kind, both are told. */
Test(tamper, swapped_records_are_named_by_the_doctor)
{
    for (size_t i = 0; i < home.count; i++) {
        for (size_t k = i + 1; k < home.count; k++) {
            const sealed_sample *one = &home.samples[i];
            const sealed_sample *two = &home.samples[k];
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
