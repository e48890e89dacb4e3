/* SPDX-License-Identifier: Apache-2.0
 *
 * See rewrap.h. */
#include "usecase/rewrap.h"

#include <sodium.h>

#include "state/wrap.h"
#include "usecase/batch.h"
#include "usecase/place_list.h"
#include "usecase/upgrade.h"

#define ROWS_PER_PLACE 3u

typedef struct counting {
    uint32_t generation;
    bkey_rewrap_result *result;
} counting;

static bkey_err count_row(void *context, const bkey_state_row *row)
{
    const counting *c = context;
    uint32_t found = 0;
    bkey_err err = bkey_wrap_generation(row->value, &found);
    if (bkey_is(err, BKEY_E_NEWER_FORMAT))
        return err;
    if (!bkey_is_ok(err))
        return bkey_ok(); /* damage is the doctor's to tell; it uses no generation */
    if (found < c->result->oldest_generation)
        c->result->oldest_generation = found;
    c->result->remaining += found != c->generation;
    return bkey_ok();
}

static bkey_err count_all(const bkey_ports *ports, const bkey_call *call, uint32_t generation,
                          bkey_rewrap_result *result)
{
    const uint8_t kind = BKEY_KIND_WRAPPED;
    counting c = {generation, result};
    result->remaining = 0;
    result->oldest_generation = generation;
    return ports->state_scan(ports->self, call, (bkey_bytes){&kind, 1}, count_row, &c);
}

static bkey_err rewrap_place(const bkey_place *place, uint32_t generation, bkey_batch *batch,
                             uint64_t *done)
{
    uint32_t found = 0;
    bkey_rewrapped row;
    bkey_err err = bkey_vault_generation(place, &found);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (bkey_is_ok(err))
        err = bkey_upgrade_place(place, batch);
    if (!bkey_is_ok(err) || found == generation)
        return err;
    err = bkey_vault_rewrap(place, generation, &row);
    if (!bkey_is_ok(err))
        return err;
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_STATE_PUT);
    item->expect_revision = row.expect_revision;
    item->key = bkey_batch_bytes(batch, row.key, sizeof row.key);
    item->value = bkey_batch_bytes(batch, row.value, sizeof row.value);
    (*done)++;
    return bkey_ok();
}

/* A place that does not open must not keep the others from the new generation. */
static bkey_err rewrap_list(const bkey_place_list *list, uint32_t generation, bkey_batch *batch,
                            uint64_t *rewrapped)
{
    bkey_err first = bkey_ok();
    uint64_t pending = 0;
    for (size_t i = 0; i < list->items.count; i++) {
        const bkey_place place = bkey_place_list_at(list, i);
        bkey_err err = rewrap_place(&place, generation, batch, &pending);
        if (bkey_is_ok(first) && !bkey_is_ok(err))
            first = err;
        if (bkey_batch_room(batch) >= ROWS_PER_PLACE && i + 1 < list->items.count &&
            *rewrapped + pending < BKEY_REWRAP_PER_CALL)
            continue;
        err = bkey_batch_apply(batch);
        if (!bkey_is_ok(err))
            return err;
        *rewrapped += pending;
        pending = 0;
        if (*rewrapped >= BKEY_REWRAP_PER_CALL)
            break;
    }
    return first;
}

static bkey_err check_generation(const bkey_ports *ports, uint32_t generation)
{
    uint8_t key[32];
    if (generation == 0)
        return bkey_fail(BKEY_E_PARAMETER);
    bkey_err err = ports->derive(ports->self, "state-kek/1", generation, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return bkey_is_ok(err) ? err : bkey_fail(BKEY_E_PARAMETER);
}

bkey_err bkey_rewrap_run(const bkey_ports *ports, const bkey_call *call, bkey_vault *vault,
                         uint32_t generation, bkey_rewrap_result *out)
{
    bkey_rewrap_result result = {.rewrapped = 0};
    bkey_place_list list;
    bkey_batch batch;
    bkey_err err = check_generation(ports, generation);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_batch_init(&batch, ports, call, false);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_place_list_load(&list, vault, call);
    if (bkey_is_ok(err))
        err = rewrap_list(&list, generation, &batch, &result.rewrapped);
    const bool complete = bkey_is_ok(err) && result.rewrapped < BKEY_REWRAP_PER_CALL;
    bkey_place_list_done(&list);
    bkey_batch_done(&batch);
    if (bkey_is_ok(err))
        err = count_all(ports, call, generation, &result);
    if (!bkey_is_ok(err))
        return err;
    result.unknown = complete ? result.remaining : 0;
    *out = result;
    return bkey_ok();
}
