/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of the sample host's store, read and never written. The only place of bkey-open that knows
 * SQLite and the host's tables. */
#ifndef BKEY_OPEN_STORE_H
#define BKEY_OPEN_STORE_H

#include "base/ports.h"

typedef struct bkey_open_store bkey_open_store;

/* `path` is the store's file or the folder that has store.db in it. False with a sentence. */
bool bkey_open_store_new(const char *path, bkey_open_store **out, char *why, size_t why_size);
void bkey_open_store_free(bkey_open_store **store);
/* As the ports of the same names. */
BKEY_MUST_CHECK bkey_err bkey_open_store_get(bkey_open_store *store, bkey_bytes key,
                                             bkey_state_sink sink, void *context);
BKEY_MUST_CHECK bkey_err bkey_open_store_scan(bkey_open_store *store, bkey_bytes prefix,
                                              bkey_state_sink sink, void *context);
/* The organization of that id or name; NO_STATE. */
BKEY_MUST_CHECK bkey_err bkey_open_store_organization(bkey_open_store *store,
                                                      const char *id_or_name, char *out_id,
                                                      size_t cap);

#endif
