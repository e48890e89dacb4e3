/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of fetching share. Included by sync_fetch*.c alone: sync_fetch.c decides which key
 * is asked for next, sync_fetch_send.c sends, sync_fetch_take.c makes sense of answers,
 * sync_fetch_keep.c seals and commits. */
#ifndef BKEY_SYNC_FETCH_H
#define BKEY_SYNC_FETCH_H

#include "domain/contest.h"
#include "domain/pace.h"
#include "graph/json_batch.h"
#include "support/buffer.h"
#include "usecase/sync.h"

/* The two ways of the contest. */
#define BKEY_SYNC_FETCH_ALONE 0u
#define BKEY_SYNC_FETCH_TOGETHER 1u

/* A key that was asked for this often by refused requests does not go before others. */
#define BKEY_SYNC_FETCH_HARD 3u

typedef struct bkey_sync_fetch_key {
    uint32_t key;     /* index into plan.keys */
    uint16_t attempt; /* from 1 */
    uint16_t throttled;
    bool alone; /* not in a batch */
    uint64_t not_before_ns;
} bkey_sync_fetch_key;

/* One request under way; its index is the request's tag. */
typedef struct bkey_sync_fetch_question {
    uint64_t sent_ns;
    uint32_t token; /* number of the token that it went with */
    uint32_t way;
    uint32_t count;
    uint32_t good; /* answers to a batch that brought a key */
    uint32_t odd;  /* answers to a batch that only a batch would get */
    bool is_bad;   /* counted in bad_run */
    bkey_sync_fetch_key keys[BKEY_JSON_BATCH_ITEMS];
} bkey_sync_fetch_question;

typedef struct bkey_sync_fetch {
    bkey_sync *sync;
    bkey_pace pace;
    bkey_contest contest;
    size_t next; /* first key of the plan that was not looked at */
    bkey_sync_fetch_question *questions;
    uint32_t *idle; /* indexes of questions that are not under way */
    uint32_t idle_count;
    uint32_t in_flight; /* requests */
    uint32_t load;      /* the same, batches counted as the requests they stand for */
    bkey_vec waiting;   /* bkey_sync_fetch_key */
    bkey_vec fresh;     /* bkey_held_key: sealed in the batch, not committed */
    uint64_t corrected; /* of those: imported passwords that were not the source's */
    uint32_t pauses;
    uint32_t bad_run;
    uint32_t bad_batches; /* in a row */
    uint32_t token_limit; /* no renewal for answers to a token with a lower number */
    bool need_token;
    bool token_proven; /* the present token has read something */
    bool any_read;     /* some token of this connection has */
    uint64_t started;  /* keys that were asked for at least once, or are not to be */
    uint32_t refused;  /* by tokens that have read nothing yet */
    sup_buffer url;
    sup_buffer json;
} bkey_sync_fetch;

/* ---- sync_fetch.c ---- */
const bkey_plan_key *bkey_sync_fetch_key_at(const bkey_sync_fetch *f, uint32_t index);
uint64_t bkey_sync_fetch_now(const bkey_sync_fetch *f);
/* The key is asked for again, no sooner than it says. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_put_back(bkey_sync_fetch *f,
                                                  const bkey_sync_fetch_key *key);
/* How much a request of that way counts against the number under way. */
uint32_t bkey_sync_fetch_weight(const bkey_sync_fetch *f, uint32_t way);

/* ---- sync_fetch_send.c ---- */
/* Asks for `count` keys in one request; with more than one that is a batch. A question must be
 * idle. Errors: URL, those of the network's submit. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_send(bkey_sync_fetch *f, const bkey_sync_fetch_key *keys,
                                              uint32_t count);

/* ---- sync_fetch_take.c ---- */
/* What an answer means for its keys, and for all others. An error ends the fetching. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_take(bkey_sync_fetch *f, const bkey_net_reply *reply);

/* ---- sync_fetch_keep.c ---- */
/* The body of a good answer: its secret is sealed and waits to be committed; without one the key
 * counts as unread. Errors: those of sealing. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_keep(bkey_sync_fetch *f, const bkey_plan_key *key,
                                              bkey_bytes body);
/* The key is not read in this tick, nor for some time if it `lasts`. */
void bkey_sync_fetch_keep_out(bkey_sync_fetch *f, const bkey_plan_key *key, bool lasts);
/* Writes what was sealed so far. Errors: those of bkey_batch_apply, NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_sync_fetch_keep_commit(bkey_sync_fetch *f);

#endif
