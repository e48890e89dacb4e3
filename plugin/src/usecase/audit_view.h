/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the audit: entries in clear for administrators, and whether the chains are whole. Must
 * not know how they are drawn. */
#ifndef BKEY_AUDIT_VIEW_H
#define BKEY_AUDIT_VIEW_H

#include "state/chain.h"
#include "support/buffer.h"

typedef struct bkey_audit_query {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    const char *organization_id; /* "" = the chain of what has none */
    uint64_t before;             /* entries with a lower number; 0 = from the newest */
    uint32_t limit;
} bkey_audit_query;

/* [hook] {"entries": [...], "next": number or 0}: newest first, `next` is the `before` of the next
 * page. An entry that does not open is in it with "result": "unreadable". */
BKEY_MUST_CHECK bkey_err bkey_audit_view_list(const bkey_audit_query *query, sup_buffer *out_json);

/* [hook] {"chains": [...], "ok", "heads", "foreign_heads", "verify_key"}: every chain that is
 * stored or that a published head speaks of. organization_id, before and limit are not used. */
BKEY_MUST_CHECK bkey_err bkey_audit_view_verify(const bkey_audit_query *query,
                                                sup_buffer *out_json);

typedef struct bkey_audit_finding {
    const char *organization_id;       /* NULL: a chain of an organization that is not known */
    const uint8_t *chain;              /* BKEY_PREFIX_LEN - 1 bytes */
    const bkey_chain_problem *problem; /* NULL at the end of a chain */
    uint64_t entries;
    uint64_t published; /* number of the newest published entry, 0 = none */
    int64_t published_ms;
    /* At the end of a chain of which true heads tell another past: what they span. 0 = none do. */
    uint64_t gap_first;
    uint64_t gap_last;
    int64_t gap_ms; /* time of its last head */
} bkey_audit_finding;

typedef struct bkey_audit_heads_seen {
    uint64_t heads;   /* published heads that are as we write them */
    uint64_t foreign; /* lines that are not, and deciding ones with a wrong signature */
} bkey_audit_heads_seen;

/* Calls the sink for each problem of a chain, then once with problem NULL. */
BKEY_MUST_CHECK bkey_err bkey_audit_view_check(const bkey_audit_query *query,
                                               void (*sink)(void *context,
                                                            const bkey_audit_finding *finding),
                                               void *context, bkey_audit_heads_seen *out_seen);
/* One sentence about a problem. */
void bkey_audit_view_sentence(const bkey_chain_problem *problem, char *out, size_t cap);

#endif
