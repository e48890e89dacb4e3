/* SPDX-License-Identifier: Apache-2.0
 *
 * See chain.h. */
#include "state/chain.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct checking {
    const bkey_chain_rows *rows;
    bkey_chain_sink sink;
    void *context;
} checking;

const char *bkey_chain_kind_name(bkey_chain_kind kind)
{
    static const char *const names[BKEY_CHAIN_KIND_COUNT] = {"changed", "removed", "reordered",
                                                             "doubled", "cut-off", "acknowledged"};
    return kind < BKEY_CHAIN_KIND_COUNT ? names[kind] : "unknown";
}

static int by_seq(const void *a, const void *b)
{
    const bkey_chain_link *left = a;
    const bkey_chain_link *right = b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

/* Rows come in the order of their keys, which are hashes. The numbers of a whole chain say where
 * each belongs: a million rows are put there without the time and memory of a sort. False: not
 * whole. */
static bool place_by_number(bkey_chain_link *links, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (links[i].seq < 1 || links[i].seq > count)
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        while (links[i].seq != i + 1) {
            bkey_chain_link *home = &links[links[i].seq - 1];
            const bkey_chain_link kept = *home;
            if (kept.seq == links[i].seq)
                return false;
            *home = links[i];
            links[i] = kept;
        }
    }
    return true;
}

static void tell(const checking *c, bkey_chain_kind kind, uint64_t first, uint64_t last)
{
    const bkey_chain_problem problem = {kind, first, last, 0};
    c->sink(c->context, &problem);
}

static void tell_changed(const checking *c, bkey_chain_link *link)
{
    if (!link->told)
        tell(c, BKEY_CHAIN_CHANGED, link->seq, link->seq);
    link->told = true;
}

static bool is_next(const bkey_chain_rows *rows, size_t i)
{
    return i > 0 && i < rows->link_count && rows->links[i].seq == rows->links[i - 1].seq + 1;
}

static bool is_linked(const bkey_chain_link *links, size_t i)
{
    return sodium_memcmp(links[i].previous, links[i - 1].hash, BKEY_AUDIT_HASH_LEN) == 0;
}

static bool is_genuine(const checking *c, size_t point)
{
    return c->rows->is_genuine == NULL || c->rows->is_genuine(c->context, point);
}

/* The first point of at least that number. */
static size_t find_point(const bkey_chain_rows *rows, uint64_t seq)
{
    size_t low = 0;
    size_t high = rows->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->points[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Something that was not written together with entry i says that it is what it was. */
static bool is_vouched(const checking *c, size_t i)
{
    const bkey_chain_rows *rows = c->rows;
    const bkey_chain_link *link = &rows->links[i];
    if (is_next(rows, i + 1) && is_linked(rows->links, i + 1))
        return true;
    for (size_t k = find_point(rows, link->seq);
         k < rows->point_count && rows->points[k].seq == link->seq; k++) {
        if (sodium_memcmp(rows->points[k].hash, link->hash, BKEY_AUDIT_HASH_LEN) == 0 &&
            is_genuine(c, k))
            return true;
    }
    return false;
}

static void check_links(const checking *c)
{
    const bkey_chain_rows *rows = c->rows;
    static const uint8_t nothing[BKEY_AUDIT_HASH_LEN];
    for (size_t i = 0; i < rows->link_count; i++) {
        bkey_chain_link *link = &rows->links[i];
        if (link->misplaced)
            tell(c, BKEY_CHAIN_REORDERED, link->seq, link->seq);
        if (link->seq == 0 ||
            (link->seq == 1 && sodium_memcmp(link->previous, nothing, sizeof nothing) != 0))
            tell_changed(c, link);
        if (!is_next(rows, i) || is_linked(rows->links, i))
            continue;
        tell_changed(c, is_vouched(c, i) ? link - 1 : link);
    }
}

static void check_numbers(const checking *c)
{
    const bkey_chain_rows *rows = c->rows;
    uint64_t last = 0;
    for (size_t i = 0; i < rows->link_count; i++) {
        uint64_t seq = rows->links[i].seq;
        if (i > 0 && seq == last)
            tell(c, BKEY_CHAIN_DOUBLED, seq, seq);
        else if (seq > last + 1)
            tell(c, BKEY_CHAIN_REMOVED, last + 1, seq - 1);
        last = seq;
    }
}

static bkey_chain_link *find_link(const bkey_chain_rows *rows, uint64_t seq)
{
    const bkey_chain_link wanted = {.seq = seq};
    if (rows->link_count == 0)
        return NULL;
    /* In a whole chain it lies where its number says. */
    const uint64_t guess = seq - rows->links[0].seq;
    if (guess < rows->link_count && rows->links[guess].seq == seq)
        return &rows->links[guess];
    return bsearch(&wanted, rows->links, rows->link_count, sizeof wanted, by_seq);
}

bool bkey_chain_contradicts(const bkey_chain_rows *rows, size_t point)
{
    const bkey_chain_point *one = &rows->points[point];
    const bkey_chain_link *link = find_link(rows, one->seq);
    if (link == NULL)
        return rows->link_count == 0 || one->seq > rows->links[rows->link_count - 1].seq;
    return sodium_memcmp(link->hash, one->hash, BKEY_AUDIT_HASH_LEN) != 0;
}

static void check_points(const checking *c)
{
    const bkey_chain_rows *rows = c->rows;
    uint64_t last = rows->link_count > 0 ? rows->links[rows->link_count - 1].seq : 0;
    size_t newest = rows->point_count;
    for (size_t i = 0; i < rows->point_count && rows->points[i].seq <= last; i++) {
        bkey_chain_link *link = find_link(rows, rows->points[i].seq);
        if (link != NULL && !link->told && bkey_chain_contradicts(rows, i) && is_genuine(c, i))
            tell_changed(c, link);
    }
    while (newest > 0 && rows->points[newest - 1].seq > last && !is_genuine(c, newest - 1))
        newest--;
    if (newest > 0 && rows->points[newest - 1].seq > last)
        tell(c, BKEY_CHAIN_CUT_OFF, last + 1, rows->points[newest - 1].seq);
}

void bkey_chain_check(const bkey_chain_rows *rows, bkey_chain_sink sink, void *context)
{
    const checking c = {rows, sink, context};
    if (rows->link_count > 0 && !place_by_number(rows->links, rows->link_count))
        qsort(rows->links, rows->link_count, sizeof *rows->links, by_seq);
    check_numbers(&c);
    check_points(&c);
    check_links(&c);
}
