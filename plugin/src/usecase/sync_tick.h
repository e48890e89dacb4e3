/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of one connection: from a token to published records. Knows ports and domain; must not
 * know the ABI, libcurl or jansson. */
#ifndef BKEY_SYNC_TICK_H
#define BKEY_SYNC_TICK_H

#include "base/ports.h"
#include "state/vault.h"
#include "usecase/busy.h"

typedef enum bkey_outcome { /* numbers of the ABI's DPH_OUTCOME_* */
                            BKEY_OUTCOME_DONE = 1,
                            BKEY_OUTCOME_REFUSED = 2,
                            BKEY_OUTCOME_FAILED = 3
} bkey_outcome;

typedef struct bkey_tick {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_busy *busy;
    const char *tenant; /* unit id */
    bool dry_run;
    bool jobs_only; /* one step of what waits for this unit, and no sync */
} bkey_tick;

typedef struct bkey_tick_result {
    bkey_outcome outcome;
    bkey_err error;      /* why it is not DONE */
    int64_t next_due_ms; /* wall clock; 0 = as usual */
    uint64_t created, updated, archived, unmatched, failed, key_reads, store_changes;
    char summary[512]; /* one sentence */
} bkey_tick_result;

/* [sync] Blocks for the network, and for a change of the connection that is under way. Fills *out
 * in every case. Errors: NOT_CONNECTED (no such unit); everything else that ends a tick is its
 * outcome. */
BKEY_MUST_CHECK bkey_err bkey_sync_tick_run(const bkey_tick *tick, bkey_tick_result *out);

#endif
