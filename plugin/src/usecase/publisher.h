/* SPDX-License-Identifier: Apache-2.0
 *
 * When heads of audit chains leave the store: at once while entries come one by one, together when
 * they come in numbers. Thread-safe. Must not know where the host keeps them. */
#ifndef BKEY_PUBLISHER_H
#define BKEY_PUBLISHER_H

#include "state/heads.h"

#define BKEY_PUBLISHER_ENTRIES 16u /* at most so many entries wait */
#define BKEY_PUBLISHER_QUIET_NS UINT64_C(1000000000)

typedef struct bkey_publisher bkey_publisher;

/* Errors: NOMEM. Ports and vault outlive it. */
BKEY_MUST_CHECK bkey_err bkey_publisher_new(const bkey_ports *ports, bkey_vault *vault,
                                            bkey_publisher **out_publisher);
/* What still waits is not published. NULL-safe, sets NULL. */
void bkey_publisher_free(bkey_publisher **publisher);
/* An entry landed as the head of that chain. NULL-safe. Publishes when more than
 * BKEY_PUBLISHER_QUIET_NS passed since the last time or BKEY_PUBLISHER_ENTRIES wait; a host that
 * cannot keep the head is logged, and the head waits for the next time. */
void bkey_publisher_note(bkey_publisher *publisher, const bkey_call *call,
                         const uint8_t chain[BKEY_HEADS_CHAIN_LEN], const bkey_chain_point *head);
/* Publishes all that wait. NULL-safe. */
void bkey_publisher_flush(bkey_publisher *publisher, const bkey_call *call);

#endif
