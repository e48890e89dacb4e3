/* SPDX-License-Identifier: Apache-2.0
 *
 * See json_memory.h. */
#include "sample-host/src/base/json_memory.h"

#include <jansson.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static alignas(max_align_t) unsigned char reserve[HOST_JSON_RESERVE];
static size_t used;
static size_t lent; /* blocks; with none left the whole reserve is there again */

/* The only sizes that the lexer's buffer grows to; a node of such a size may come along. */
static bool is_growth(size_t size)
{
    return size >= 32 && (size & (size - 1)) == 0;
}

static void *lend(size_t size)
{
    void *block = NULL;
    (void)pthread_mutex_lock(&lock);
    if (size <= HOST_JSON_RESERVE - used) {
        block = reserve + used; /* aligned: only powers of two are lent */
        used += size;
        lent++;
    }
    (void)pthread_mutex_unlock(&lock);
    if (block == NULL) {
        (void)fputs("dochost: out of memory\n", stderr);
        abort();
    }
    return block;
}

static void *take(size_t size)
{
    void *block = malloc(size);
    if (block == NULL && is_growth(size)) {
        block = lend(size);
    }
    return block;
}

static void give_back(void *block)
{
    const uintptr_t at = (uintptr_t)block;
    const uintptr_t first = (uintptr_t)reserve;
    if (at < first || at >= first + HOST_JSON_RESERVE) {
        free(block);
        return;
    }
    (void)pthread_mutex_lock(&lock);
    lent--;
    used = lent == 0 ? 0 : used;
    (void)pthread_mutex_unlock(&lock);
}

void host_json_memory_use(void)
{
    json_set_alloc_funcs(take, give_back);
}
