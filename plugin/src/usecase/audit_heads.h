/* SPDX-License-Identifier: Apache-2.0
 *
 * What was published of the audit outside the store: heads by chain and number, and the gaps that
 * an administrator answered for. A signature is looked at when its head decides something, once.
 * Must not know what is stored. */
#ifndef BKEY_AUDIT_HEADS_H
#define BKEY_AUDIT_HEADS_H

#include "state/heads.h"
#include "usecase/audit_view.h"
#include "usecase/vec.h"

typedef struct bkey_audit_heads {
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    bkey_vec items; /* published, by chain and number */
    bkey_vec gaps;  /* bkey_gap_line, by chain */
    bkey_audit_heads_seen seen;
} bkey_audit_heads;

/* Allocates nothing. */
void bkey_audit_heads_init(bkey_audit_heads *heads);
void bkey_audit_heads_done(bkey_audit_heads *heads);
/* [hook] Reads them all; none, when the host keeps no heads. KEYRING, NOMEM, those of the port. */
BKEY_MUST_CHECK bkey_err bkey_audit_heads_load(bkey_audit_heads *heads,
                                               const bkey_audit_query *query);
/* Heads of one chain are items *out_first .. *out_end - 1; likewise its gaps. */
void bkey_audit_heads_find(const bkey_audit_heads *heads, const uint8_t *chain, size_t *out_first,
                           size_t *out_end);
void bkey_audit_heads_find_gaps(const bkey_audit_heads *heads, const uint8_t *chain,
                                size_t *out_first, size_t *out_end);
/* Lives until the heads do. */
const bkey_head_line *bkey_audit_heads_at(const bkey_audit_heads *heads, size_t index);
const bkey_gap_line *bkey_audit_heads_gap(const bkey_audit_heads *heads, size_t index);
/* False is counted as a foreign line. */
bool bkey_audit_heads_is_genuine(bkey_audit_heads *heads, size_t index);
/* True when a gap that somebody answered for lies over it. */
bool bkey_audit_heads_is_disowned(const bkey_audit_heads *heads, size_t index);

#endif
