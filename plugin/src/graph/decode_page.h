/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of decode: what the readers of all listings share. Not for others: include decode.h. */
#ifndef BKEY_DECODE_PAGE_H
#define BKEY_DECODE_PAGE_H

#include "base/json.h"
#include "graph/decode.h"

#define BKEY_PAGE_LINK_MAX 65536u /* longer than 8,000 characters was seen */

/* One page and who takes its rows. `read` gives one row to its sink; *out_used stays false for a
 * row without a usable id. */
typedef struct bkey_decode_page {
    bkey_bytes body;
    const char *graph_url;
    bkey_err (*read)(const bkey_json *row, void *walk, bool *out_used);
    void *walk;
} bkey_decode_page;

/* Errors as for bkey_decode_keys. */
BKEY_MUST_CHECK bkey_err bkey_decode_page_read(const bkey_decode_page *source, bkey_page *out_page);
/* False when the member is no GUID. */
bool bkey_decode_page_guid(const bkey_json *row, const char *name, sup_guid *out);
/* Milliseconds; Microsoft's "not set" for everything that is no date. */
int64_t bkey_decode_page_date(const bkey_json *row, const char *name);
/* The text, "" when the member is none. */
const char *bkey_decode_page_text(const bkey_json *row, const char *name);

#endif
