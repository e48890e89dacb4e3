/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the transport receives bodies: secret ones into slots of guarded memory, others into a
 * bounded buffer. Must not know curl. */
#ifndef BKEY_TRANSPORT_REPLY_H
#define BKEY_TRANSPORT_REPLY_H

#include "base/error.h"
#include "base/ports.h"
#include "support/buffer.h"

/* Guarded memory cut into equal slots; wiped when a slot comes back. Not thread-safe. */
typedef struct bkey_transport_arena {
    uint8_t *memory;
    size_t slot_len;
    uint32_t slots;
    uint32_t free_count;
    uint32_t *free_slots;
} bkey_transport_arena;

BKEY_MUST_CHECK bkey_err bkey_transport_arena_init(bkey_transport_arena *arena, uint32_t slots,
                                                   size_t slot_len);
void bkey_transport_arena_done(bkey_transport_arena *arena);

/* A body being received. */
typedef struct bkey_transport_body {
    bkey_transport_arena *arena; /* NULL: into the heap */
    uint8_t *slot;
    size_t len; /* in the slot */
    size_t max;
    sup_buffer heap;
    bool overflow;
} bkey_transport_body;

/* arena NULL = not secret. SLAB_FULL when no slot is free. */
BKEY_MUST_CHECK bkey_err bkey_transport_body_begin(bkey_transport_body *body,
                                                   bkey_transport_arena *arena, size_t max);
/* False when the body is too long; then overflow is set. */
bool bkey_transport_body_add(bkey_transport_body *body, const void *bytes, size_t len);
/* The bytes, followed by a zero byte. */
bkey_bytes bkey_transport_body_bytes(const bkey_transport_body *body);
/* Wipes and gives back. */
void bkey_transport_body_end(bkey_transport_body *body);

#endif
