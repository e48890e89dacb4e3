/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of fetching share. Included by sync_fetch*.c alone: sync_fetch.c decides which key
 * is asked for next, sync_fetch_send.c sends, sync_fetch_take.c makes sense of answers. */
#ifndef BKEY_SYNC_FETCH_H
#define BKEY_SYNC_FETCH_H

#include "support/buffer.h"
#include "usecase/sync.h"

typedef struct bkey_sync_fetch_key {
    uint32_t key; /* index into plan.keys */
    uint32_t attempt;
    uint64_t not_before_ns;
} bkey_sync_fetch_key;

typedef struct bkey_sync_fetch {
    bkey_sync *sync;
    size_t next; /* first key of the plan that was not looked at */
    uint32_t in_flight;
    bkey_vec waiting; /* bkey_sync_fetch_key */
    bkey_vec fresh;   /* bkey_held_key: sealed in the batch, not committed */
    uint64_t pause_until_ns;
    uint32_t pauses;
    uint32_t bad_run;
    uint32_t token_limit; /* no renewal for answers to a token with a lower number */
    bool need_token;
    bool token_proven; /* the present token has read something */
    bool any_read;     /* some token of this connection has */
    uint64_t started;  /* keys that were asked for at least once */
    uint32_t refused;  /* by tokens that have read nothing yet */
    sup_buffer url;
} bkey_sync_fetch;

/* ---- sync_fetch.c ---- */
const bkey_plan_key *bkey_sync_fetch_key_at(const bkey_sync_fetch *f, uint32_t index);
/* The key is asked for again, no sooner than at that time. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_put_back(bkey_sync_fetch *f, uint32_t key,
                                                  uint32_t attempt, uint64_t not_before_ns);

/* ---- sync_fetch_send.c ---- */
/* Asks for one key. Errors: URL, those of the network's submit. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_send_one(bkey_sync_fetch *f, uint32_t index,
                                                  uint32_t attempt);

/* ---- sync_fetch_take.c ---- */
/* What an answer means for its key, and for all others. An error ends the fetching. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_take_reply(bkey_sync_fetch *f,
                                                    const bkey_net_reply *reply);
/* Writes what was sealed so far. Errors: those of bkey_batch_apply, NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_take_commit(bkey_sync_fetch *f);

#endif
