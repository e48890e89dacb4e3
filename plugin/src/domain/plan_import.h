/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of planning: where keys belong that came by an import. Must not know how they came. */
#ifndef BKEY_PLAN_IMPORT_H
#define BKEY_PLAN_IMPORT_H

#include "domain/plan.h"

/* Tells each key, sorted by id, what was imported of it, and its device when no listing names one
 * and one listed device alone has the serial number. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_plan_import_join(const bkey_plan_input *input,
                                               bkey_match_index *index, bkey_plan_key *keys,
                                               size_t count);
/* Where a key without a device belongs by the serial number that came with it; nowhere when that
 * is not the organization that a person named. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_plan_import_place(const bkey_plan_input *input,
                                                bkey_match_index *index, uint32_t import,
                                                bkey_match *out_match);

#endif
