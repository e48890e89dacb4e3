/* SPDX-License-Identifier: Apache-2.0
 *
 * A new generation of the root: every data key is wrapped anew, killed anywhere it goes on, and no
 * value changes. Damaged keys are told by whose they are. */
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
#include <string.h>

#include "state/canary.h"
#include "state/wrap.h"
#include "tests/support/fake_ports.h"
#include "usecase/rewrap.h"
#include "usecase/selftest.h"
#include "usecase/upgrade.h"

#define PLACES 30u

static fake_store *store;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;

static bkey_place place_at(unsigned number, char name[32])
{
    bkey_place place = {vault, &fake.call, {{0}}, name};
    place.tenant.bytes[0] = (uint8_t)(1 + number % 3);
    (void)snprintf(name, 32, "org-%u", number / 3);
    return place;
}

static void begin(void)
{
    char name[32];
    store = fake_store_new();
    fake_ports_init(&fake, store, 11);
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    for (unsigned i = 0; i < PLACES; i++) {
        const bkey_place place = place_at(i, name);
        cr_assert(bkey_is_ok(bkey_vault_ensure(&place)));
    }
}

static void end(void)
{
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    fake_store_free(store);
}

TestSuite(rewrap, .init = begin, .fini = end);

static bkey_rewrap_result run(uint32_t generation)
{
    bkey_rewrap_result result = {0};
    bkey_err err = bkey_rewrap_run(&fake.ports, &fake.call, vault, generation, &result);
    cr_assert(bkey_is_ok(err), "%s", bkey_err_name(err));
    return result;
}

static unsigned told;
static char last_text[BKEY_SELFTEST_TEXT_SIZE];

static void tell(void *context, const bkey_place *place, bkey_err reason, const char *text)
{
    (void)context;
    (void)place;
    (void)reason;
    (void)snprintf(last_text, sizeof last_text, "%s", text);
    told++;
}

static unsigned test_state(void)
{
    told = 0;
    bkey_vault_forget(vault);
    (void)bkey_is_ok(bkey_selftest_run(&fake.ports, &fake.call, vault, tell, NULL));
    return told;
}

Test(rewrap, every_data_key_comes_under_the_new_generation)
{
    cr_expect_eq(run(1).rewrapped, 0);
    fake.generation = 2;
    bkey_rewrap_result result = run(2);
    cr_expect_eq(result.rewrapped, PLACES + 1); /* and the root place */
    cr_expect_eq(result.remaining, 0);
    cr_expect_eq(result.unknown, 0);
    cr_expect_eq(result.oldest_generation, 2);
    cr_expect_eq(run(2).rewrapped, 0);
    cr_expect_eq(test_state(), 0);
}

Test(rewrap, values_themselves_stay_as_they_are)
{
    uint64_t canaries = 0;
    for (uint32_t i = 0; i < store->state_count; i++)
        canaries += store->state[i].key[0] == 'Y' && store->state[i].revision == 1;
    fake.generation = 2;
    (void)run(2);
    for (uint32_t i = 0; i < store->state_count; i++) {
        uint64_t expected = store->state[i].key[0] == 'W' ? 2 : 1;
        cr_expect_eq(store->state[i].revision, expected);
    }
    cr_expect_eq(canaries, PLACES + 1);
}

/* Whatever call fails, the state before or after it stays openable and the next run completes. */
Test(rewrap, failed_at_every_outside_call_it_goes_on)
{
    fake.generation = 2;
    uint64_t before = fake.calls;
    (void)run(2);
    uint64_t calls = fake.calls - before;
    for (uint64_t n = 1; n <= calls; n += 3) {
        bkey_rewrap_result result = {0};
        fake.generation++;
        fake.fault = n % 2 == 0 ? FAKE_FAULT_ERROR : FAKE_FAULT_LANDED;
        fake.fault_at = fake.calls + n;
        bkey_err err = bkey_rewrap_run(&fake.ports, &fake.call, vault, fake.generation, &result);
        fake.fault = FAKE_FAULT_NONE;
        (void)err;
        cr_assert_eq(test_state(), 0, "call %u", (unsigned)n);
        cr_assert_eq(run(fake.generation).remaining, 0, "call %u", (unsigned)n);
        cr_assert_eq(test_state(), 0, "call %u", (unsigned)n);
    }
}

Test(rewrap, missing_canaries_and_places_are_added)
{
    for (uint32_t i = 0; i < store->state_count; i++) {
        if (store->state[i].key[0] == 'Y')
            store->state[i].tombstone = true;
    }
    cr_expect_eq(test_state(), PLACES + 1);
    cr_expect(strstr(last_text, "missing") != NULL, "%s", last_text);
}

Test(rewrap, generation_that_does_not_exist_is_refused)
{
    bkey_rewrap_result result;
    cr_expect(
        bkey_is(bkey_rewrap_run(&fake.ports, &fake.call, vault, 0, &result), BKEY_E_PARAMETER));
}

