/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed state: key derivations, the wrapped data key, the envelope, and what it refuses. */
/* LINK: plugin/src/state/[a-z]*.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/guid.c host-sdk/support/hex.c tests/support/fake_store*.c
 * tests/support/fake_ports.c tests/support/vault_box.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/state/held.h"
#include "plugin/src/state/wrap.h"
#include "support/hex.h"
#include "tests/support/vault_box.h"

static vault_box box;

static const sup_guid TENANT = {{0x94, 0x5c, 0xae, 0x4d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
static const bkey_bytes ID = {(const uint8_t *)"id-1", 4};

static void start(void)
{
    vault_box_open(&box);
}

static void stop(void)
{
    vault_box_close(&box);
}

TestSuite(seal, .init = start, .fini = stop);

static bkey_sealed seal_text(const bkey_place *where, const bkey_ref *ref, const char *text)
{
    bkey_secret *plain = NULL;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_secret_dup(box.slab, text, strlen(text), &plain)));
    cr_assert(bkey_is_ok(bkey_seal_value(where, ref, plain, &sealed)));
    bkey_secret_free(&plain);
    return sealed;
}

static uint32_t open_reason(const bkey_place *where, const bkey_ref *ref, bkey_bytes value)
{
    bkey_secret *plain = NULL;
    bkey_err err = bkey_open_value(where, ref, value, &plain);
    cr_assert_eq(bkey_is_ok(err), plain != NULL);
    bkey_secret_free(&plain);
    return err.reason;
}

Test(seal, sealed_value_opens_to_the_same_bytes)
{
    static const size_t lengths[] = {0, 1, 31, 32, 33, 63, 64, 1000, BKEY_SEAL_PLAIN_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
        bkey_secret *plain = NULL;
        bkey_secret *back = NULL;
        bkey_sealed sealed = {.value = NULL};
        cr_assert(bkey_is_ok(bkey_secret_new(box.slab, lengths[i], &plain)));
        memset(bkey_secret_borrow(plain), 0x80, lengths[i]);
        cr_assert(bkey_is_ok(bkey_seal_value(&box.place, &ref, plain, &sealed)), "len %zu",
                  lengths[i]);
        cr_expect_eq((sealed.value_len - BKEY_SEAL_HEADER_LEN - 16) % BKEY_SEAL_BLOCK, 0);
        bkey_bytes value = {sealed.value, sealed.value_len};
        cr_assert(bkey_is_ok(bkey_open_value(&box.place, &ref, value, &back)));
        cr_expect_eq(bkey_secret_len(back), lengths[i]);
        cr_expect_eq(memcmp(bkey_secret_borrow(back), bkey_secret_borrow(plain), lengths[i]), 0);
        bkey_secret_return(back);
        bkey_secret_return(plain);
        bkey_secret_return(plain);
        bkey_secret_free(&back);
        bkey_secret_free(&plain);
        bkey_sealed_done(&sealed);
    }
}

Test(seal, longer_plaintext_than_the_limit_is_refused)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_secret *plain = NULL;
    bkey_sealed sealed = {.value = NULL};
    cr_assert(bkey_is_ok(bkey_secret_new(box.slab, BKEY_SEAL_PLAIN_MAX + 1, &plain)));
    cr_expect(bkey_is(bkey_seal_value(&box.place, &ref, plain, &sealed), BKEY_E_LIMIT));
    cr_expect_null(sealed.value);
    bkey_secret_free(&plain);
}

Test(seal, any_flipped_bit_is_refused)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 3};
    bkey_sealed sealed = seal_text(&box.place, &ref, "sixteen bytes ab");
    bkey_bytes value = {sealed.value, sealed.value_len};
    cr_assert_eq(open_reason(&box.place, &ref, value), 0);
    for (size_t bit = 0; bit < sealed.value_len * 8; bit++) {
        sealed.value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        uint32_t reason = open_reason(&box.place, &ref, value);
        cr_expect(reason == BKEY_E_SEAL || (bit < 16 && reason == BKEY_E_NEWER_FORMAT),
                  "bit %zu: %x", bit, reason);
        sealed.value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    bkey_sealed_done(&sealed);
}

Test(seal, any_shorter_or_longer_value_is_refused)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed sealed = seal_text(&box.place, &ref, "x");
    uint8_t longer[256] = {0};
    cr_assert_lt(sealed.value_len, sizeof longer);
    memcpy(longer, sealed.value, sealed.value_len);
    for (size_t len = 0; len < sizeof longer; len++) {
        if (len == sealed.value_len)
            continue;
        cr_expect_eq(open_reason(&box.place, &ref, (bkey_bytes){longer, len}), BKEY_E_SEAL, "%zu",
                     len);
    }
    bkey_sealed_done(&sealed);
}

/* A value belongs to one row at one revision. */
Test(seal, value_moved_to_another_row_is_refused)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 2};
    bkey_sealed sealed = seal_text(&box.place, &ref, "plain");
    bkey_bytes value = {sealed.value, sealed.value_len};
    bkey_place other_org = box.place;
    bkey_place other_tenant = box.place;
    other_org.organization_id = "org-b";
    other_tenant.tenant.bytes[0] ^= 1;
    cr_assert(bkey_is_ok(bkey_vault_ensure(&other_org)));
    cr_assert(bkey_is_ok(bkey_vault_ensure(&other_tenant)));
    bkey_ref other_kind = {BKEY_KIND_SECRET, ID, 2};
    bkey_ref other_id = {BKEY_KIND_HELD, {(const uint8_t *)"id-2", 4}, 2};
    bkey_ref older = {BKEY_KIND_HELD, ID, 1};
    bkey_ref newer = {BKEY_KIND_HELD, ID, 3};
    cr_expect_eq(open_reason(&box.place, &ref, value), 0);
    cr_expect_eq(open_reason(&other_org, &ref, value), BKEY_E_SEAL);
    cr_expect_eq(open_reason(&other_tenant, &ref, value), BKEY_E_SEAL);
    cr_expect_eq(open_reason(&box.place, &other_kind, value), BKEY_E_SEAL);
    cr_expect_eq(open_reason(&box.place, &other_id, value), BKEY_E_SEAL);
    cr_expect_eq(open_reason(&box.place, &older, value), BKEY_E_SEAL);
    cr_expect_eq(open_reason(&box.place, &newer, value), BKEY_E_SEAL);
    bkey_sealed_done(&sealed);
}

