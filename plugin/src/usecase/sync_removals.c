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

static bkey_err read_page(bkey_sync *sync, void *context, bkey_bytes body, bkey_page *out_page)
{
    const reading *r = context;
    bkey_err err =
        bkey_decode_removals(body, sync->connection.graph_url, take_removal, context, out_page);
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

/* From that address on, or, NULL, from now on. */
static bkey_err read_all(bkey_sync *sync, const char *from, reading *r)
{
    bkey_sync_listing listing = {.kind = BKEY_CALL_DIRECTORY,
                                 .begin = bkey_endpoints_directory_now,
                                 .from = from,
                                 .read = read_page,
                                 .context = r};
    bkey_sync_answer answer = BKEY_SYNC_NO_NEWS;
    bkey_err err = bkey_sync_listing_one(sync, &listing);
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
    /* What is stored is sealed, but the token must not go elsewhere whatever stands there. */
    if (!bkey_origin_same(sync->connection.graph_url, from, strlen(from)))
        return bkey_ok();
    bkey_err err = read_all(sync, from, &r);
    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(bkey_removal), by_object);
    return err;
}

bkey_err bkey_sync_removals_begin(bkey_sync *sync, sup_buffer *link)
{
    bkey_vec rows;
    reading r = {&rows, link};
    bkey_vec_init(&rows, sizeof(bkey_removal));
    bkey_err err = read_all(sync, NULL, &r);
    bkey_vec_done(&rows);
    return err;
}
