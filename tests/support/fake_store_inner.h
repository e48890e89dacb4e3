/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the store in memory share among themselves. For tests only. */
#ifndef FAKE_STORE_INNER_H
#define FAKE_STORE_INNER_H

#include "tests/support/fake_store.h"

/* Copies; NULL is "". Aborts when it is too long. */
void fake_store_set_text(char *out, size_t cap, const char *text);
/* Aborts when there is no room. */
void fake_store_need(bool room);
/* NULL when there is none of that id. */
fake_contact *fake_store_contact_of(fake_store *store, const char *id);
/* Where the key stands or would stand among the rows of state. */
uint32_t fake_store_lower_bound(const fake_store *store, bkey_bytes key);

#endif
