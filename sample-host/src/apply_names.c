/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the other plugins. Must not know what they keep. */
#include "sample-host/src/apply_names.h"

#include "sample-host/src/mutate.h"

#include <string.h>

static bool is_plugin(const host_plugin *plugin, const dph_str *id)
{
    return strlen(plugin->id) == id->len && memcmp(plugin->id, id->ptr, id->len) == 0;
}

static bool has_others(const host *h, const dph_str *plugin)
{
    bool found = false;
    for (size_t i = 0; i < h->plugin_count; i++) {
        found = found || !is_plugin(h->plugins[i], plugin);
    }
    return found;
}

static bool is_same(const dph_str *a, const dph_str *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

bool host_apply_names(host *h, const dph_str *plugin, const dph_call *call, const dph_batch *batch,
                      uint32_t *out_index, host_error *err)
{
    dph_str last = {NULL, 0}; /* most records of a batch have one category */
    bool ok = true;
    for (uint32_t i = 0; ok && has_others(h, plugin) && i < batch->item_count; i++) {
        const void *whole = batch->items[i];
        if (batch->items[i]->kind == DPH_ITEM_FOLDER_PUT) {
            const dph_item_folder_put *folder = whole;
            ok = host_mutate_check_others(h, plugin, call, DPH_NAME_FOLDER, &folder->name, err);
        } else if (batch->items[i]->kind == DPH_ITEM_RECORD_PUT) {
            const dph_item_record_put *record = whole;
            ok = is_same(&last, &record->category) ||
                 host_mutate_check_others(h, plugin, call, DPH_NAME_CATEGORY, &record->category,
                                          err);
            last = record->category;
        }
        *out_index = ok ? *out_index : i;
    }
    return ok;
}
