/* SPDX-License-Identifier: Apache-2.0
 *
 * What an instance remembers of its connections from one tick to the next, in memory alone: keys
 * that could not be read and addresses that are refused, so that not every tick asks for them
 * again, and that Microsoft refuses
 * them in batches. After a restart everything is tried once more. Thread-safe; must not know the
 * store. */
#ifndef BKEY_RECALL_H
#define BKEY_RECALL_H

#include "base/error.h"
#include "support/guid.h"

/* The first wait after a failed read; it doubles with every further one. */
#define BKEY_RECALL_FIRST_NS (UINT64_C(15) * 60u * 1000000000u)
#define BKEY_RECALL_MAX_NS (UINT64_C(24) * 3600u * 1000000000u)
/* So many keys, and devices, of a connection are remembered; others are asked for in every tick. */
#define BKEY_RECALL_KEYS 4096u

typedef struct bkey_recall bkey_recall;

/* What was asked for. */
typedef enum bkey_recall_what {
    BKEY_RECALL_SECRET = 0, /* of a key */
    BKEY_RECALL_ADDRESSES,  /* of a device */
    BKEY_RECALL_WHATS
} bkey_recall_what;

/* A key or a device, or a tenant alone; the times are monotonic. Borrowed for the call. */
typedef struct bkey_recall_key {
    const sup_guid *tenant;
    const sup_guid *id;
    uint64_t now_ns;
    bkey_recall_what what;
} bkey_recall_key;

/* Errors: NOMEM. Free with bkey_recall_free. */
BKEY_MUST_CHECK bkey_err bkey_recall_new(bkey_recall **out_recall);
/* NULL-safe; sets *recall to NULL. */
void bkey_recall_free(bkey_recall **recall);

/* All of these take recall NULL, too, and then remember nothing. Without memory nothing more is
 * remembered: that costs requests, not keys. */
bool bkey_recall_may_read(bkey_recall *recall, const bkey_recall_key *key);
/* Addresses are refused for a day at once: only a permission that comes ends that sooner. */
void bkey_recall_failed(bkey_recall *recall, const bkey_recall_key *key);
/* What the tenant's token allows now, as a mask: when that is another one than before, refused
 * addresses are asked for again. */
void bkey_recall_granted(bkey_recall *recall, const bkey_recall_key *key, uint32_t granted);
void bkey_recall_forget(bkey_recall *recall, const bkey_recall_key *key);
/* Around asking about every key that a complete listing has and that is not held; `id` plays no
 * part. At the end those that were not asked about are forgotten: they left the listing, or are
 * held by now. Ended only when all were asked about. */
void bkey_recall_begin(bkey_recall *recall, const bkey_recall_key *key);
void bkey_recall_end(bkey_recall *recall, const bkey_recall_key *key);
/* Batches, which `id` plays no part in: refused for a day. */
bool bkey_recall_may_batch(bkey_recall *recall, const bkey_recall_key *key);
void bkey_recall_no_batch(bkey_recall *recall, const bkey_recall_key *key);

#endif
