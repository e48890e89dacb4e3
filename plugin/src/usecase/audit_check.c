/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk of audit_view.h over all stored chains and published heads. One scan, one chain in
 * memory at a time: 80 bytes per entry. */
#include <stdlib.h>
#include <string.h>

#include "usecase/audit_heads.h"
#include "usecase/place_list.h"

#define OF_STORE SIZE_MAX /* the origin of the sealed head, which no line tells */

typedef struct known_chain {
    uint8_t chain[BKEY_HEADS_CHAIN_LEN];
    const char *organization_id; /* borrowed from the list of places */
    bool has_head;               /* the sealed one */
    bkey_chain_point head;
} known_chain;

typedef struct checking {
    const bkey_audit_query *query;
    void (*sink)(void *context, const bkey_audit_finding *finding);
    void *context;
    bkey_audit_heads heads;
    bkey_vec known;   /* known_chain */
    bkey_vec links;   /* bkey_chain_link of the chain at hand */
    bkey_vec points;  /* bkey_chain_point of the chain at hand */
    bkey_vec origins; /* size_t: each point's index among the heads, or OF_STORE */
    bkey_vec walked;  /* chains that had rows; BKEY_HEADS_CHAIN_LEN bytes each */
    uint8_t chain[BKEY_HEADS_CHAIN_LEN];
    bool has_chain;
    bool has_problem;
    bkey_audit_finding finding;
} checking;

