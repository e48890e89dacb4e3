/* SPDX-License-Identifier: Apache-2.0
 *
 * What the state of an earlier version lacks is added: the check value of a data key, and the name
 * of its place. Nothing that is there is rewritten. Knows sealed state, no hook and no network. */
#ifndef BKEY_UPGRADE_H
#define BKEY_UPGRADE_H

#include "usecase/batch.h"

/* Adds to the batch what the place lacks; at most 2 rows. Errors: of a place that does not open. */
BKEY_MUST_CHECK bkey_err bkey_upgrade_place(const bkey_place *place, bkey_batch *batch);

/* Does so for every place that is known, in batches. One that does not open is left alone and is
 * the self-test's to tell; one of a newer format is not touched. Blocks; control or sync lane. */
BKEY_MUST_CHECK bkey_err bkey_upgrade_run(const bkey_ports *ports, const bkey_call *call,
                                          bkey_vault *vault);

#endif
