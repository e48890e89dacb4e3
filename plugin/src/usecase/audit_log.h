/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way into the audit: a sealed entry, the chain's new head and the host's activity entry in
 * one batch. Must not know what is audited. */
#ifndef BKEY_AUDIT_LOG_H
#define BKEY_AUDIT_LOG_H

#include "state/audit.h"
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
/* Fills who, when and from where. The texts are those of the call. */
void bkey_audit_log_who(const bkey_audit_log *log, bkey_audit_entry *out);

#endif
