/* SPDX-License-Identifier: Apache-2.0
 *
 * See plan_import.h. A computer's name places nothing: names repeat, and change hands. */
#include "domain/plan_import.h"

#include <stdlib.h>

static int by_id(const void *a, const void *b)
{
    const bkey_plan_key *key = b;
    return sup_guid_compare(a, &key->id);
}

static bkey_err find_device(const bkey_plan_input *input, bkey_match_index *index,
                            bkey_plan_key *key)
{
    uint32_t device = BKEY_NONE;
    bkey_err err = bkey_match_owner(index, input->imports[key->import].serial, &device);
    if (!bkey_is_ok(err) || device == BKEY_NONE)
        return err;
    key->device_id = input->devices[device].id;
    if (key->held != BKEY_NONE)
        key->todo |= BKEY_DO_META;
    return bkey_ok();
}

bkey_err bkey_plan_import_join(const bkey_plan_input *input, bkey_match_index *index,
                               bkey_plan_key *keys, size_t count)
{
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && count > 0 && i < input->import_count; i++) {
        bkey_plan_key *key = bsearch(&input->imports[i].key_id, keys, count, sizeof *keys, by_id);
        if (key == NULL)
            continue;
        key->import = (uint32_t)i;
        if (sup_guid_is_zero(&key->device_id))
            err = find_device(input, index, key);
    }
    return err;
}

bkey_err bkey_plan_import_place(const bkey_plan_input *input, bkey_match_index *index,
                                uint32_t import, bkey_match *out_match)
{
    const bkey_import *row = &input->imports[import];
    const bkey_device computer = {
        .name = "", .serial = row->serial, .manufacturer = "", .model = ""};
    bkey_match match;
    bkey_err err = bkey_match_device(index, &computer, NULL, &match);
    if (!bkey_is_ok(err))
        return err;
    if (match.outcome == BKEY_MATCHED_SERIAL && match.organization == row->organization) {
        match.remember = false;
        *out_match = match;
    }
    return bkey_ok();
}
