/* SPDX-License-Identifier: Apache-2.0
 *
 * Moving a held key from one place of the state to another. Must not know who wants it moved. */
#ifndef BKEY_REHOME_H
#define BKEY_REHOME_H

#include "domain/model.h"
#include "usecase/batch.h"

#define BKEY_REHOME_ITEMS 4u
/* What the activity log of the organization says that a record leaves. */
#define BKEY_REHOME_WITHDRAWN "out of this organization: its match was changed"

/* Adds BKEY_REHOME_ITEMS items: removes both rows where they are, and puts them, sealed anew, where
 * they belong: a sealed value is bound to its organization. `row` is as it is to be, its revisions
 * are those of `from`. The place `to` has a data key. Errors: those of the state. */
BKEY_MUST_CHECK bkey_err bkey_rehome_add(bkey_batch *batch, const bkey_place *from,
                                         const bkey_place *to, const bkey_held_key *row);

#endif
