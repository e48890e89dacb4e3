/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of one connection: from a token to published records. Knows ports and domain; must not
 * know the ABI, libcurl or jansson. */
#ifndef BKEY_SYNC_TICK_H
#define BKEY_SYNC_TICK_H

#include "base/ports.h"
#include "state/vault.h"
#include "usecase/busy.h"
#include "usecase/recall.h"

typedef enum bkey_outcome { /* numbers of the ABI's DPH_OUTCOME_* */
                            BKEY_OUTCOME_DONE = 1,
                            BKEY_OUTCOME_REFUSED = 2,
                            BKEY_OUTCOME_FAILED = 3
} bkey_outcome;

typedef enum bkey_phase { /* numbers of the ABI's DPH_PHASE_* */
                          BKEY_PHASE_SIGN_IN = 1,
                          BKEY_PHASE_DEVICES = 2,
                          BKEY_PHASE_KEYS = 3,
                          BKEY_PHASE_SECRETS = 4,
                          BKEY_PHASE_PUBLISH = 5,
                          BKEY_PHASE_CONTACTS = 6
} bkey_phase;

/* Who wants to know how far a tick is; tell NULL = nobody. total 0 = not known. */
typedef struct bkey_progress_sink {
    void (*tell)(void *context, bkey_phase phase, uint64_t done, uint64_t total);
    void *context;
} bkey_progress_sink;

typedef enum bkey_preview { /* numbers of the ABI's DPH_PLAN_* */
                            BKEY_PREVIEW_NONE = 0,
                            BKEY_PREVIEW_CREATE = 1,
                            BKEY_PREVIEW_HOLD = 2,
                            BKEY_PREVIEW_UPDATE = 3,
                            BKEY_PREVIEW_MOVE = 4,
                            BKEY_PREVIEW_ARCHIVE = 5,
                            BKEY_PREVIEW_UNARCHIVE = 6,
                            BKEY_PREVIEW_NOTE = 7
} bkey_preview;

typedef struct bkey_preview_row {
    bkey_preview action;
    const char *organization_id; /* "" = nobody's */
    const char *device;          /* "" = not known */
    const char *key_id;
} bkey_preview_row;

/* Who wants to know what a dry run would do; add NULL = nobody. False ends the list. */
typedef struct bkey_preview_sink {
    bool (*add)(void *context, const bkey_preview_row *row);
    void *context;
} bkey_preview_sink;

/* A customer whom a partner's sign-in could reach. */
typedef struct bkey_customer_row {
    const char *tenant;
    const char *name;
    const char *organization_id; /* of exactly that name; "" = none */
    bool is_connected;
} bkey_customer_row;

/* Who wants to know them, and nothing else of this tick; add NULL = nobody. False ends the list. */
typedef struct bkey_customer_sink {
    bool (*add)(void *context, const bkey_customer_row *row);
    void *context;
} bkey_customer_sink;

typedef struct bkey_tick {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_busy *busy;
    bkey_recall *recall; /* NULL: every tick asks for what the last one could not read */
    const char *tenant;  /* unit id */
    bool dry_run;
    bool is_check;  /* look for problems and keep what is found; no sync */
    bool jobs_only; /* one step of what waits for this unit, and no sync */
    bkey_progress_sink progress;
    bkey_preview_sink preview;
    bkey_customer_sink customers;
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
