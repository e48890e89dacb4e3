/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with an audit chain: pure, over what its rows say in the clear and over heads that
 * were kept elsewhere. Needs no key; must not know what an entry tells. */
#ifndef BKEY_CHAIN_H
#define BKEY_CHAIN_H

#include "state/audit.h"

typedef struct bkey_chain_link {
    uint64_t seq;
    uint8_t previous[BKEY_AUDIT_HASH_LEN];
    uint8_t hash[BKEY_AUDIT_HASH_LEN];
    bool misplaced; /* the row's key is not the one of this number */
    bool told;      /* used by the check */
} bkey_chain_link;

/* A head that was seen when it was the newest. */
typedef struct bkey_chain_point {
    uint64_t seq;
    uint8_t hash[BKEY_AUDIT_HASH_LEN];
} bkey_chain_point;

typedef enum bkey_chain_kind {
    BKEY_CHAIN_CHANGED = 0,
    BKEY_CHAIN_REMOVED,
    BKEY_CHAIN_REORDERED,
    BKEY_CHAIN_DOUBLED,
    BKEY_CHAIN_CUT_OFF,      /* a head tells of entries after the last one that is there */
    BKEY_CHAIN_ACKNOWLEDGED, /* never of the check: a gap that an entry answers for */
    BKEY_CHAIN_KIND_COUNT
} bkey_chain_kind;

typedef struct bkey_chain_problem {
    bkey_chain_kind kind;
    uint64_t first;
    uint64_t last;  /* the same as first for a single entry */
    uint64_t entry; /* ACKNOWLEDGED: number of the entry that says who did, and why */
} bkey_chain_problem;

typedef struct bkey_chain_rows {
    bkey_chain_link *links; /* in any order; sorted by the check */
    size_t link_count;
    const bkey_chain_point *points; /* in ascending order of their numbers */
    size_t point_count;
    /* Asked before a point decides anything, and of no other: what agrees with the rows, below the
     * newest, changes nothing. NULL: all are genuine. */
    bool (*is_genuine)(void *context, size_t point);
} bkey_chain_rows;

typedef void (*bkey_chain_sink)(void *context, const bkey_chain_problem *problem);

/* Tells every problem once, by number of the entry, of each kind in ascending order. The context is
 * that of the sink and of is_genuine. */
void bkey_chain_check(const bkey_chain_rows *rows, bkey_chain_sink sink, void *context);
/* True when that point speaks of another past than the rows, which the check has sorted. */
bool bkey_chain_contradicts(const bkey_chain_rows *rows, size_t point);
/* "changed", "removed" ... Static. */
const char *bkey_chain_kind_name(bkey_chain_kind kind);

#endif