/* Organizations that have a chain; the sealed head of each is one more witness. */
static bkey_err load_known(checking *c, const bkey_place_list *list)
{
    for (size_t i = 0; i < list->items.count; i++) {
        const bkey_place place = bkey_place_list_at(list, i);
        uint8_t prefix[BKEY_PREFIX_LEN];
        bkey_audit_head head;
        if (!sup_guid_is_zero(&place.tenant))
            continue;
        known_chain *known = bkey_vec_add(&c->known);
        if (known == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        bkey_vault_prefix(&place, BKEY_KIND_AUDIT, prefix);
        memcpy(known->chain, prefix + 1, sizeof known->chain);
        known->organization_id = place.organization_id;
        bkey_err err = bkey_audit_head_get(&place, &head);
        if (bkey_is_ok(err) && head.seq > 0) {
            known->has_head = true;
            known->head.seq = head.seq;
            memcpy(known->head.hash, head.hash, sizeof head.hash);
        } else if (!bkey_is_ok(err) && bkey_err_category(err) != BKEY_CAT_CORRUPT &&
                   !bkey_is(err, BKEY_E_KEYRING) && !bkey_is(err, BKEY_E_NO_STATE)) {
            return err;
        }
    }
    return bkey_ok();
}

static bkey_err add_point(checking *c, const bkey_chain_point *point, size_t origin)
{
    bkey_chain_point *kept = bkey_vec_add(&c->points);
    size_t *kept_origin = bkey_vec_add(&c->origins);
    if (kept == NULL || kept_origin == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *kept = *point;
    *kept_origin = origin;
    return bkey_ok();
}

static const known_chain *find_known(const checking *c)
{
    const known_chain *known = c->known.items;
    for (size_t i = 0; i < c->known.count; i++) {
        if (memcmp(known[i].chain, c->chain, sizeof c->chain) == 0)
            return &known[i];
    }
    return NULL;
}

/* The published heads of the chain, and at its place among them the sealed one. */
static bkey_err collect_points(checking *c, const known_chain *known)
{
    bool has_own = known != NULL && known->has_head;
    size_t first;
    size_t end;
    bkey_err err = bkey_ok();
    bkey_vec_clear(&c->points);
    bkey_vec_clear(&c->origins);
    bkey_audit_heads_find(&c->heads, c->chain, &first, &end);
    for (size_t i = first; bkey_is_ok(err) && i < end; i++) {
        const bkey_head_line *head = bkey_audit_heads_at(&c->heads, i);
        if (bkey_audit_heads_is_disowned(&c->heads, i))
            continue;
        if (has_own && known->head.seq <= head->point.seq) {
            err = add_point(c, &known->head, OF_STORE);
            has_own = false;
        }
        if (bkey_is_ok(err))
            err = add_point(c, &head->point, i);
    }
    return bkey_is_ok(err) && has_own ? add_point(c, &known->head, OF_STORE) : err;
}

static bool is_genuine(void *context, size_t point)
{
    checking *c = context;
    const size_t *origins = c->origins.items;
    return origins[point] == OF_STORE || bkey_audit_heads_is_genuine(&c->heads, origins[point]);
}

/* A published head that is true. The newest of a chain is always looked at. */
static const bkey_head_line *find_published(checking *c, size_t point)
{
    const size_t *origins = c->origins.items;
    return origins[point] != OF_STORE && is_genuine(c, point)
               ? bkey_audit_heads_at(&c->heads, origins[point])
               : NULL;
}

static void note_newest(checking *c)
{
    const bkey_head_line *newest = NULL;
    for (size_t i = c->points.count; newest == NULL && i > 0; i--)
        newest = find_published(c, i - 1);
    if (newest == NULL)
        return;
    c->finding.published = newest->point.seq;
    c->finding.published_ms = newest->time_ms;
}

/* The border heads among those that tell another past: what lies between them is the gap. */
static void note_gap(checking *c, const bkey_chain_rows *rows)
{
    const bkey_head_line *first = NULL;
    const bkey_head_line *last = NULL;
    for (size_t i = 0; first == NULL && i < rows->point_count; i++) {
        if (bkey_chain_contradicts(rows, i))
            first = find_published(c, i);
    }
    for (size_t i = rows->point_count; first != NULL && last == NULL && i > 0; i--) {
        if (bkey_chain_contradicts(rows, i - 1))
            last = find_published(c, i - 1);
    }
    if (first == NULL || last == NULL)
        return;
    uint64_t end = rows->link_count > 0 ? rows->links[rows->link_count - 1].seq : 0;
    c->finding.gap_first = first->point.seq > end ? end + 1 : first->point.seq;
    c->finding.gap_last = last->point.seq;
    c->finding.gap_ms = last->time_ms;
}

static void pass_problem(void *context, const bkey_chain_problem *problem)
{
    checking *c = context;
    c->finding.problem = problem;
    c->sink(c->context, &c->finding);
    c->finding.problem = NULL;
    c->has_problem = c->has_problem || problem->kind != BKEY_CHAIN_ACKNOWLEDGED;
}

static void pass_gaps(checking *c)
{
    size_t first;
    size_t end;
    bkey_audit_heads_find_gaps(&c->heads, c->chain, &first, &end);
    for (size_t i = first; i < end; i++) {
        const bkey_gap_line *gap = bkey_audit_heads_gap(&c->heads, i);
        const bkey_chain_problem problem = {BKEY_CHAIN_ACKNOWLEDGED, gap->first, gap->last,
                                            gap->entry.seq};
        pass_problem(c, &problem);
    }
}

static bool was_walked(const checking *c, const uint8_t *chain)
{
    const uint8_t *walked = c->walked.items;
    for (size_t i = 0; i < c->walked.count; i++) {
        if (memcmp(walked + i * BKEY_HEADS_CHAIN_LEN, chain, BKEY_HEADS_CHAIN_LEN) == 0)
            return true;
    }
    return false;
}

static bkey_err finish_chain(checking *c)
{
    uint8_t *walked = bkey_vec_add(&c->walked);
    if (walked == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    memcpy(walked, c->chain, sizeof c->chain);
    const known_chain *known = find_known(c);
    c->finding =
        (bkey_audit_finding){.organization_id = known != NULL ? known->organization_id : NULL,
                             .chain = c->chain,
                             .entries = c->links.count};
    c->has_problem = false;
    bkey_err err = collect_points(c, known);
    if (!bkey_is_ok(err))
        return err;
    const bkey_chain_rows rows = {c->links.items, c->links.count, c->points.items, c->points.count,
                                  is_genuine};
    note_newest(c);
    pass_gaps(c);
    bkey_chain_check(&rows, pass_problem, c);
    if (c->has_problem)
        note_gap(c, &rows);
    c->sink(c->context, &c->finding);
    bkey_vec_clear(&c->links);
    return bkey_ok();
}

static void write_seq(uint64_t seq, uint8_t out[8])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(seq >> (8 * i));
}

/* The part of the key behind the organization depends on the number alone. */
static bool is_misplaced(const checking *c, bkey_bytes key, uint64_t seq)
{
    const bkey_place place = {
        .vault = c->query->vault, .call = c->query->call, .organization_id = ""};
    uint8_t number[8];
    uint8_t right[BKEY_STATE_KEY_LEN];
    write_seq(seq, number);
    bkey_vault_row_key(&place, BKEY_KIND_AUDIT, (bkey_bytes){number, sizeof number}, right);
    return key.len != BKEY_STATE_KEY_LEN ||
           memcmp(key.ptr + BKEY_PREFIX_LEN, right + BKEY_PREFIX_LEN,
                  BKEY_STATE_KEY_LEN - BKEY_PREFIX_LEN) != 0;
}

static bkey_err take_row(void *context, const bkey_state_row *row)
{
    checking *c = context;
    bkey_chain_link link = {.seq = 0};
    bkey_err err = bkey_ok();
    if (row->tombstone || row->key.len < BKEY_PREFIX_LEN)
        return bkey_ok();
    if (!c->has_chain || memcmp(row->key.ptr + 1, c->chain, sizeof c->chain) != 0) {
        if (c->has_chain)
            err = finish_chain(c);
        memcpy(c->chain, row->key.ptr + 1, sizeof c->chain);
        c->has_chain = true;
    }
    if (!bkey_is_ok(err))
        return err;
    bkey_chain_link *kept = bkey_vec_add(&c->links);
    if (kept == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    /* A row that is no entry any more keeps the number 0: changed, and its number is missing. */
    if (bkey_audit_link(row->value, &link.seq, link.previous, link.hash) && link.seq > 0)
        link.misplaced = is_misplaced(c, row->key, link.seq);
    *kept = link;
    return bkey_ok();
}

/* Chains of which nothing is left but a head. */
static bkey_err check_vanished(checking *c)
{
    const known_chain *known = c->known.items;
    size_t end = 0;
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < c->known.count; i++) {
        if (was_walked(c, known[i].chain))
            continue;
        memcpy(c->chain, known[i].chain, sizeof c->chain);
        err = finish_chain(c);
    }
    for (size_t i = 0; bkey_is_ok(err) && i < c->heads.items.count; i = end) {
        const bkey_head_line *head = bkey_audit_heads_at(&c->heads, i);
        bkey_audit_heads_find(&c->heads, head->chain, &i, &end);
        if (was_walked(c, head->chain))
            continue;
        memcpy(c->chain, head->chain, sizeof c->chain);
        err = finish_chain(c);
    }
    return err;
}

static bkey_err run_check(checking *c, bkey_place_list *list)
{
    const bkey_ports *ports = c->query->ports;
    const uint8_t kind = BKEY_KIND_AUDIT;
    bkey_err err = bkey_place_list_load(list, c->query->vault, c->query->call);
    if (bkey_is_ok(err))
        err = load_known(c, list);
    if (bkey_is_ok(err))
        err = bkey_audit_heads_load(&c->heads, c->query);
    if (bkey_is_ok(err))
        err = ports->state_scan(ports->self, c->query->call, (bkey_bytes){&kind, 1}, take_row, c);
    if (bkey_is_ok(err) && c->has_chain)
        err = finish_chain(c);
    return bkey_is_ok(err) ? check_vanished(c) : err;
}

bkey_err bkey_audit_view_check(const bkey_audit_query *query,
                               void (*sink)(void *context, const bkey_audit_finding *finding),
                               void *context, bkey_audit_heads_seen *out_seen)
{
    checking c = {.query = query, .sink = sink, .context = context};
    bkey_place_list list;
    bkey_vec_init(&list.items, sizeof(bkey_place_item));
    bkey_vec_init(&c.known, sizeof(known_chain));
    bkey_audit_heads_init(&c.heads);
    bkey_vec_init(&c.links, sizeof(bkey_chain_link));
    bkey_vec_init(&c.points, sizeof(bkey_chain_point));
    bkey_vec_init(&c.origins, sizeof(size_t));
    bkey_vec_init(&c.walked, BKEY_HEADS_CHAIN_LEN);
    bkey_err err = run_check(&c, &list);
    bkey_vec_done(&c.walked);
    bkey_vec_done(&c.origins);
    bkey_vec_done(&c.points);
    bkey_vec_done(&c.links);
    bkey_vec_done(&c.known);
    bkey_place_list_done(&list);
    if (bkey_is_ok(err))
        *out_seen = c.heads.seen;
    bkey_audit_heads_done(&c.heads);
    return err;
}
