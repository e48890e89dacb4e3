/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of plan: listed and held keys joined by id into one row each, with the source's metadata
 * where the source gives it. Not for others: include plan.h. */
#ifndef BKEY_PLAN_JOIN_H
#define BKEY_PLAN_JOIN_H

#include "domain/plan.h"

/* Sets key->listed-dependent fields: id, device, date, volume, flags, held, and FETCH and META of
 * todo. Everything else is zero or BKEY_NONE. NOMEM. `*out_keys` is freed with free(); NULL when
 * there is no key. */
BKEY_MUST_CHECK bkey_err bkey_plan_join_keys(const bkey_plan_input *input, bkey_plan_key **out_keys,
                                             size_t *out_count);
/* True when the complete listing had the key. */
bool bkey_plan_join_is_listed(const bkey_plan_key *key);
/* True when the key's secret is committed. */
bool bkey_plan_join_is_held(const bkey_plan_key *key);

#endif
