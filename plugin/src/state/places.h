/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'P': which places have a data key, so that all of them can be found: a row's key
 * says nothing of whose it is. Sealed under (no tenant, no organization), written with the key. */
#ifndef BKEY_PLACES_H
#define BKEY_PLACES_H

#include "state/seal.h"

/* True for (no tenant, no organization), which has no row: it is always there. */
bool bkey_places_is_root(const bkey_place *place);
/* Seals the row of `place`; the root place has its data key already. */
BKEY_MUST_CHECK bkey_err bkey_places_seal(const bkey_place *place, bkey_sealed *out_sealed);
/* OK, or NO_STATE when there is no row of that place. */
BKEY_MUST_CHECK bkey_err bkey_places_find(const bkey_place *place);

/* Must not call the host. */
typedef bkey_err (*bkey_places_sink)(void *context, const bkey_place *place);
/* Every place that has a row, not the root place. */
BKEY_MUST_CHECK bkey_err bkey_places_scan(bkey_vault *vault, const bkey_call *call,
                                          bkey_places_sink sink, void *context);

#endif
