/* SPDX-License-Identifier: Apache-2.0
 *
 * Complete listings: every page or an error, because what is missing from a listing is archived
 * (S1.73). Must not know what is done with them. */
#include "usecase/sync.h"

#include <string.h>

#include "graph/endpoints.h"

/* At one row a page this is the largest tenant that we promise to serve. */
#define PAGES_MAX 1000000u

static bkey_err take_key(void *context, const bkey_listed_key *row)
{
    bkey_sync *sync = context;
    bkey_listed_key *key = bkey_vec_add(&sync->listed);
    if (key == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *key = *row;
    return bkey_ok();
}

static bkey_err read_keys(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_keys(body, sync->connection.graph_url, take_key, sync, out_page);
}

/* Brent's cycle detection: one remembered link, replaced at every power of two. */
typedef struct cycle {
    uint64_t remembered;
    uint32_t steps;
    uint32_t limit;
} cycle;

static bool is_repeated(cycle *seen, const char *link)
{
    uint64_t hash = bkey_plan_hash(link, "", "", "");
    if (seen->steps > 0 && hash == seen->remembered)
        return true;
    if (seen->steps == seen->limit) {
        seen->remembered = hash;
        seen->limit = seen->limit == 0 ? 1 : seen->limit * 2;
    }
    seen->steps++;
    return false;
}

static bkey_err fetch_page(bkey_sync *sync, sup_buffer *url, const bkey_sync_listing *listing)
{
    bkey_net_reply reply;
    bkey_page page;
    memset(&page, 0, sizeof page);
    bkey_err err = bkey_sync_request_get(sync, sup_buffer_text(url), &reply);
    if (!bkey_is_ok(err))
        return err;
    if (reply.status == 200)
        err = listing->read(sync, reply.body, &page);
    else
        err = bkey_decode_failure(listing->kind, reply.status, reply.body);
    sync->net->release(sync->net->self, &reply);
    if (!bkey_is_ok(err))
        return err;
    /* A managed device without a directory identity is usual, a key without an id is damage. */
    if (listing->kind == BKEY_CALL_KEYS)
        sync->unreadable_rows += page.skipped;
    sup_buffer_reset(url);
    sup_buffer_add_str(url, sup_buffer_text(&page.next));
    bkey_page_done(&page);
    return sup_buffer_failed(url) ? bkey_fail(BKEY_E_NEXT_LINK) : bkey_ok();
}

bkey_err bkey_sync_listing_pages(bkey_sync *sync, sup_buffer *url, const bkey_sync_listing *listing)
{
    cycle seen = {0, 0, 0};
    for (uint32_t pages = 0; url->len > 0; pages++) {
        if (pages == PAGES_MAX || is_repeated(&seen, sup_buffer_text(url)))
            return bkey_fail(BKEY_E_PAGES);
        bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
        if (bkey_is_ok(err))
            err = fetch_page(sync, url, listing);
        if (!bkey_is_ok(err))
            return err;
        const bool keys = listing->kind == BKEY_CALL_KEYS;
        const bool people = listing->kind == BKEY_CALL_USERS;
        bkey_sync_preview_progress(sync,
                                   keys     ? BKEY_PHASE_KEYS
                                   : people ? BKEY_PHASE_CONTACTS
                                            : BKEY_PHASE_DEVICES,
                                   keys     ? sync->listed.count
                                   : people ? pages
                                            : sync->devices.count,
                                   0);
    }
    return bkey_ok();
}

bkey_err bkey_sync_listing_keys(bkey_sync *sync)
{
    static const bkey_sync_listing listing = {BKEY_CALL_KEYS, read_keys};
    sup_buffer url;
    sup_buffer_init(&url, BKEY_SYNC_URL_MAX);
    bkey_err err = bkey_endpoints_keys(sync->connection.graph_url, &url)
                       ? bkey_sync_listing_pages(sync, &url, &listing)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    return err;
}
