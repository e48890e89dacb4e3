/* SPDX-License-Identifier: Apache-2.0
 *
 * Joining what the source lists with what we hold. Must not know matching, lineage or records. */
#include "domain/plan_join.h"

#include <stdlib.h>

#include "domain/idsort.h"
#include "domain/lineage.h"

bool bkey_plan_join_is_listed(const bkey_plan_key *key)
{
    return (key->flags & BKEY_HELD_GONE) == 0;
}

bool bkey_plan_join_is_held(const bkey_plan_key *key)
{
    return (key->flags & BKEY_HELD_SECRET) != 0;
}

static bkey_plan_key new_key(const sup_guid *id)
{
    return (bkey_plan_key){.id = *id,
                           .created_ms = BKEY_DATE_UNKNOWN,
                           .held = BKEY_NONE,
                           .record = BKEY_NONE,
                           .device = BKEY_NONE,
                           .configuration = BKEY_NONE,
                           .organization = BKEY_NONE,
                           .import = BKEY_NONE,
                           .flags = BKEY_HELD_GONE};
}

/* What is missing from a listing with unreadable rows may be one of them: nothing changes then. */
static void take_held(bkey_plan_key *key, const bkey_held_key *held, uint32_t index, bool complete)
{
    key->held = index;
    key->device_id = held->device_id;
    key->created_ms = held->created_ms;
    key->volume = held->volume;
    key->origins = held->origins;
    const bool may_go = complete && bkey_origin_is_listed(held->origins);
    key->flags = may_go ? (uint8_t)(held->flags | BKEY_HELD_GONE) : held->flags;
}

/* What the source leaves out does not erase what it once said. */
static void take_listed(bkey_plan_key *key, const bkey_listed_key *listed)
{
    if (!sup_guid_is_zero(&listed->device_id))
        key->device_id = listed->device_id;
    if (bkey_lineage_is_dated(listed->created_ms))
        key->created_ms = listed->created_ms;
    if (listed->volume != BKEY_VOLUME_UNKNOWN)
        key->volume = listed->volume;
    key->flags = (uint8_t)(key->flags & ~BKEY_HELD_GONE);
}

/* What was only imported is read once when the source lists it too: a person may have told a wrong
 * password, and the source's must not be kept out by it. */
static void find_work(bkey_plan_key *key, const bkey_held_key *held, bool is_listed)
{
    const bool is_told = held != NULL && !bkey_origin_is_listed(held->origins);
    if (bkey_plan_join_is_listed(key) && (!bkey_plan_join_is_held(key) || (is_listed && is_told)))
        key->todo |= BKEY_DO_FETCH;
    if (held == NULL)
        return;
    bool same = held->flags == key->flags && held->volume == key->volume &&
                held->created_ms == key->created_ms && held->origins == key->origins &&
                sup_guid_equal(&held->device_id, &key->device_id);
    if (!same)
        key->todo |= BKEY_DO_META;
}

typedef struct join {
    const bkey_plan_input *input;
    bkey_idsort listed;
    bkey_idsort held;
    size_t listed_at;
    size_t held_at;
} join;

/* <0: the next id is only listed, >0: only held, 0: both. */
static int compare_heads(const join *j)
{
    if (j->listed_at == j->listed.count)
        return 1;
    if (j->held_at == j->held.count)
        return -1;
    return sup_guid_compare(bkey_idsort_id(&j->listed, j->listed_at),
                            bkey_idsort_id(&j->held, j->held_at));
}

static bkey_plan_key join_next(join *j)
{
    int order = compare_heads(j);
    const bkey_held_key *held = NULL;
    bkey_plan_key key = new_key(order <= 0 ? bkey_idsort_id(&j->listed, j->listed_at)
                                           : bkey_idsort_id(&j->held, j->held_at));
    if (order >= 0) {
        size_t next = bkey_idsort_skip(&j->held, j->held_at);
        uint32_t row = bkey_idsort_row(&j->held, next - 1);
        held = &j->input->held[row];
        take_held(&key, held, row, !j->input->listing_incomplete);
        j->held_at = next;
    }
    if (order <= 0) {
        size_t next = bkey_idsort_skip(&j->listed, j->listed_at);
        for (; j->listed_at < next; j->listed_at++)
            take_listed(&key, &j->input->listed[bkey_idsort_row(&j->listed, j->listed_at)]);
    }
    find_work(&key, held, order <= 0);
    return key;
}

static bool has_next(const join *j)
{
    return j->listed_at < j->listed.count || j->held_at < j->held.count;
}

bkey_err bkey_plan_join_keys(const bkey_plan_input *input, bkey_plan_key **out_keys,
                             size_t *out_count)
{
    join j = {.input = input};
    bkey_plan_key *keys = NULL;
    size_t count = 0;
    bkey_err err =
        bkey_idsort_init(&j.listed, input->listed, input->listed_count, sizeof *input->listed);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&j.held, input->held, input->held_count, sizeof *input->held);
    if (!bkey_is_ok(err))
        goto out;
    while (has_next(&j)) { /* count first: most keys are in both lists */
        (void)join_next(&j);
        count++;
    }
    if (count > 0) {
        keys = calloc(count, sizeof *keys);
        err = keys == NULL ? bkey_fail(BKEY_E_NOMEM) : bkey_ok();
    }
    if (!bkey_is_ok(err))
        goto out;
    j.listed_at = 0;
    j.held_at = 0;
    for (size_t i = 0; i < count; i++)
        keys[i] = join_next(&j);
    *out_keys = keys;
    *out_count = count;
out:
    bkey_idsort_done(&j.held);
    bkey_idsort_done(&j.listed);
    return err;
}
