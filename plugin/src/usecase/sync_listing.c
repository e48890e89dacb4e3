/* SPDX-License-Identifier: Apache-2.0
 *
 * The complete listings of devices and keys: every page or an error, because what is missing from
 * a listing is archived (S1.73). Must not know what is done with them. */
#include "usecase/sync.h"

#include <string.h>

#include "graph/decode.h"
#include "graph/endpoints.h"

#define URL_MAX 16384u

/* At one row a page this is the largest tenant that we promise to serve. */
#define PAGES_MAX 1000000u

typedef bkey_err (*page_reader)(bkey_sync *sync, bkey_bytes body, bkey_page *out_page);

/* Makers and models are few: each is kept once, as long as its place is not taken by another. */
static const char *share_text(bkey_sync *sync, const char *text)
{
    const char *wanted = text != NULL ? text : "";
    const uint64_t hash = bkey_plan_hash(wanted, "", "", "");
    const char **place = &sync->shared_texts[hash % BKEY_SYNC_SHARED_TEXTS];
    if (*place == NULL || strcmp(*place, wanted) != 0)
        *place = bkey_arena_text(&sync->listing_texts, wanted);
    return *place;
}

static bkey_err take_device(void *context, const bkey_device *row)
{
    bkey_sync *sync = context;
    bkey_device *device = bkey_vec_add(&sync->devices);
    if (device == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    device->id = row->id;
    device->name = bkey_arena_text(&sync->listing_texts, row->name != NULL ? row->name : "");
    device->serial = bkey_arena_text(&sync->listing_texts, row->serial != NULL ? row->serial : "");
    device->manufacturer = share_text(sync, row->manufacturer);
    device->model = share_text(sync, row->model);
    device->managed_id = row->managed_id;
    return device->name != NULL && device->serial != NULL && device->manufacturer != NULL &&
                   device->model != NULL
               ? bkey_ok()
               : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_key(void *context, const bkey_listed_key *row)
{
    bkey_sync *sync = context;
    bkey_listed_key *key = bkey_vec_add(&sync->listed);
    if (key == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *key = *row;
    return bkey_ok();
}

static bkey_err read_devices(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    return bkey_decode_devices(body, sync->connection.graph_url, take_device, sync, out_page);
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

static bkey_err fetch_page(bkey_sync *sync, sup_buffer *url, bkey_call_kind kind, page_reader read)
{
    bkey_net_reply reply;
    bkey_page page;
    memset(&page, 0, sizeof page);
    bkey_err err = bkey_sync_request_get(sync, sup_buffer_text(url), &reply);
    if (!bkey_is_ok(err))
        return err;
    if (reply.status == 200)
        err = read(sync, reply.body, &page);
    else
        err = bkey_decode_failure(kind, reply.status, reply.body);
    sync->net->release(sync->net->self, &reply);
    if (!bkey_is_ok(err))
        return err;
    /* A managed device without a directory identity is usual, a key without an id is damage. */
    if (kind == BKEY_CALL_KEYS)
        sync->unreadable_rows += page.skipped;
    sup_buffer_reset(url);
    sup_buffer_add_str(url, sup_buffer_text(&page.next));
    bkey_page_done(&page);
    return sup_buffer_failed(url) ? bkey_fail(BKEY_E_NEXT_LINK) : bkey_ok();
}

static bkey_err fetch_all(bkey_sync *sync, sup_buffer *url, bkey_call_kind kind, page_reader read)
{
    cycle seen = {0, 0, 0};
    for (uint32_t pages = 0; url->len > 0; pages++) {
        if (pages == PAGES_MAX || is_repeated(&seen, sup_buffer_text(url)))
            return bkey_fail(BKEY_E_PAGES);
        bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
        if (bkey_is_ok(err))
            err = fetch_page(sync, url, kind, read);
        if (!bkey_is_ok(err))
            return err;
    }
    return bkey_ok();
}

bkey_err bkey_sync_listing_devices(bkey_sync *sync)
{
    sup_buffer url;
    sup_buffer_init(&url, URL_MAX);
    bkey_err err = bkey_endpoints_devices(sync->connection.graph_url, &url)
                       ? fetch_all(sync, &url, BKEY_CALL_DEVICES, read_devices)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    return err;
}

bkey_err bkey_sync_listing_keys(bkey_sync *sync)
{
    sup_buffer url;
    sup_buffer_init(&url, URL_MAX);
    bkey_err err = bkey_endpoints_keys(sync->connection.graph_url, &url)
                       ? fetch_all(sync, &url, BKEY_CALL_KEYS, read_keys)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    return err;
}
