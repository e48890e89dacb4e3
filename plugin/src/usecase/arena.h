/* SPDX-License-Identifier: Apache-2.0
 *
 * Many small texts and byte strings that die together. Not for secrets. */
#ifndef BKEY_ARENA_H
#define BKEY_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct bkey_arena_block bkey_arena_block;

typedef struct bkey_arena {
    bkey_arena_block *first; /* newest */
} bkey_arena;

void bkey_arena_init(bkey_arena *arena);
/* Frees everything that was handed out; usable afterwards. NULL-safe. */
void bkey_arena_done(bkey_arena *arena);
/* Forgets everything that was handed out, keeps one block. */
void bkey_arena_clear(bkey_arena *arena);
/* All: NULL when memory ran out; else valid until clear or done. */
void *bkey_arena_bytes(bkey_arena *arena, const void *bytes, size_t len);
const char *bkey_arena_text(bkey_arena *arena, const char *text);
const char *bkey_arena_printf(bkey_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
