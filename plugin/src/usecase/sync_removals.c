/* SPDX-License-Identifier: Apache-2.0
 *
 * How devices left the directory: it tells softly deleted ones from those that are gone for good
 * only to who remembers an address from before. Must not know what is made of it. */
#include "usecase/sync.h"

#include <stdlib.h>
#include <string.h>

#include "graph/endpoints.h"
#include "graph/origin.h"

typedef struct reading {
    bkey_vec *rows;
    sup_buffer *link;
} reading;

static bkey_err take_removal(void *context, const bkey_removal *removal)
{
    reading *r = context;
    bkey_removal *row = bkey_vec_add(r->rows);
    if (row == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *row = *removal;
    return bkey_ok();
}

static bkey_err read_page(bkey_sync *sync, bkey_bytes body, bkey_page *out_page)
{
    reading *r = sync->listing_context;
    bkey_err err =
        bkey_decode_removals(body, sync->connection.graph_url, take_removal, r, out_page);
    if (bkey_is_ok(err) && out_page->delta.len > 0) {
        sup_buffer_reset(r->link);
        sup_buffer_add_str(r->link, sup_buffer_text(&out_page->delta));
    }
    return err;
}

static int by_object(const void *a, const void *b)
{
    const bkey_removal *x = a;
    const bkey_removal *y = b;
    return sup_guid_compare(&x->object_id, &y->object_id);
}

static bkey_err read_all(bkey_sync *sync, sup_buffer *url, reading *r)
{
    static const bkey_sync_listing listing = {BKEY_CALL_DIRECTORY, read_page};
    bkey_sync_answer answer = BKEY_SYNC_NO_NEWS;
    sync->listing_context = r;
    bkey_err err = bkey_sync_listing_pages(sync, url, &listing);
    if (!bkey_is_ok(err)) {
        r->rows->count = 0;
        sup_buffer_reset(r->link);
    }
    return bkey_sync_devices_judge(err, &answer);
}

bkey_err bkey_sync_removals_read(bkey_sync *sync, const char *from, bkey_vec *rows,
                                 sup_buffer *link)
{
    reading r = {rows, link};
    sup_buffer url;
    /* What is stored is sealed, but the token must not go elsewhere whatever stands there. */
    if (!bkey_origin_same(sync->connection.graph_url, from, strlen(from)))
        return bkey_ok();
    sup_buffer_init(&url, BKEY_SYNC_URL_MAX);
    bkey_err err = sup_buffer_add_str(&url, from) ? read_all(sync, &url, &r) : bkey_ok();
    sup_buffer_done(&url);
    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(bkey_removal), by_object);
    return err;
}

bkey_err bkey_sync_removals_begin(bkey_sync *sync, sup_buffer *link)
{
    bkey_vec rows;
    sup_buffer url;
    reading r = {&rows, link};
    bkey_vec_init(&rows, sizeof(bkey_removal));
    sup_buffer_init(&url, BKEY_SYNC_URL_MAX);
    bkey_err err = bkey_endpoints_directory_now(sync->connection.graph_url, &url)
                       ? read_all(sync, &url, &r)
                       : bkey_fail(BKEY_E_URL);
    sup_buffer_done(&url);
    bkey_vec_done(&rows);
    return err;
}
