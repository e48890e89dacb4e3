/* SPDX-License-Identifier: Apache-2.0
 *
 * One batch of writes under construction, and its way through the host's store: a fresh operation
 * key for each batch, the same key again while the outcome is unknown. */
#ifndef BKEY_BATCH_H
#define BKEY_BATCH_H

#include "base/ports.h"
#include "state/seal.h"
#include "usecase/arena.h"

typedef struct bkey_batch {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_arena arena; /* texts and bytes that the items point to */
    bkey_item *items; /* BKEY_BATCH_MAX of them */
    size_t count;
    size_t skipped;  /* items that found no room or memory: apply then fails */
    bool may_wait;   /* sync lane: pause before asking for an unknown outcome again */
    uint64_t rows;   /* rows changed by all applies since init */
    size_t conflict; /* item index of the last CONFLICT */
} bkey_batch;

/* Errors: NOMEM. Keeps ports and call. */
BKEY_MUST_CHECK bkey_err bkey_batch_init(bkey_batch *batch, const bkey_ports *ports,
                                         const bkey_call *call, bool may_wait);
/* NULL-safe. */
void bkey_batch_done(bkey_batch *batch);
void bkey_batch_clear(bkey_batch *batch);
/* Items that still fit. */
size_t bkey_batch_room(const bkey_batch *batch);
/* A zeroed item with every text set to ""; when the batch is full a spare one that makes apply
 * fail with LIMIT. Never NULL. */
bkey_item *bkey_batch_add(bkey_batch *batch, bkey_item_kind kind);
/* Copies that live until clear; a failure makes apply fail with NOMEM. Never NULL. */
const char *bkey_batch_text(bkey_batch *batch, const char *text);
bkey_bytes bkey_batch_bytes(bkey_batch *batch, const void *bytes, size_t len);
/* Adds the put of a sealed value, of which it keeps a copy. */
void bkey_batch_put(bkey_batch *batch, const bkey_sealed *sealed);
/* Adds the removal of a state row. */
void bkey_batch_remove(bkey_batch *batch, const uint8_t key[BKEY_STATE_KEY_LEN], uint64_t revision);
/* Writes the batch and clears it when it landed. Nothing to write is OK and touches nothing.
 * Errors: those of ports->apply, after having asked for an unknown outcome several times. */
BKEY_MUST_CHECK bkey_err bkey_batch_apply(bkey_batch *batch);

#endif
