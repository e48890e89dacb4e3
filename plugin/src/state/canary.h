/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'Y': one known value under each data key, written with it, by which a wrong root or
 * a damaged key is told before anything else is read or written. */
#ifndef BKEY_CANARY_H
#define BKEY_CANARY_H

#include "state/seal.h"

/* Seals the canary of a place under its fresh data key, which is not stored yet; NULL = under the
 * stored one. */
BKEY_MUST_CHECK bkey_err bkey_canary_seal(const bkey_place *place, bkey_secret *data_key,
                                          bkey_sealed *out_sealed);
/* OK when the data key opens its canary, and when the place has no data key yet. CANARY when key
 * or canary do not open or say something else, NO_STATE when there is a data key without a canary,
 * KEYRING when the organization's slot or the root's generation is gone, NEWER_FORMAT. Writes
 * nothing. */
BKEY_MUST_CHECK bkey_err bkey_canary_check(const bkey_place *place);

#endif
