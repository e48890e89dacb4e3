/* SPDX-License-Identifier: Apache-2.0
 *
 * See transport_reply.h. */
#include "graph/transport_reply.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bkey_err bkey_transport_arena_init(bkey_transport_arena *arena, uint32_t slots, size_t slot_len)
{
    arena->memory = sodium_malloc((size_t)slots * slot_len);
    arena->free_slots = calloc(slots, sizeof *arena->free_slots);
    if (arena->memory == NULL || arena->free_slots == NULL) {
        bkey_transport_arena_done(arena);
        return bkey_fail(BKEY_E_NOMEM);
    }
    arena->slots = slots;
    arena->slot_len = slot_len;
    arena->free_count = slots;
    for (uint32_t i = 0; i < slots; i++)
        arena->free_slots[i] = slots - 1 - i;
    return bkey_ok();
}

void bkey_transport_arena_done(bkey_transport_arena *arena)
{
    sodium_free(arena->memory);
    free(arena->free_slots);
    *arena = (bkey_transport_arena){.memory = NULL};
}

bkey_err bkey_transport_body_begin(bkey_transport_body *body, bkey_transport_arena *arena,
                                   size_t max)
{
    body->arena = arena;
    body->len = 0;
    body->overflow = false;
    if (arena == NULL) {
        body->max = max;
        sup_buffer_init(&body->heap, max);
        return bkey_ok();
    }
    if (arena->free_count == 0)
        return bkey_fail(BKEY_E_SLAB_FULL);
    body->slot = arena->memory + arena->free_slots[--arena->free_count] * arena->slot_len;
    body->max = max < arena->slot_len - 1 ? max : arena->slot_len - 1;
    return bkey_ok();
}

bool bkey_transport_body_add(bkey_transport_body *body, const void *bytes, size_t len)
{
    if (body->arena == NULL) {
        body->overflow = !sup_buffer_add(&body->heap, bytes, len);
        return !body->overflow;
    }
    if (len > body->max - body->len) {
        body->overflow = true;
        return false;
    }
    memcpy(body->slot + body->len, bytes, len);
    body->len += len;
    return true;
}

bkey_bytes bkey_transport_body_bytes(const bkey_transport_body *body)
{
    bkey_bytes bytes;
    if (body->arena == NULL) {
        bytes.ptr = (const uint8_t *)sup_buffer_text(&body->heap);
        bytes.len = body->heap.len;
        return bytes;
    }
    body->slot[body->len] = 0;
    bytes.ptr = body->slot;
    bytes.len = body->len;
    return bytes;
}

void bkey_transport_body_end(bkey_transport_body *body)
{
    if (body->arena == NULL) {
        sup_buffer_done(&body->heap);
        return;
    }
    sodium_memzero(body->slot, body->len + 1);
    size_t index = (size_t)(body->slot - body->arena->memory) / body->arena->slot_len;
    body->arena->free_slots[body->arena->free_count++] = (uint32_t)index;
    body->arena = NULL;
    body->slot = NULL;
    body->len = 0;
    sup_buffer_init(&body->heap, 0);
}
