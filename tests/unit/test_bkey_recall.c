/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered between ticks: keys that could not be read, and that batches are refused. */
/* LINK: plugin/src/usecase/recall.c plugin/src/usecase/vec.c
 * host-sdk/support/guid.c host-sdk/support/hex.c */
#include <criterion/criterion.h>
#include <string.h>

#include "usecase/recall.h"

#define HOUR (UINT64_C(3600) * 1000000000u)

static sup_guid make_id(uint32_t number)
{
    sup_guid id;
    memset(&id, 0, sizeof id);
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

/* S3.40: each further failure doubles the wait, up to a day; a success ends it. */
Test(recall, a_key_that_failed_waits_longer_and_longer)
{
    bkey_recall *recall = NULL;
    const sup_guid tenant = make_id(1);
    const sup_guid other = make_id(2);
    const sup_guid id = make_id(3);
    bkey_recall_key key = {&tenant, &id, HOUR, BKEY_RECALL_SECRET};
    cr_assert(bkey_is_ok(bkey_recall_new(&recall)));
    cr_expect(bkey_recall_may_read(recall, &key));
    uint64_t wait = HOUR / 4;
    for (int i = 0; i < 12; i++) {
        bkey_recall_failed(recall, &key);
        key.now_ns += wait - 1;
        cr_expect(!bkey_recall_may_read(recall, &key));
        cr_expect(bkey_recall_may_read(
            recall, &(bkey_recall_key){&other, &id, key.now_ns, BKEY_RECALL_SECRET}));
        key.now_ns++;
        cr_expect(bkey_recall_may_read(recall, &key), "failure %d", i);
        wait = wait * 2 > 24 * HOUR ? 24 * HOUR : wait * 2;
    }
    bkey_recall_failed(recall, &key);
    bkey_recall_forget(recall, &key);
    cr_expect(bkey_recall_may_read(recall, &key));
    bkey_recall_forget(recall, &key);
    bkey_recall_free(&recall);
    cr_expect_null(recall);
}

Test(recall, many_keys_are_told_apart_and_their_number_is_bounded)
{
    bkey_recall *recall = NULL;
    const sup_guid tenant = make_id(1);
    cr_assert(bkey_is_ok(bkey_recall_new(&recall)));
    for (uint32_t i = 0; i < BKEY_RECALL_KEYS + 10; i++) {
        const sup_guid id = make_id(i * 2654435761u);
        bkey_recall_failed(recall, &(bkey_recall_key){&tenant, &id, HOUR, BKEY_RECALL_SECRET});
    }
    for (uint32_t i = 0; i < BKEY_RECALL_KEYS + 10; i++) {
        const sup_guid id = make_id(i * 2654435761u);
        const bool may = bkey_recall_may_read(
            recall, &(bkey_recall_key){&tenant, &id, HOUR, BKEY_RECALL_SECRET});
        cr_expect(may == (i >= BKEY_RECALL_KEYS), "key %u", i);
    }
    bkey_recall_free(&recall);
}

static bool is_kept(bkey_recall *recall, const sup_guid *tenant, uint32_t number)
{
    const sup_guid id = make_id(number);
    return !bkey_recall_may_read(recall, &(bkey_recall_key){tenant, &id, HOUR, BKEY_RECALL_SECRET});
}

/* What left the listing is no reason to ask for another key in every tick. */
Test(recall, keys_that_nobody_asks_about_any_more_are_forgotten)
{
    bkey_recall *recall = NULL;
    const sup_guid tenant = make_id(1);
    const sup_guid other = make_id(2);
    const bkey_recall_key name = {&tenant, &tenant, HOUR, BKEY_RECALL_SECRET};
    cr_assert(bkey_is_ok(bkey_recall_new(&recall)));
    for (uint32_t i = 10; i < 20; i++) {
        const sup_guid id = make_id(i);
        bkey_recall_failed(recall, &(bkey_recall_key){&tenant, &id, HOUR, BKEY_RECALL_SECRET});
        bkey_recall_failed(recall, &(bkey_recall_key){&other, &id, HOUR, BKEY_RECALL_SECRET});
    }
    bkey_recall_begin(recall, &name);
    cr_expect(is_kept(recall, &tenant, 13));
    const sup_guid fresh = make_id(30);
    bkey_recall_failed(recall, &(bkey_recall_key){&tenant, &fresh, HOUR, BKEY_RECALL_SECRET});
    bkey_recall_end(recall, &name);
    for (uint32_t i = 10; i < 20; i++) {
        cr_expect_eq(is_kept(recall, &tenant, i), i == 13, "%u", i);
        cr_expect(is_kept(recall, &other, i));
    }
    cr_expect(is_kept(recall, &tenant, 30));
    bkey_recall_begin(recall, &name);
    cr_expect(is_kept(recall, &tenant, 13), "a round that is not ended forgets nothing");
    bkey_recall_begin(recall, &name);
    bkey_recall_end(recall, &name);
    cr_expect_not(is_kept(recall, &tenant, 13));
    bkey_recall_free(&recall);
}

Test(recall, refused_batches_are_tried_again_after_a_day)
{
    bkey_recall *recall = NULL;
    const sup_guid tenant = make_id(1);
    const sup_guid other = make_id(2);
    bkey_recall_key key = {&tenant, &tenant, HOUR, BKEY_RECALL_SECRET};
    cr_assert(bkey_is_ok(bkey_recall_new(&recall)));
    cr_expect(bkey_recall_may_batch(recall, &key));
    bkey_recall_no_batch(recall, &key);
    cr_expect(!bkey_recall_may_batch(recall, &key));
    cr_expect(bkey_recall_may_batch(recall,
                                    &(bkey_recall_key){&other, &other, HOUR, BKEY_RECALL_SECRET}));
    key.now_ns += 24 * HOUR;
    cr_expect(bkey_recall_may_batch(recall, &key));
    bkey_recall_free(&recall);
}

Test(recall, without_one_nothing_is_remembered)
{
    const sup_guid id = make_id(1);
    const bkey_recall_key key = {&id, &id, HOUR, BKEY_RECALL_SECRET};
    bkey_recall_failed(NULL, &key);
    bkey_recall_no_batch(NULL, &key);
    bkey_recall_forget(NULL, &key);
    cr_expect(bkey_recall_may_read(NULL, &key) && bkey_recall_may_batch(NULL, &key));
    bkey_recall_free(NULL);
}

Test(recall, refused_addresses_wait_a_day_or_for_another_grant)
{
    bkey_recall *recall = NULL;
    const sup_guid tenant = make_id(1);
    const sup_guid id = make_id(3);
    bkey_recall_key key = {&tenant, &id, HOUR, BKEY_RECALL_ADDRESSES};
    cr_assert(bkey_is_ok(bkey_recall_new(&recall)));
    bkey_recall_granted(recall, &key, 7);
    bkey_recall_failed(recall, &key);
    cr_expect(is_kept(recall, &tenant, 3) == false, "a secret of that id is another matter");
    bkey_recall_granted(recall, &key, 7);
    key.now_ns = 25 * HOUR - 1;
    cr_expect_not(bkey_recall_may_read(recall, &key));
    key.now_ns++;
    cr_expect(bkey_recall_may_read(recall, &key));
    bkey_recall_failed(recall, &key);
    cr_expect_not(bkey_recall_may_read(recall, &key));
    bkey_recall_granted(recall, &key, 15);
    cr_expect(bkey_recall_may_read(recall, &key));
    bkey_recall_free(&recall);
}
