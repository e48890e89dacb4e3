/* SPDX-License-Identifier: Apache-2.0
 *
 * The data keys that a vault has at hand, in guarded memory, and what names their places.
 * Thread-safe; no host call is made under its lock. Must not know where keys come from. */
#ifndef BKEY_VAULT_CACHE_H
#define BKEY_VAULT_CACHE_H

#include "state/vault.h"

typedef struct bkey_vault_cache bkey_vault_cache;

/* Takes one slot of the slab for its life. Errors: NOMEM, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_vault_cache_new(bkey_slab *slab, bkey_vault_cache **out_cache);
/* Wipes. NULL-safe, sets NULL. */
void bkey_vault_cache_free(bkey_vault_cache **cache);
/* Forgets and wipes every key. */
void bkey_vault_cache_forget(bkey_vault_cache *cache);

bool bkey_vault_cache_has(bkey_vault_cache *cache, const bkey_place *place);
/* Copies the place's key into `to` (guarded memory of 32 bytes). False: it is not at hand. */
bool bkey_vault_cache_take(bkey_vault_cache *cache, const bkey_place *place, uint8_t *to);
/* The same for the place's names, which are hashed once for each key that is kept. */
bool bkey_vault_cache_names(bkey_vault_cache *cache, const bkey_place *place,
                            bkey_place_names *out_names);
/* Keeps a copy in place of the one that was not used for longest. The organization's id has at most
 * BKEY_ORGANIZATION_MAX bytes. */
void bkey_vault_cache_put(bkey_vault_cache *cache, const bkey_place *place,
                          const bkey_place_names *names, const uint8_t *data_key);

#endif
