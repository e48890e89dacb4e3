/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that is known of the matches of one connection, read from the state: decisions, what
 * is known of devices without one, and how many keys each has. Must not know who looks. */
#ifndef BKEY_MATCH_BOOK_H
#define BKEY_MATCH_BOOK_H

#include "state/decision.h"
#include "state/evidence.h"
#include "usecase/arena.h"
#include "usecase/vec.h"

/* One device that has keys or a decision; texts live as long as the book. */
typedef struct bkey_match_page {
    sup_guid device_id;
    bkey_match_state state;
    bkey_match_outcome outcome; /* 0 with a decision that places */
    bkey_match_reason reason;   /* of the decision, 0 = none */
    int64_t since_ms;           /* of the decision */
    bool by_name;
    const char *name;
    const char *serial;
    const char *who;              /* decided; "" = evidence */
    const char *organization_id;  /* matched there; "" = nowhere */
    const char *configuration_id; /* matched, or, after it was taken back, what was */
    const bkey_evidence_candidate *candidates;
    uint32_t candidate_count;
    uint64_t placed;  /* keys in an organization */
    uint64_t waiting; /* keys in nobody's folder */
} bkey_match_page;

typedef struct bkey_match_book {
    bkey_connection connection;
    bkey_arena texts;
    bkey_vec pages; /* bkey_match_page, in the order of device ids */
} bkey_match_book;

/* Reads it; large, not for the stack. Ended by bkey_match_book_done, whatever happened. */
BKEY_MUST_CHECK bkey_err bkey_match_book_read(bkey_vault *vault, const bkey_call *call,
                                              const bkey_connection *connection,
                                              bkey_match_book *out);
void bkey_match_book_done(bkey_match_book *book);

#endif
