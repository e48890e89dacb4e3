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
                                                             "doubled", "cut-off"};
    return kind < BKEY_CHAIN_KIND_COUNT ? names[kind] : "unknown";
}

static int by_seq(const void *a, const void *b)
{
    const bkey_chain_link *left = a;
    const bkey_chain_link *right = b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

static void tell(const checking *c, bkey_chain_kind kind, uint64_t first, uint64_t last)
{
    const bkey_chain_problem problem = {kind, first, last};
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

/* Something that was not written together with entry i says that it is what it was. */
static bool is_vouched(const bkey_chain_rows *rows, size_t i)
{
    const bkey_chain_link *link = &rows->links[i];
    if (is_next(rows, i + 1) && is_linked(rows->links, i + 1))
        return true;
    for (size_t k = 0; k < rows->point_count; k++) {
        if (rows->points[k].seq == link->seq &&
            sodium_memcmp(rows->points[k].hash, link->hash, BKEY_AUDIT_HASH_LEN) == 0)
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
        tell_changed(c, is_vouched(rows, i) ? link - 1 : link);
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
    return bsearch(&wanted, rows->links, rows->link_count, sizeof wanted, by_seq);
}

static void check_points(const checking *c)
{
    const bkey_chain_rows *rows = c->rows;
    uint64_t last = rows->link_count > 0 ? rows->links[rows->link_count - 1].seq : 0;
    uint64_t seen = last;
    for (size_t i = 0; i < rows->point_count; i++) {
        const bkey_chain_point *point = &rows->points[i];
        bkey_chain_link *link = find_link(rows, point->seq);
        if (point->seq > seen)
            seen = point->seq;
        if (link != NULL && sodium_memcmp(link->hash, point->hash, BKEY_AUDIT_HASH_LEN) != 0)
            tell_changed(c, link);
    }
    if (seen > last)
        tell(c, BKEY_CHAIN_CUT_OFF, last + 1, seen);
}

void bkey_chain_check(const bkey_chain_rows *rows, bkey_chain_sink sink, void *context)
{
    const checking c = {rows, sink, context};
    if (rows->link_count > 0)
        qsort(rows->links, rows->link_count, sizeof *rows->links, by_seq);
    check_numbers(&c);
    check_points(&c);
    check_links(&c);
}
