/* SPDX-License-Identifier: Apache-2.0
 *
 * See match_book.h. Rows come in any order and are merged by device id. */
#include "usecase/match_book.h"

#include <stdlib.h>
#include <string.h>

#include "state/held.h"

typedef struct reading {
    bkey_match_book *book;
    bkey_vec counts; /* one_key */
    bool placed;     /* of the place under way */
} reading;

typedef struct one_key {
    sup_guid device_id;
    bool placed;
} one_key;

static const char *keep(bkey_match_book *book, const char *text, bool *fine)
{
    const char *copy = bkey_arena_text(&book->texts, text);
    *fine = *fine && copy != NULL;
    return copy;
}

static bkey_err take_decision(void *context, const bkey_decision_row *row)
{
    bkey_match_book *book = context;
    bool fine = true;
    if (row->reason == BKEY_MATCH_OPEN)
        return bkey_ok();
    bkey_match_page *page = bkey_vec_add(&book->pages);
    if (page == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    page->device_id = row->device_id;
    page->reason = row->reason;
    page->since_ms = row->since_ms;
    page->name = keep(book, row->device_name, &fine);
    page->who = keep(book, row->who, &fine);
    page->organization_id = keep(book, row->organization_id, &fine);
    page->configuration_id = keep(book, row->configuration_id, &fine);
    page->serial = "";
    return fine ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_evidence(void *context, const bkey_evidence_row *row)
{
    bkey_match_book *book = context;
    bool fine = true;
    bkey_match_page *page = bkey_vec_add(&book->pages);
    if (page == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    page->device_id = row->facts.device_id;
    page->outcome = row->outcome;
    page->by_name = row->by_name;
    page->name = keep(book, row->name, &fine);
    page->serial = keep(book, row->serial, &fine);
    page->who = "";
    page->organization_id = "";
    page->configuration_id = "";
    page->candidate_count = row->candidate_count;
    page->candidates = bkey_arena_bytes(&book->texts, row->candidates, sizeof row->candidates);
    return fine && page->candidates != NULL ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_held(void *context, const bkey_held_key *key)
{
    reading *r = context;
    one_key *row = bkey_vec_add(&r->counts);
    if (row == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    row->device_id = key->device_id;
    row->placed = r->placed;
    return bkey_ok();
}

/* The decision first, then what is known. */
static int compare_pages(const void *a, const void *b)
{
    const bkey_match_page *x = a;
    const bkey_match_page *y = b;
    int order = sup_guid_compare(&x->device_id, &y->device_id);
    return order != 0 ? order : (x->reason == 0) - (y->reason == 0);
}

static int compare_keys(const void *a, const void *b)
{
    const one_key *x = a;
    const one_key *y = b;
    return sup_guid_compare(&x->device_id, &y->device_id);
}

/* What evidence says of a device that is decided about. */
static void add_evidence(bkey_match_page *page, const bkey_match_page *evidence)
{
    page->outcome = evidence->outcome;
    page->by_name = evidence->by_name;
    page->serial = evidence->serial;
    page->candidates = evidence->candidates;
    page->candidate_count = evidence->candidate_count;
    if (evidence->name[0] != '\0')
        page->name = evidence->name;
}

/* Evidence that shakes a match which evidence made; what is older than the decision does not. */
static bool is_shaken(const bkey_match_page *page)
{
    return page->reason != BKEY_MATCH_PERSON && page->reason != BKEY_MATCH_CREATED &&
           page->outcome == BKEY_UNMATCHED_CONTESTED;
}

static bool is_elsewhere(const bkey_match_book *book, const bkey_match_page *page)
{
    return page->organization_id[0] != '\0' &&
           !bkey_connection_has(&book->connection, page->organization_id);
}

static void settle_state(const bkey_match_book *book, bkey_match_page *page)
{
    if (page->reason == BKEY_MATCH_IGNORED)
        page->outcome = BKEY_UNMATCHED_IGNORED;
    else if (page->reason == BKEY_MATCH_UNDONE)
        page->outcome = BKEY_UNMATCHED_UNDONE;
    else if (page->reason != 0 && is_elsewhere(book, page))
        page->outcome = BKEY_UNMATCHED_ELSEWHERE;
    else if (page->reason != 0 && !is_shaken(page))
        page->outcome = BKEY_MATCHED_REMEMBERED;
    if (page->outcome == 0) /* keys whose device no sync has looked at yet */
        page->outcome = BKEY_UNMATCHED_NO_DEVICE;
    page->state = bkey_match_state_of(page->outcome, page->by_name, page->candidate_count);
    /* Of what is decided, nobody needs to know what else it could have been. */
    if (page->state == BKEY_MATCH_STATE_MATCHED)
        page->candidate_count = 0;
}

static void merge_pages(bkey_match_book *book)
{
    bkey_match_page *all = book->pages.items;
    size_t kept = 0;
    if (book->pages.count == 0)
        return;
    qsort(all, book->pages.count, sizeof *all, compare_pages);
    for (size_t i = 1; i < book->pages.count; i++) {
        if (!sup_guid_equal(&all[i].device_id, &all[kept].device_id))
            all[++kept] = all[i];
        else
            add_evidence(&all[kept], &all[i]);
    }
    book->pages.count = kept + 1;
}

/* Keys of devices that neither a decision nor evidence speaks of get a page too. */
static bkey_err add_unknown(reading *r)
{
    bkey_match_book *book = r->book;
    const one_key *keys = r->counts.items;
    size_t known = book->pages.count;
    size_t at = 0;
    for (size_t i = 0; i < r->counts.count; i++) {
        const bkey_match_page *pages = book->pages.items;
        if (i > 0 && sup_guid_equal(&keys[i].device_id, &keys[i - 1].device_id))
            continue;
        while (at < known && sup_guid_compare(&pages[at].device_id, &keys[i].device_id) < 0)
            at++;
        if (at < known && sup_guid_equal(&pages[at].device_id, &keys[i].device_id))
            continue;
        bkey_match_page *page = bkey_vec_add(&book->pages);
        if (page == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        page->device_id = keys[i].device_id;
        page->name = page->serial = page->who = "";
        page->organization_id = page->configuration_id = "";
    }
    if (book->pages.count > 0)
        qsort(book->pages.items, book->pages.count, sizeof(bkey_match_page), compare_pages);
    return bkey_ok();
}

static void count_keys(const reading *r)
{
    bkey_match_page *pages = r->book->pages.items;
    const one_key *keys = r->counts.items;
    size_t at = 0;
    for (size_t i = 0; i < r->counts.count; i++) {
        while (!sup_guid_equal(&pages[at].device_id, &keys[i].device_id))
            at++;
        if (keys[i].placed)
            pages[at].placed++;
        else
            pages[at].waiting++;
    }
    for (size_t i = 0; i < r->book->pages.count; i++)
        settle_state(r->book, &pages[i]);
}

static bkey_err read_keys(reading *r, bkey_place place)
{
    const bkey_connection *connection = &r->book->connection;
    bkey_err err = bkey_held_scan(&place, take_held, r);
    r->placed = true;
    for (uint32_t i = 0; bkey_is_ok(err) && i < connection->organization_count; i++) {
        place.organization_id = connection->organization_ids[i];
        err = bkey_held_scan(&place, take_held, r);
    }
    if (r->counts.count > 0)
        qsort(r->counts.items, r->counts.count, sizeof(one_key), compare_keys);
    return err;
}

bkey_err bkey_match_book_read(bkey_vault *vault, const bkey_call *call,
                              const bkey_connection *connection, bkey_match_book *out)
{
    const bkey_place none = {vault, call, connection->tenant, ""};
    reading r = {.book = out};
    out->connection = *connection;
    bkey_arena_init(&out->texts);
    bkey_vec_init(&out->pages, sizeof(bkey_match_page));
    bkey_vec_init(&r.counts, sizeof(one_key));
    bkey_err err = bkey_decision_scan(&none, take_decision, out);
    if (bkey_is_ok(err))
        err = bkey_evidence_scan(&none, take_evidence, out);
    if (bkey_is_ok(err))
        err = read_keys(&r, none);
    merge_pages(out);
    if (bkey_is_ok(err))
        err = add_unknown(&r);
    if (bkey_is_ok(err))
        count_keys(&r);
    bkey_vec_done(&r.counts);
    return err;
}

void bkey_match_book_done(bkey_match_book *book)
{
    if (book == NULL)
        return;
    bkey_vec_done(&book->pages);
    bkey_arena_done(&book->texts);
}
