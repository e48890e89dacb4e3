/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way into the audit: a sealed entry, the chain's new head and the host's activity entry in
 * one batch. Must not know what is audited. */
#ifndef BKEY_AUDIT_LOG_H
#define BKEY_AUDIT_LOG_H

#include "state/audit.h"
#include "usecase/batch.h"
#include "usecase/publisher.h"

typedef struct bkey_audit_log {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    bkey_publisher *publisher; /* NULL: heads stay in the store */
} bkey_audit_log;

typedef struct bkey_audit_write {
    const bkey_audit_entry *entry; /* its organization_id names the chain, "" = none */
    const bkey_item *activity;     /* what the host's log shows */
    const bkey_sealed *marker;     /* one more row for the same batch; NULL = none */
    bkey_chain_point *out_point;   /* number and hash of the entry as it landed; NULL = unasked */
} bkey_audit_write;

/* [hook] Somebody else may append to the same chain: it is tried again several times. Errors: those
 * of the vault and of apply. */
BKEY_MUST_CHECK bkey_err bkey_audit_log_write(const bkey_audit_log *log,
                                              const bkey_audit_write *write);
/* Entries about what one batch writes, in that very batch. Begun anew after a CONFLICT. */
typedef struct bkey_audit_run {
    const bkey_audit_log *log;
    bkey_place place;
    bkey_audit_head head;                /* of the last entry that was added */
    bkey_sealed sealed;                  /* the head's row; only with `waits` */
    uint8_t chain[BKEY_HEADS_CHAIN_LEN]; /* what the head is published under */
    bool waits;                          /* something was added since the last apply */
} bkey_audit_run;

/* [hook] Reads the chain of that organization, "" = none; the log and the text are borrowed. */
BKEY_MUST_CHECK bkey_err bkey_audit_log_begin(const bkey_audit_log *log,
                                              const char *organization_id, bkey_audit_run *out);
/* Puts the entry into the batch: one item. */
BKEY_MUST_CHECK bkey_err bkey_audit_log_add(bkey_audit_run *run, const bkey_audit_entry *entry,
                                            bkey_batch *batch);
/* Puts the chain's new head, one item, and applies the batch; then publishes the head. */
BKEY_MUST_CHECK bkey_err bkey_audit_log_apply(bkey_audit_run *run, bkey_batch *batch);
/* NULL-safe. */
void bkey_audit_log_end(bkey_audit_run *run);
/* Fills who, when and from where. The texts are those of the call. */
void bkey_audit_log_who(const bkey_audit_log *log, bkey_audit_entry *out);

#endif