Test(seal, newer_format_is_told_apart_from_damage)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed sealed = seal_text(&box.place, &ref, "plain");
    sealed.value[0] = BKEY_SEAL_FORMAT + 1;
    cr_expect_eq(open_reason(&box.place, &ref, (bkey_bytes){sealed.value, sealed.value_len}),
                 BKEY_E_NEWER_FORMAT);
    bkey_sealed_done(&sealed);
}

Test(seal, same_plaintext_is_never_sealed_to_the_same_bytes)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed one = seal_text(&box.place, &ref, "plain");
    bkey_sealed two = seal_text(&box.place, &ref, "plain");
    cr_expect_eq(one.value_len, two.value_len);
    cr_expect_neq(memcmp(one.value, two.value, one.value_len), 0);
    bkey_sealed_done(&one);
    bkey_sealed_done(&two);
}

Test(seal, place_without_data_key_seals_nothing)
{
    bkey_place unknown = box.place;
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_secret *plain = NULL;
    bkey_sealed sealed = {.value = NULL};
    unknown.tenant.bytes[5] ^= 1;
    cr_assert(bkey_is_ok(bkey_secret_dup(box.slab, "x", 1, &plain)));
    cr_expect(bkey_is(bkey_seal_value(&unknown, &ref, plain, &sealed), BKEY_E_NO_STATE));
    bkey_secret_free(&plain);
}

/* The data key survives a restart, and only with its slot and the right root. */
Test(seal, wrapped_key_opens_again_only_with_root_and_slot)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed sealed = seal_text(&box.place, &ref, "plain");
    bkey_bytes value = {sealed.value, sealed.value_len};
    uint64_t rows = box.store->row_changes;
    bkey_vault_forget(box.vault);
    cr_expect_eq(open_reason(&box.place, &ref, value), 0);
    cr_expect(bkey_is_ok(bkey_vault_ensure(&box.place)));
    cr_expect_eq(box.store->row_changes, rows);
    box.fake.generation = 2; /* a later root still opens what an older one wrapped */
    bkey_vault_forget(box.vault);
    cr_expect_eq(open_reason(&box.place, &ref, value), 0);
    bkey_vault_forget(box.vault);
    box.store->slots[2].key[0] ^= 1;
    cr_expect_eq(open_reason(&box.place, &ref, value), BKEY_E_SEAL);
    box.store->slots[2].key[0] ^= 1;
    box.store->slots[2].name[5] ^= 1; /* destroyed: crypto-erase */
    cr_expect_eq(open_reason(&box.place, &ref, value), BKEY_E_KEYRING);
    cr_expect(bkey_is(bkey_vault_ensure(&box.place), BKEY_E_KEYRING));
    cr_expect_eq(box.store->slot_count, 3, "a destroyed slot must not be made again");
    bkey_sealed_done(&sealed);
}

