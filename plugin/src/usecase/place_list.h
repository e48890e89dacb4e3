/* SPDX-License-Identifier: Apache-2.0
 *
 * Every place that may have sealed rows: those that name themselves, and those that a connection
 * speaks of. Must not know what lies there. */
#ifndef BKEY_PLACE_LIST_H
#define BKEY_PLACE_LIST_H

#include "state/places.h"
#include "usecase/vec.h"

typedef struct bkey_place_item {
    sup_guid tenant;
    char organization_id[BKEY_ORGANIZATION_MAX + 1];
} bkey_place_item;

typedef struct bkey_place_list {
    bkey_vault *vault;
    const bkey_call *call;
    bkey_vec items; /* bkey_place_item, sorted, each once, the root place first */
} bkey_place_list;

/* Reads the list; free it with bkey_place_list_done, whatever happened. Errors: those of a scan;
 * the root place is in the list even then. */
BKEY_MUST_CHECK bkey_err bkey_place_list_load(bkey_place_list *list, bkey_vault *vault,
                                              const bkey_call *call);
void bkey_place_list_done(bkey_place_list *list);
/* Place number `index`; valid while the list is. */
bkey_place bkey_place_list_at(const bkey_place_list *list, size_t index);

#endif
