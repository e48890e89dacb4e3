/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit_heads.h. 144 bytes per head: a million of them, which years of reveals one by one make,
 * are read in seconds, where their signatures alone would take minutes. */
#include "usecase/audit_heads.h"

#include <stdlib.h>
#include <string.h>

typedef enum judgement { NOT_JUDGED = 0, GENUINE, FORGED } judgement;

/* The head first: what is sorted and searched begins with its chain. */
typedef struct published {
    bkey_head_line head;
    judgement judged;
    bool is_answer; /* not a head's line: the entry that answers for a gap */
} published;

void bkey_audit_heads_init(bkey_audit_heads *heads)
{
    memset(heads, 0, sizeof *heads);
    bkey_vec_init(&heads->items, sizeof(published));
    bkey_vec_init(&heads->gaps, sizeof(bkey_gap_line));
}

void bkey_audit_heads_done(bkey_audit_heads *heads)
{
    bkey_vec_done(&heads->gaps);
    bkey_vec_done(&heads->items);
}

static bkey_err add_head(bkey_audit_heads *heads, const published *one)
{
    published *kept = bkey_vec_add(&heads->items);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = *one;
    heads->seen.heads++;
    return bkey_ok();
}

static bkey_err add_gap(bkey_audit_heads *heads, const bkey_gap_line *gap)
{
    published answer = {.head = {.point = gap->entry, .time_ms = gap->time_ms},
                        .judged = GENUINE,
                        .is_answer = true};
    bkey_gap_line *kept = bkey_vec_add(&heads->gaps);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = *gap;
    memcpy(answer.head.chain, gap->entry_chain, sizeof answer.head.chain);
    return add_head(heads, &answer);
}

static bkey_err take_line(void *context, const char *line, size_t len)
{
    bkey_audit_heads *heads = context;
    published one = {.judged = NOT_JUDGED};
    bkey_gap_line gap;
    if (bkey_heads_read(line, len, heads->public_key, &one.head))
        return add_head(heads, &one);
    if (bkey_heads_read_gap(line, len, heads->public_key, &gap))
        return add_gap(heads, &gap);
    heads->seen.foreign++;
    return bkey_ok();
}

static int by_chain(const void *a, const void *b)
{
    return memcmp(a, b, BKEY_HEADS_CHAIN_LEN);
}

static int by_number(const void *a, const void *b)
{
    const published *left = a;
    const published *right = b;
    int order = by_chain(a, b);
    if (order != 0)
        return order;
    return (left->head.point.seq > right->head.point.seq) -
           (left->head.point.seq < right->head.point.seq);
}

/* Heads of one chain come in order; a sort would need as much memory again. */
static void sort(bkey_audit_heads *heads)
{
    const published *items = heads->items.items;
    size_t i = 1;
    while (i < heads->items.count && by_number(&items[i - 1], &items[i]) <= 0)
        i++;
    if (i < heads->items.count)
        qsort(heads->items.items, heads->items.count, sizeof(published), by_number);
    if (heads->gaps.count > 0)
        qsort(heads->gaps.items, heads->gaps.count, sizeof(bkey_gap_line), by_chain);
}

bkey_err bkey_audit_heads_load(bkey_audit_heads *heads, const bkey_audit_query *query)
{
    const bkey_ports *ports = query->ports;
    bkey_err err = bkey_heads_public(query->vault, heads->public_key);
    if (bkey_is_ok(err) && ports->published_heads != NULL)
        err = ports->published_heads(ports->self, query->call, take_line, heads);
    sort(heads);
    return err;
}

/* The first item whose chain is not before (`past`: is behind) that one. */
static size_t find_border(const bkey_vec *vec, const uint8_t *chain, bool past)
{
    const uint8_t *items = vec->items;
    size_t low = 0;
    size_t high = vec->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = by_chain(items + middle * vec->size, chain);
        if (order < 0 || (past && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void bkey_audit_heads_find(const bkey_audit_heads *heads, const uint8_t *chain, size_t *out_first,
                           size_t *out_end)
{
    *out_first = find_border(&heads->items, chain, false);
    *out_end = find_border(&heads->items, chain, true);
}

void bkey_audit_heads_find_gaps(const bkey_audit_heads *heads, const uint8_t *chain,
                                size_t *out_first, size_t *out_end)
{
    *out_first = find_border(&heads->gaps, chain, false);
    *out_end = find_border(&heads->gaps, chain, true);
}

const bkey_head_line *bkey_audit_heads_at(const bkey_audit_heads *heads, size_t index)
{
    const published *items = heads->items.items;
    return &items[index].head;
}

const bkey_gap_line *bkey_audit_heads_gap(const bkey_audit_heads *heads, size_t index)
{
    const bkey_gap_line *gaps = heads->gaps.items;
    return &gaps[index];
}

bool bkey_audit_heads_is_genuine(bkey_audit_heads *heads, size_t index)
{
    published *items = heads->items.items;
    published *one = &items[index];
    if (one->judged == NOT_JUDGED) {
        one->judged = bkey_heads_is_genuine(&one->head, heads->public_key) ? GENUINE : FORGED;
        heads->seen.foreign += one->judged == FORGED;
        heads->seen.heads -= one->judged == FORGED;
    }
    return one->judged == GENUINE;
}

bool bkey_audit_heads_is_disowned(const bkey_audit_heads *heads, size_t index)
{
    const published *items = heads->items.items;
    const published *one = &items[index];
    const bkey_gap_line *gaps = heads->gaps.items;
    size_t first;
    size_t end;
    bkey_audit_heads_find_gaps(heads, one->head.chain, &first, &end);
    for (size_t i = first; i < end; i++) {
        /* An answer never answers for itself, a later one may. */
        bool is_older = one->is_answer ? one->head.time_ms < gaps[i].time_ms
                                       : one->head.time_ms <= gaps[i].time_ms;
        if (is_older && one->head.point.seq >= gaps[i].first && one->head.point.seq <= gaps[i].last)
            return true;
    }
    return false;
}