Test(seal, wrapped_key_with_a_flipped_bit_is_refused)
{
    uint8_t wrapping[32] = {1};
    uint8_t nonce[BKEY_WRAP_NONCE_LEN] = {2};
    uint8_t key[32] = {3};
    uint8_t row[BKEY_STATE_KEY_LEN] = {4};
    uint8_t value[BKEY_WRAP_LEN];
    uint8_t out[32];
    bkey_wrap_context context = {&TENANT, "org-a", row, 1, 5};
    bkey_bytes bytes = {value, sizeof value};
    bkey_wrap_seal(wrapping, &context, nonce, key, value);
    cr_assert(bkey_is_ok(bkey_wrap_open(wrapping, &context, bytes, out)));
    cr_expect_eq(memcmp(out, key, 32), 0);
    for (size_t bit = 0; bit < sizeof value * 8; bit++) {
        value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        cr_expect_not(bkey_is_ok(bkey_wrap_open(wrapping, &context, bytes, out)), "bit %zu", bit);
        value[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    bkey_wrap_context swapped = {&TENANT, "org-b", row, 1, 5};
    cr_expect(bkey_is(bkey_wrap_open(wrapping, &swapped, bytes, out), BKEY_E_SEAL));
    context.revision = 2;
    cr_expect(bkey_is(bkey_wrap_open(wrapping, &context, bytes, out), BKEY_E_SEAL));
}

Test(seal, key_made_by_somebody_else_meanwhile_is_used)
{
    bkey_place none = {box.vault, &box.fake.call, TENANT, ""};
    box.fake.apply_fault_at = box.fake.apply_calls + 1;
    box.fake.fault = FAKE_FAULT_LANDED;
    cr_expect(bkey_is_ok(bkey_vault_ensure(&none)));
    /* Of the root place, org-a's, the one that answered nothing, its repeat. */
    cr_expect_eq(box.fake.apply_calls, 4);
    box.fake.apply_fault_at = 0;
    bkey_vault *second = NULL;
    cr_assert(bkey_is_ok(bkey_vault_new(&box.fake.ports, box.slab, &second)));
    bkey_place same = {second, &box.fake.call, TENANT, ""};
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed sealed = seal_text(&none, &ref, "plain");
    cr_expect_eq(open_reason(&same, &ref, (bkey_bytes){sealed.value, sealed.value_len}), 0);
    bkey_sealed_done(&sealed);
    bkey_vault_free(&second);
}

Test(seal, more_places_than_the_cache_holds_all_work)
{
    for (uint8_t round = 0; round < 2; round++)
        for (uint8_t i = 0; i < 40; i++) {
            bkey_place one = box.place;
            bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
            one.tenant.bytes[3] = i;
            cr_assert(bkey_is_ok(bkey_vault_ensure(&one)));
            bkey_sealed sealed = seal_text(&one, &ref, "plain");
            cr_expect_eq(open_reason(&one, &ref, (bkey_bytes){sealed.value, sealed.value_len}), 0);
            bkey_sealed_done(&sealed);
        }
}

static bkey_err count_row(void *context, const bkey_opened *row)
{
    unsigned *count = context;
    cr_expect_eq(row->plain_len, 4);
    (*count)++;
    return bkey_ok();
}

Test(seal, scan_gives_the_rows_of_the_tenant_alone)
{
    bkey_place other = box.place;
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_ref second = {BKEY_KIND_HELD, {(const uint8_t *)"id-2", 4}, 1};
    other.tenant.bytes[0] ^= 1;
    cr_assert(bkey_is_ok(bkey_vault_ensure(&other)));
    bkey_sealed values[] = {seal_text(&box.place, &ref, "mine"),
                            seal_text(&box.place, &second, "mine"),
                            seal_text(&other, &ref, "yours")};
    for (size_t i = 0; i < 3; i++)
        vault_box_put(&box, &values[i]);
    unsigned count = 0;
    cr_expect(bkey_is_ok(bkey_seal_scan(&box.place, BKEY_KIND_HELD, count_row, &count)));
    cr_expect_eq(count, 2);
    /* One damaged row stops the scan and says so: what is left out is not unknown but damaged. */
    fake_state_row *row =
        fake_store_state(box.store, (bkey_bytes){values[0].key, BKEY_STATE_KEY_LEN});
    box.store->heap[row->value_at + row->value_len - 1] ^= 1;
    cr_expect(bkey_is(bkey_seal_scan(&box.place, BKEY_KIND_HELD, count_row, &count), BKEY_E_SEAL));
    for (size_t i = 0; i < 3; i++)
        bkey_sealed_done(&values[i]);
}

Test(seal, removed_row_is_gone_but_its_revision_counts)
{
    bkey_ref ref = {BKEY_KIND_HELD, ID, 1};
    bkey_sealed sealed = seal_text(&box.place, &ref, "plain");
    uint64_t revision = 9;
    uint64_t rows = 0;
    size_t conflict = 0;
    bkey_secret *plain = NULL;
    cr_expect(bkey_is_ok(bkey_seal_revision(&box.place, BKEY_KIND_HELD, ID, &revision)));
    cr_expect_eq(revision, 0);
    vault_box_put(&box, &sealed);
    bkey_item item = bkey_sealed_remove(sealed.key, 1);
    cr_assert(bkey_is_ok(
        box.fake.ports.apply(&box.fake, &box.fake.call, &item, 1, "rm", &rows, &conflict)));
    cr_expect(bkey_is_ok(bkey_seal_revision(&box.place, BKEY_KIND_HELD, ID, &revision)));
    cr_expect_eq(revision, 2);
    cr_expect(
        bkey_is(bkey_open_row(&box.place, BKEY_KIND_HELD, ID, &plain, NULL), BKEY_E_NO_STATE));
    bkey_sealed_done(&sealed);
}

/* State keys and slot names are final: another value here loses every row ever written. */
Test(seal, derivations_never_change)
{
    uint8_t index_key[32];
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_place_names names;
    uint8_t wrapping[32];
    char slot[BKEY_SLOT_NAME_SIZE];
    char hex[2 * BKEY_STATE_KEY_LEN + 1];
    for (uint8_t i = 0; i < 32; i++)
        index_key[i] = i;
    bkey_keys_row(index_key, BKEY_KIND_HELD, "org-a", &TENANT, ID, row);
    sup_hex_format(row, sizeof row, hex);
    cr_expect_str_eq(hex, "4bc91d6f12e4d96f2dbc3cbfccd1ef1728fb4c5fca9f3bb064cd01f87710b473a1");
    bkey_keys_names(index_key, &TENANT, "org-a", &names);
    sup_hex_format(names.tag, sizeof names.tag, hex);
    cr_expect_str_eq(hex, "684cd1ca99422db8");
    bkey_keys_slot(index_key, "org-a", slot);
    cr_expect_str_eq(slot, "org/54523b42766db8b2084c6e340dffdec9");
    bkey_keys_slot(index_key, "", slot);
    cr_expect_str_eq(slot, "org/none");
    bkey_keys_wrapping(index_key, "org-a", index_key, wrapping);
    sup_hex_format(wrapping, 16, hex);
    cr_expect_str_eq(hex, "cd3322ecd1d215f2e400918ff716b22c");
}

Test(seal, derivations_keep_inputs_apart)
{
    uint8_t key[32] = {0};
    uint8_t a[BKEY_STATE_KEY_LEN];
    uint8_t b[BKEY_STATE_KEY_LEN];
    bkey_keys_row(key, BKEY_KIND_HELD, "o", &TENANT, (bkey_bytes){(const uint8_t *)"ab", 2}, a);
    bkey_keys_row(key, BKEY_KIND_HELD, "o", &TENANT, (bkey_bytes){(const uint8_t *)"a", 1}, b);
    cr_expect_neq(memcmp(a, b, sizeof a), 0);
    bkey_keys_row(key, BKEY_KIND_HELD, "", &TENANT, (bkey_bytes){(const uint8_t *)"ab", 2}, b);
    cr_expect_neq(memcmp(a + 1, b + 1, 16), 0);
    cr_expect_eq(memcmp(a + 17, b + 17, 16), 0, "the second half does not depend on the owner");
}
