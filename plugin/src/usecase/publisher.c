/* SPDX-License-Identifier: Apache-2.0
 *
 * See publisher.h. No host call is made under the lock. */
#include "usecase/publisher.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS_MAX BKEY_PUBLISHER_ENTRIES
#define EVENT_UNPUBLISHED 2001u
#define LEVEL_ERROR 1u

typedef struct waiting {
    uint8_t chain[BKEY_HEADS_CHAIN_LEN];
    bkey_chain_point head;
} waiting;

struct bkey_publisher {
    const bkey_ports *ports;
    bkey_vault *vault;
    pthread_mutex_t lock;
    waiting chains[CHAINS_MAX];
    size_t chain_count;
    uint32_t entries;
    uint64_t last_ns; /* 0 = never */
};

bkey_err bkey_publisher_new(const bkey_ports *ports, bkey_vault *vault,
                            bkey_publisher **out_publisher)
{
    bkey_publisher *publisher = calloc(1, sizeof *publisher);
    if (publisher == NULL || pthread_mutex_init(&publisher->lock, NULL) != 0) {
        free(publisher);
        return bkey_fail(BKEY_E_NOMEM);
    }
    publisher->ports = ports;
    publisher->vault = vault;
    *out_publisher = publisher;
    return bkey_ok();
}

void bkey_publisher_free(bkey_publisher **publisher)
{
    if (publisher == NULL || *publisher == NULL)
        return;
    (void)pthread_mutex_destroy(&(*publisher)->lock);
    free(*publisher);
    *publisher = NULL;
}

static bkey_err publish_one(bkey_publisher *publisher, const bkey_call *call, const waiting *one)
{
    const bkey_ports *ports = publisher->ports;
    char line[BKEY_HEADS_LINE_SIZE];
    bkey_head_line head = {.point = one->head, .time_ms = ports->wall_ms(ports->self)};
    memcpy(head.chain, one->chain, sizeof head.chain);
    bkey_err err = bkey_heads_sign(publisher->vault, &head, line);
    if (bkey_is_ok(err))
        err = ports->publish_head(ports->self, call, line);
    if (!bkey_is_ok(err))
        ports->log(ports->self, call, LEVEL_ERROR, EVENT_UNPUBLISHED,
                   "The newest audit entries could not be confirmed outside the store.");
    return err;
}

/* False when there is no room; the caller flushes and comes again. */
static bool keep(bkey_publisher *publisher, const waiting *one)
{
    size_t i = 0;
    while (i < publisher->chain_count &&
           memcmp(publisher->chains[i].chain, one->chain, sizeof one->chain) != 0)
        i++;
    if (i == CHAINS_MAX)
        return false;
    if (i == publisher->chain_count) {
        publisher->chains[i] = *one;
        publisher->chain_count++;
    } else if (publisher->chains[i].head.seq < one->head.seq) {
        publisher->chains[i].head = one->head;
    }
    publisher->entries++;
    return true;
}

void bkey_publisher_flush(bkey_publisher *publisher, const bkey_call *call)
{
    waiting taken[CHAINS_MAX];
    if (publisher == NULL || publisher->ports->publish_head == NULL)
        return;
    (void)pthread_mutex_lock(&publisher->lock);
    size_t count = publisher->chain_count;
    memcpy(taken, publisher->chains, sizeof taken);
    publisher->chain_count = 0;
    publisher->entries = 0;
    publisher->last_ns = publisher->ports->mono_ns(publisher->ports->self);
    (void)pthread_mutex_unlock(&publisher->lock);
    for (size_t i = 0; i < count; i++) {
        if (bkey_is_ok(publish_one(publisher, call, &taken[i])))
            continue;
        (void)pthread_mutex_lock(&publisher->lock);
        /* Without room the chain's next entry brings a newer head. */
        (void)keep(publisher, &taken[i]);
        (void)pthread_mutex_unlock(&publisher->lock);
    }
}

void bkey_publisher_note(bkey_publisher *publisher, const bkey_call *call,
                         const uint8_t chain[BKEY_HEADS_CHAIN_LEN], const bkey_chain_point *head)
{
    waiting one = {.head = *head};
    if (publisher == NULL || publisher->ports->publish_head == NULL)
        return;
    memcpy(one.chain, chain, sizeof one.chain);
    uint64_t now = publisher->ports->mono_ns(publisher->ports->self);
    (void)pthread_mutex_lock(&publisher->lock);
    bool kept = keep(publisher, &one);
    bool due = publisher->entries >= BKEY_PUBLISHER_ENTRIES || publisher->last_ns == 0 ||
               now - publisher->last_ns >= BKEY_PUBLISHER_QUIET_NS;
    (void)pthread_mutex_unlock(&publisher->lock);
    if (kept && !due)
        return;
    bkey_publisher_flush(publisher, call);
    if (!kept) {
        (void)pthread_mutex_lock(&publisher->lock);
        (void)keep(publisher, &one);
        (void)pthread_mutex_unlock(&publisher->lock);
        bkey_publisher_flush(publisher, call);
    }
}
