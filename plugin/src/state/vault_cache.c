/* SPDX-License-Identifier: Apache-2.0
 *
 * See vault_cache.h. */
#include "state/vault_cache.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_SIZE 16u
#define KEYS_LEN (CACHE_SIZE * BKEY_SYMMETRIC_LEN)

/* A key is known by its whole place, not by the 8-byte tag that rows carry; by the place as it is,
 * because hashing it for each lookup would cost as much as a seal. */
typedef struct cache_entry {
    sup_guid tenant;
    char organization_id[BKEY_ORGANIZATION_MAX + 1u];
    bkey_place_names names;
    uint64_t used; /* 0 = empty */
} cache_entry;

struct bkey_vault_cache {
    bkey_secret *keys;
    pthread_mutex_t lock;
    uint64_t clock;
    cache_entry entries[CACHE_SIZE];
};

bkey_err bkey_vault_cache_new(bkey_slab *slab, bkey_vault_cache **out_cache)
{
    bkey_vault_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_secret_new(slab, KEYS_LEN, &cache->keys);
    if (bkey_is_ok(err) && pthread_mutex_init(&cache->lock, NULL) != 0)
        err = bkey_fail(BKEY_E_NOMEM);
    if (bkey_is_ok(err)) {
        *out_cache = cache;
        return err;
    }
    bkey_secret_free(&cache->keys);
    free(cache);
    return err;
}

void bkey_vault_cache_free(bkey_vault_cache **cache)
{
    if (cache == NULL || *cache == NULL)
        return;
    bkey_secret_free(&(*cache)->keys);
    pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

void bkey_vault_cache_forget(bkey_vault_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    memset(cache->entries, 0, sizeof cache->entries);
    sodium_memzero(bkey_secret_borrow(cache->keys), KEYS_LEN);
    bkey_secret_return(cache->keys);
    pthread_mutex_unlock(&cache->lock);
}

static cache_entry *find_entry(bkey_vault_cache *cache, const bkey_place *place)
{
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        cache_entry *entry = &cache->entries[i];
        if (entry->used != 0 && sup_guid_equal(&entry->tenant, &place->tenant) &&
            strcmp(entry->organization_id, place->organization_id) == 0)
            return entry;
    }
    return NULL;
}

bool bkey_vault_cache_has(bkey_vault_cache *cache, const bkey_place *place)
{
    pthread_mutex_lock(&cache->lock);
    bool found = find_entry(cache, place) != NULL;
    pthread_mutex_unlock(&cache->lock);
    return found;
}

/* Borrowed; the caller returns cache->keys. */
static uint8_t *borrow_key(bkey_vault_cache *cache, const cache_entry *entry)
{
    return bkey_secret_borrow(cache->keys) + (size_t)(entry - cache->entries) * BKEY_SYMMETRIC_LEN;
}

bool bkey_vault_cache_take(bkey_vault_cache *cache, const bkey_place *place, uint8_t *to)
{
    pthread_mutex_lock(&cache->lock);
    cache_entry *entry = find_entry(cache, place);
    if (entry != NULL) {
        memcpy(to, borrow_key(cache, entry), BKEY_SYMMETRIC_LEN);
        bkey_secret_return(cache->keys);
        entry->used = ++cache->clock;
    }
    pthread_mutex_unlock(&cache->lock);
    return entry != NULL;
}

bool bkey_vault_cache_names(bkey_vault_cache *cache, const bkey_place *place,
                            bkey_place_names *out_names)
{
    pthread_mutex_lock(&cache->lock);
    const cache_entry *entry = find_entry(cache, place);
    if (entry != NULL)
        *out_names = entry->names;
    pthread_mutex_unlock(&cache->lock);
    return entry != NULL;
}

/* The place's own, an empty one (used 0), or the one that was not used for longest. */
static cache_entry *choose_entry(bkey_vault_cache *cache, const bkey_place *place)
{
    cache_entry *entry = find_entry(cache, place);
    if (entry != NULL)
        return entry;
    entry = &cache->entries[0];
    for (size_t i = 1; i < CACHE_SIZE; i++)
        if (cache->entries[i].used < entry->used)
            entry = &cache->entries[i];
    return entry;
}

void bkey_vault_cache_put(bkey_vault_cache *cache, const bkey_place *place,
                          const bkey_place_names *names, const uint8_t *data_key)
{
    pthread_mutex_lock(&cache->lock);
    cache_entry *entry = choose_entry(cache, place);
    entry->tenant = place->tenant;
    entry->names = *names;
    memcpy(entry->organization_id, place->organization_id, strlen(place->organization_id) + 1);
    entry->used = ++cache->clock;
    memcpy(borrow_key(cache, entry), data_key, BKEY_SYMMETRIC_LEN);
    bkey_secret_return(cache->keys);
    pthread_mutex_unlock(&cache->lock);
}
