/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of plan: one key against its record. Not for others: include plan.h. */
#ifndef BKEY_PLAN_RECORD_H
#define BKEY_PLAN_RECORD_H

#include "domain/plan.h"

/* Needs everything of the key but organization's last word, archived, unnamed and the record's part
 * of todo; sets those. */
void bkey_plan_record_compare(const bkey_plan_input *input, bkey_plan_key *key);

#endif