/* Every bit of every wrapped key and canary of one place: told, by name, and nothing is written. */
Test(rewrap, every_flipped_bit_of_key_and_canary_is_told_with_whose_it_is)
{
    char name[32];
    const bkey_place place = place_at(4, name);
    uint8_t rows[2][BKEY_STATE_KEY_LEN];
    bkey_vault_row_key(&place, BKEY_KIND_WRAPPED, (bkey_bytes){NULL, 0}, rows[0]);
    bkey_vault_row_key(&place, BKEY_KIND_CANARY, (bkey_bytes){NULL, 0}, rows[1]);
    uint64_t changes = store->row_changes;
    for (size_t k = 0; k < 2; k++) {
        const fake_state_row *row = fake_store_state(store, (bkey_bytes){rows[k], sizeof rows[k]});
        cr_assert_not_null(row);
        for (size_t bit = 0; bit < row->value_len * 8; bit++) {
            uint8_t *byte = store->heap + row->value_at + bit / 8;
            *byte ^= (uint8_t)(1u << (bit % 8));
            bkey_vault_forget(vault);
            cr_expect_not(bkey_is_ok(bkey_canary_check(&place)), "bit %zu", bit);
            *byte ^= (uint8_t)(1u << (bit % 8));
        }
        store->heap[row->value_at + row->value_len - 1] ^= 1;
        cr_expect_eq(test_state(), 1);
        cr_expect(strstr(last_text, "org-1") != NULL, "%s", last_text);
        store->heap[row->value_at + row->value_len - 1] ^= 1;
    }
    cr_expect_eq(test_state(), 0);
    cr_expect_eq(store->row_changes, changes);
}

/* Every swap of two canaries or two wrapped keys of different places is refused. */
Test(rewrap, swapped_values_of_two_places_are_told)
{
    for (uint32_t a = 0; a < store->state_count; a++) {
        for (uint32_t b = a + 1; b < store->state_count; b += 7) {
            fake_state_row *left = &store->state[a];
            fake_state_row *right = &store->state[b];
            uint32_t at = left->value_at;
            uint32_t len = left->value_len;
            left->value_at = right->value_at;
            left->value_len = right->value_len;
            right->value_at = at;
            right->value_len = len;
            cr_expect_neq(test_state(), 0, "%u and %u", a, b);
            right->value_at = left->value_at;
            right->value_len = left->value_len;
            left->value_at = at;
            left->value_len = len;
        }
    }
    cr_expect_eq(test_state(), 0);
}

static uint64_t rows_of(uint8_t kind)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < store->state_count; i++)
        count += store->state[i].key[0] == kind && !store->state[i].tombstone;
    return count;
}

static void remove_kind(uint8_t kind)
{
    for (uint32_t i = 0; i < store->state_count; i++)
        if (store->state[i].key[0] == kind)
            store->state[i].tombstone = true;
}

/* An earlier version kept neither; what it lacks is added once, and nothing else is written. */
Test(rewrap, upgrade_adds_missing_canaries_once)
{
    remove_kind(BKEY_KIND_CANARY);
    uint64_t before = store->row_changes;
    cr_expect(bkey_is_ok(bkey_upgrade_run(&fake.ports, &fake.call, vault)));
    cr_expect_eq(rows_of(BKEY_KIND_CANARY), PLACES + 1);
    cr_expect_eq(store->row_changes, before + PLACES + 1);
    cr_expect_eq(test_state(), 0);
    cr_expect(bkey_is_ok(bkey_upgrade_run(&fake.ports, &fake.call, vault)));
    cr_expect_eq(store->row_changes, before + PLACES + 1);
}

/* What does not open gets no check value that would vouch for it. */
Test(rewrap, upgrade_leaves_alone_what_does_not_open)
{
    char name[32];
    const bkey_place place = place_at(4, name);
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_vault_row_key(&place, BKEY_KIND_WRAPPED, (bkey_bytes){NULL, 0}, row);
    const fake_state_row *wrapped = fake_store_state(store, (bkey_bytes){row, sizeof row});
    remove_kind(BKEY_KIND_CANARY);
    store->heap[wrapped->value_at + 20] ^= 1;
    bkey_vault_forget(vault);
    cr_expect(bkey_is_ok(bkey_upgrade_run(&fake.ports, &fake.call, vault)));
    cr_expect_eq(rows_of(BKEY_KIND_CANARY), PLACES);
    cr_expect_eq(test_state(), 1);
    cr_expect(strstr(last_text, "org-1") != NULL, "%s", last_text);
}

/* Of a newer version: refused, and not a byte is changed. */
Test(rewrap, upgrade_leaves_a_newer_format_untouched)
{
    uint64_t before = store->row_changes;
    remove_kind(BKEY_KIND_CANARY);
    for (uint32_t i = 0; i < store->state_count; i++)
        if (store->state[i].key[0] == BKEY_KIND_WRAPPED)
            store->heap[store->state[i].value_at] = BKEY_WRAP_FORMAT + 1;
    bkey_vault_forget(vault);
    bkey_err err = bkey_upgrade_run(&fake.ports, &fake.call, vault);
    cr_expect(bkey_is(err, BKEY_E_NEWER_FORMAT), "%s", bkey_err_name(err));
    cr_expect_eq(store->row_changes, before);
    cr_expect_eq(rows_of(BKEY_KIND_CANARY), 0);
}
