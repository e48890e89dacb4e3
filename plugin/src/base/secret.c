/* SPDX-License-Identifier: Apache-2.0
 *
 * The slab of secret.h. Free slots are all zero at any time; the bookkeeping holds no secret and
 * lives in the ordinary heap. Must not know what the bytes mean. */
#include "base/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Room for the zero byte behind the longest content, rounded so that slots stay aligned. */
#define SLOT_STRIDE (BKEY_SECRET_MAX + 16U)

struct bkey_secret {
    bkey_slab *slab;
    uint8_t *bytes;
    size_t len;
    size_t peak;         /* most bytes it had since it was taken: what there is to wipe */
    atomic_uint borrows; /* counted without the lock: each seal borrows a dozen times */
    bool in_use;
    atomic_bool retired; /* freed while borrowed: not given out before the last borrower is gone */
};

struct bkey_slab {
    pthread_mutex_t lock;
    pthread_cond_t left;
    uint32_t guests;
    uint8_t *memory;
    bool unlocked;
    bkey_secret slots[BKEY_SLAB_SLOTS];
};

bkey_err bkey_slab_new(bkey_slab **out_slab)
{
    if (sodium_init() < 0)
        return bkey_fail(BKEY_E_BUG);
    bkey_slab *slab = calloc(1, sizeof *slab);
    if (slab == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    size_t size = (size_t)BKEY_SLAB_SLOTS * SLOT_STRIDE;
    slab->memory = sodium_malloc(size);
    if (slab->memory == NULL || pthread_mutex_init(&slab->lock, NULL) != 0) {
        sodium_free(slab->memory);
        free(slab);
        return bkey_fail(BKEY_E_NOMEM);
    }
    if (pthread_cond_init(&slab->left, NULL) != 0) {
        pthread_mutex_destroy(&slab->lock);
        sodium_free(slab->memory);
        free(slab);
        return bkey_fail(BKEY_E_NOMEM);
    }
    /* sodium_malloc keeps silent about a failed lock; asking again tells. */
    slab->unlocked = sodium_mlock(slab->memory, size) != 0;
    sodium_memzero(slab->memory, size);
    for (size_t i = 0; i < BKEY_SLAB_SLOTS; i++) {
        slab->slots[i].slab = slab;
        slab->slots[i].bytes = slab->memory + i * SLOT_STRIDE;
    }
    *out_slab = slab;
    return bkey_ok();
}

void bkey_slab_free(bkey_slab **slab)
{
    if (slab == NULL || *slab == NULL)
        return;
    sodium_free((*slab)->memory); /* wipes */
    pthread_cond_destroy(&(*slab)->left);
    pthread_mutex_destroy(&(*slab)->lock);
    free(*slab);
    *slab = NULL;
}

bool bkey_slab_is_unlocked(const bkey_slab *slab)
{
    return slab->unlocked;
}

size_t bkey_slab_used(bkey_slab *slab)
{
    size_t used = 0;
    pthread_mutex_lock(&slab->lock);
    for (size_t i = 0; i < BKEY_SLAB_SLOTS; i++)
        used += slab->slots[i].in_use || slab->slots[i].retired;
    pthread_mutex_unlock(&slab->lock);
    return used;
}

void bkey_slab_enter(bkey_slab *slab)
{
    pthread_mutex_lock(&slab->lock);
    while (slab->guests == BKEY_SLAB_GUESTS)
        pthread_cond_wait(&slab->left, &slab->lock);
    slab->guests++;
    pthread_mutex_unlock(&slab->lock);
}

void bkey_slab_leave(bkey_slab *slab)
{
    pthread_mutex_lock(&slab->lock);
    slab->guests--;
    pthread_cond_signal(&slab->left);
    pthread_mutex_unlock(&slab->lock);
}

bkey_err bkey_secret_new(bkey_slab *slab, size_t len, bkey_secret **out_secret)
{
    if (len > BKEY_SECRET_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_secret *taken = NULL;
    pthread_mutex_lock(&slab->lock);
    for (size_t i = 0; i < BKEY_SLAB_SLOTS && taken == NULL; i++) {
        if (!slab->slots[i].in_use && !slab->slots[i].retired)
            taken = &slab->slots[i];
    }
    if (taken != NULL) {
        taken->in_use = true;
        taken->len = len;
        taken->peak = len;
    }
    pthread_mutex_unlock(&slab->lock);
    if (taken == NULL)
        return bkey_fail(BKEY_E_SLAB_FULL);
    *out_secret = taken;
    return bkey_ok();
}

bkey_err bkey_secret_dup(bkey_slab *slab, const void *bytes, size_t len, bkey_secret **out_secret)
{
    bkey_secret *secret = NULL;
    bkey_err err = bkey_secret_new(slab, len, &secret);
    if (!bkey_is_ok(err))
        return err;
    if (len > 0)
        memcpy(secret->bytes, bytes, len);
    *out_secret = secret;
    return bkey_ok();
}

void bkey_secret_free(bkey_secret **secret)
{
    if (secret == NULL || *secret == NULL)
        return;
    bkey_secret *slot = *secret;
    *secret = NULL;
    pthread_mutex_lock(&slot->slab->lock);
    if (slot->in_use) {
        /* With the zero byte behind; a whole slot each time would cost more than a seal. */
        sodium_memzero(slot->bytes, slot->peak + 1);
        slot->len = 0;
        slot->in_use = false;
        /* Whoever still holds the pointer must not see or damage the next secret. */
        atomic_store(&slot->retired, atomic_load(&slot->borrows) > 0);
    }
    pthread_mutex_unlock(&slot->slab->lock);
}

uint8_t *bkey_secret_borrow(bkey_secret *secret)
{
    atomic_fetch_add(&secret->borrows, 1);
    return secret->bytes;
}

/* Nobody sees the slot any more; what a late borrower wrote there goes. */
static void bring_back(bkey_secret *slot)
{
    pthread_mutex_lock(&slot->slab->lock);
    if (atomic_load(&slot->retired) && atomic_load(&slot->borrows) == 0) {
        sodium_memzero(slot->bytes, slot->peak + 1);
        atomic_store(&slot->retired, false);
    }
    pthread_mutex_unlock(&slot->slab->lock);
}

void bkey_secret_return(bkey_secret *secret)
{
    unsigned present = atomic_load(&secret->borrows);
    while (present > 0 && !atomic_compare_exchange_weak(&secret->borrows, &present, present - 1)) {
    }
    if (present == 1 && atomic_load(&secret->retired))
        bring_back(secret);
}

size_t bkey_secret_len(const bkey_secret *secret)
{
    return secret->len;
}

void bkey_secret_shrink(bkey_secret *secret, size_t len)
{
    if (len >= secret->len)
        return;
    sodium_memzero(secret->bytes + len, secret->len - len);
    secret->len = len;
}

bool bkey_secret_same(bkey_secret *a, bkey_secret *b)
{
    if (a == NULL || b == NULL || bkey_secret_len(a) != bkey_secret_len(b))
        return false;
    const uint8_t *left = bkey_secret_borrow(a);
    const uint8_t *right = bkey_secret_borrow(b);
    const bool same = sodium_memcmp(left, right, bkey_secret_len(a)) == 0;
    bkey_secret_return(b);
    bkey_secret_return(a);
    return same;
}
