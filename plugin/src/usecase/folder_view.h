/* SPDX-License-Identifier: Apache-2.0
 *
 * How a page of the managed folder is decorated, from what the records themselves carry. Pure: no
 * state, no host, no secret. */
#ifndef BKEY_FOLDER_VIEW_H
#define BKEY_FOLDER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum bkey_folder_item_kind { /* numbers of the ABI's DPH_FOLDER_ITEM_* */
                                     BKEY_FOLDER_HIDE = 1,
                                     BKEY_FOLDER_NOTICE = 2,
                                     BKEY_FOLDER_CELL = 4,
                                     BKEY_FOLDER_BADGE = 5
} bkey_folder_item_kind;

typedef struct bkey_folder_item {
    bkey_folder_item_kind kind;
    uint32_t row;
    bool warning;
    const char *label; /* CELL: "volume" or "state" */
    const char *value; /* lives until the sink returns */
} bkey_folder_item;

typedef bkey_err (*bkey_folder_sink)(void *context, const bkey_folder_item *item);

/* The one item that hides the folder from everybody (S1.80, S1.81). */
BKEY_MUST_CHECK bkey_err bkey_folder_view_hide(bkey_folder_sink sink, void *context);
/* A sentence above the list and a badge on each of its rows: nobody keeps them up to date since
 * that time, 0 = not known (S1.26). */
BKEY_MUST_CHECK bkey_err bkey_folder_view_stale(int64_t since_ms, uint32_t row_count,
                                                bkey_folder_sink sink, void *context);
/* What a record says of itself; text need not be terminated. */
typedef struct bkey_folder_row {
    uint32_t index; /* on the page */
    const char *tag;
    size_t tag_len;
    const char *data;
    size_t data_len;
} bkey_folder_row;

/* Cells "volume" (os, fixed, removable, unknown) and "state" (current, superseded, gone_at_source)
 * of one row, and its badges. */
BKEY_MUST_CHECK bkey_err bkey_folder_view_row(const bkey_folder_row *row, bkey_folder_sink sink,
                                              void *context);

#endif
