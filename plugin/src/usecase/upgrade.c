/* SPDX-License-Identifier: Apache-2.0
 *
 * See upgrade.h. */
#include "usecase/upgrade.h"

#include "state/canary.h"
#include "state/places.h"
#include "usecase/place_list.h"

#define ROWS_PER_PLACE 2u

bkey_err bkey_upgrade_place(const bkey_place *place, bkey_batch *batch)
{
    bkey_sealed sealed = {.value = NULL};
    bkey_err err = bkey_canary_check(place);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        err = bkey_canary_seal(place, NULL, &sealed);
        if (bkey_is_ok(err))
            bkey_batch_put(batch, &sealed);
        bkey_sealed_done(&sealed);
    }
    if (!bkey_is_ok(err) || bkey_places_is_root(place))
        return err;
    err = bkey_places_find(place);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        err = bkey_places_seal(place, &sealed);
        if (bkey_is_ok(err))
            bkey_batch_put(batch, &sealed);
        bkey_sealed_done(&sealed);
    }
    return err;
}

/* The canary's check passes where there is no data key, and so no place. */
static bkey_err upgrade_one(const bkey_place *place, bkey_batch *batch)
{
    uint32_t generation = 0;
    bkey_err err = bkey_vault_generation(place, &generation);
    if (bkey_is_ok(err))
        err = bkey_upgrade_place(place, batch);
    return bkey_is(err, BKEY_E_NO_STATE) || bkey_is(err, BKEY_E_KEYRING) ||
                   bkey_err_category(err) == BKEY_CAT_CORRUPT
               ? bkey_ok()
               : err;
}

bkey_err bkey_upgrade_run(const bkey_ports *ports, const bkey_call *call, bkey_vault *vault)
{
    bkey_place_list list;
    bkey_batch batch;
    bkey_err err = bkey_batch_init(&batch, ports, call, false);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_place_list_load(&list, vault, call);
    for (size_t i = 0; bkey_is_ok(err) && i < list.items.count; i++) {
        const bkey_place place = bkey_place_list_at(&list, i);
        err = upgrade_one(&place, &batch);
        if (bkey_is_ok(err) &&
            (bkey_batch_room(&batch) < ROWS_PER_PLACE || i + 1 == list.items.count))
            err = bkey_batch_apply(&batch);
    }
    bkey_place_list_done(&list);
    bkey_batch_done(&batch);
    return err;
}
