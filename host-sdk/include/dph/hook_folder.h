/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.folder/1: decoration of the plugin's folder. The host selects, filters and pages its own
 * rows; the plugin hides or heads the folder and decorates rows. Data, never markup or a secret. */
#ifndef DPH_HOOK_FOLDER_H
#define DPH_HOOK_FOLDER_H

#include "dph/service_records.h"

#define DPH_HOOK_FOLDER_ID "dph.hook.folder/1"

typedef struct dph_folder_query {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* no flag is defined; 0 */
    dph_str organization_id;
    dph_str folder_id;
    uint32_t row_count;                /* rows on this page */
    uint32_t reserved0;                /* 0 */
    const dph_record_row *const *rows; /* row_count pointers */
} dph_folder_query;

/* Item kinds; a host skips those it does not know. */
#define DPH_FOLDER_ITEM_HIDE 1u   /* show the folder, and all in it, to nobody */
#define DPH_FOLDER_ITEM_NOTICE 2u /* a sentence above the list: value */
#define DPH_FOLDER_ITEM_FACT 3u   /* label and value above the list */
#define DPH_FOLDER_ITEM_CELL 4u   /* row_index, label (column key) and value: "volume", "state" */
#define DPH_FOLDER_ITEM_BADGE 5u  /* row_index and value: a short mark on a row */

#define DPH_TONE_PLAIN 0u
#define DPH_TONE_GOOD 1u
#define DPH_TONE_WARNING 2u
#define DPH_TONE_BAD 3u

typedef struct dph_folder_item {
    uint32_t struct_size; /* bytes */
    uint32_t kind;        /* DPH_FOLDER_ITEM_* */
    uint32_t tone;        /* DPH_TONE_* */
    uint32_t row_index;   /* of the page, for CELL and BADGE */
    dph_str label;
    dph_str value; /* plain text; the host escapes */
} dph_folder_item;

typedef struct dph_folder_item_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_folder_item *item);
} dph_folder_item_sink;

typedef struct dph_hook_folder_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] On error the host shows the rows undecorated, with a notice. */
    dph_status(DPH_CALL *render_folder)(dph_plugin *plugin, const dph_call *call,
                                        const dph_folder_query *query,
                                        const dph_folder_item_sink *sink, dph_error *err);
} dph_hook_folder_v1;

#endif
