/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.folder/1: rows of the ABI into the folder view and its items back. No rule lives here.
 */
#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "plugin.h"
#include "usecase/folder_view.h"

static bkey_err pass_item(void *context, const bkey_folder_item *item)
{
    const dph_folder_item_sink *sink = context;
    dph_folder_item out;
    memset(&out, 0, sizeof out);
    out.struct_size = sizeof out;
    out.kind = (uint32_t)item->kind;
    out.tone = item->warning ? DPH_TONE_WARNING : DPH_TONE_PLAIN;
    out.row_index = item->row;
    out.label.ptr = item->label;
    out.label.len = strlen(item->label);
    out.value.ptr = item->value;
    out.value.len = strlen(item->value);
    return sink->add(sink->context, &out) == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_CANCELLED);
}

static dph_status DPH_CALL render_folder(dph_plugin *face, const dph_call *call,
                                         const dph_folder_query *query,
                                         const dph_folder_item_sink *sink, dph_error *err)
{
    const bkey_ports *ports = &bkey_plugin_of(face)->services.ports;
    dph_folder_item_sink copy;
    bkey_err result = bkey_ok();
    (void)call;
    if (query == NULL || !DPH_HAS(query, rows) || sink == NULL || !DPH_HAS(sink, add))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    copy = *sink;
    if (!ports->entitled(ports->self))
        return bkey_hook_error_fill(err, bkey_folder_view_hide(pass_item, &copy));
    for (uint32_t i = 0; bkey_is_ok(result) && i < query->row_count; i++) {
        const dph_record_row *row = query->rows[i];
        if (row == NULL || !DPH_HAS(row, plugin_data))
            continue;
        const bkey_folder_row view = {i, row->plugin_tag.ptr, row->plugin_tag.len,
                                      row->plugin_data.ptr, row->plugin_data.len};
        result = bkey_folder_view_row(&view, pass_item, &copy);
    }
    return bkey_hook_error_fill(err, result);
}

const dph_hook_folder_v1 *bkey_hook_folder_table(void)
{
    static const dph_hook_folder_v1 table = {sizeof table, 0, render_folder};
    return &table;
}
