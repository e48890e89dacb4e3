/* SPDX-License-Identifier: Apache-2.0
 *
 * Many small texts and byte strings that die together. Must not know what they say. */
#include "usecase/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 32768u

struct bkey_arena_block {
    bkey_arena_block *next;
    size_t used;
    size_t cap;
    alignas(max_align_t) unsigned char bytes[];
};

void bkey_arena_init(bkey_arena *arena)
{
    arena->first = NULL;
}

void bkey_arena_done(bkey_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->first != NULL) {
        bkey_arena_block *block = arena->first;
        arena->first = block->next;
        free(block);
    }
}

void bkey_arena_clear(bkey_arena *arena)
{
    bkey_arena_block *keep = arena->first;
    if (keep == NULL)
        return;
    arena->first = keep->next;
    bkey_arena_done(arena);
    keep->next = NULL;
    keep->used = 0;
    arena->first = keep;
}

static void *take(bkey_arena *arena, size_t len)
{
    bkey_arena_block *block = arena->first;
    if (block == NULL || block->cap - block->used < len) {
        size_t cap = len > BLOCK_BYTES ? len : BLOCK_BYTES;
        block = malloc(sizeof *block + cap);
        if (block == NULL)
            return NULL;
        block->next = arena->first;
        block->used = 0;
        block->cap = cap;
        arena->first = block;
    }
    void *out = block->bytes + block->used;
    block->used += len;
    return out;
}

void *bkey_arena_bytes(bkey_arena *arena, const void *bytes, size_t len)
{
    void *out = take(arena, len > 0 ? len : 1);
    if (out != NULL && len > 0)
        memcpy(out, bytes, len);
    return out;
}

const char *bkey_arena_text(bkey_arena *arena, const char *text)
{
    return bkey_arena_bytes(arena, text, strlen(text) + 1);
}

const char *bkey_arena_printf(bkey_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return NULL;
    char *out = take(arena, (size_t)len + 1);
    if (out == NULL)
        return NULL;
    va_start(args, format);
    (void)vsnprintf(out, (size_t)len + 1, format, args);
    va_end(args);
    return out;
}
