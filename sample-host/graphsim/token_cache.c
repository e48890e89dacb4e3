/* SPDX-License-Identifier: Apache-2.0
 *
 * A small ring of token claims. Must not judge them. */
#include "token_cache.h"

#include <stdlib.h>
#include <string.h>

static void forget(sim_claims *claims)
{
    free(claims->text);
    free(claims->permissions);
    *claims = (sim_claims){0};
}

const sim_claims *sim_token_cache_find(const sim_token_cache *cache, const char *text)
{
    for (size_t i = 0; i < SIM_TOKEN_CACHE_SIZE; i++)
        if (cache->entries[i].text != NULL && strcmp(cache->entries[i].text, text) == 0)
            return &cache->entries[i];
    return NULL;
}

const sim_claims *sim_token_cache_put(sim_token_cache *cache, const sim_claims *claims)
{
    sim_claims *entry = &cache->entries[cache->next++ % SIM_TOKEN_CACHE_SIZE];
    forget(entry);
    *entry = *claims;
    return entry;
}

void sim_token_cache_done(sim_token_cache *cache)
{
    for (size_t i = 0; i < SIM_TOKEN_CACHE_SIZE; i++)
        forget(&cache->entries[i]);
}
