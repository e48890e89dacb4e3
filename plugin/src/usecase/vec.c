/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing array of plain values. Must not know what they are. */
#include "usecase/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void bkey_vec_init(bkey_vec *vec, size_t item_size)
{
    memset(vec, 0, sizeof *vec);
    vec->size = item_size;
}

void bkey_vec_done(bkey_vec *vec)
{
    if (vec == NULL)
        return;
    free(vec->items);
    bkey_vec_init(vec, vec->size);
}

void bkey_vec_clear(bkey_vec *vec)
{
    vec->count = 0;
}

void *bkey_vec_add(bkey_vec *vec)
{
    if (vec->count == vec->cap) {
        /* A quarter more, not double: at 100,000 keys the slack would be most of the budget. */
        size_t cap = vec->cap + vec->cap / 4 + 16;
        if (cap > SIZE_MAX / vec->size)
            return NULL;
        void *items = realloc(vec->items, cap * vec->size);
        if (items == NULL)
            return NULL;
        vec->items = items;
        vec->cap = cap;
    }
    void *item = (char *)vec->items + vec->count * vec->size;
    memset(item, 0, vec->size);
    vec->count++;
    return item;
}
