/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing array of plain values. Not for secrets: it grows by realloc. */
#ifndef BKEY_VEC_H
#define BKEY_VEC_H

#include <stddef.h>

typedef struct bkey_vec {
    void *items;
    size_t count;
    size_t cap;
    size_t size; /* bytes of one item */
} bkey_vec;

/* Allocates nothing. */
void bkey_vec_init(bkey_vec *vec, size_t item_size);
/* Frees the items; usable afterwards. NULL-safe. */
void bkey_vec_done(bkey_vec *vec);
/* Keeps the memory, forgets the items. */
void bkey_vec_clear(bkey_vec *vec);
/* A new zeroed item at the end, valid until the next add; NULL when memory ran out. */
void *bkey_vec_add(bkey_vec *vec);

#endif
