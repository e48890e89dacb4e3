/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.folder/1: rows of the ABI into the folder view and its items back. No rule lives here.
 */
#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "plugin.h"
#include "usecase/folder_view.h"
#include "usecase/switch_off.h"

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

static bkey_err put_stale(bkey_plugin *plugin, const bkey_call *call, uint32_t row_count,
                          dph_folder_item_sink *sink)
{
    const bkey_findings_query query = {&plugin->services.ports, call, plugin->vault};
    int64_t since_ms = 0;
    bool is_off = false;
    bkey_err err = bkey_switch_off_read(&query, &is_off, &since_ms);
    return bkey_is_ok(err) && is_off ? bkey_folder_view_stale(since_ms, row_count, pass_item, sink)
                                     : err;
}

static dph_status DPH_CALL render_folder(dph_plugin *face, const dph_call *call,
                                         const dph_folder_query *query,
                                         const dph_folder_item_sink *sink, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    const bkey_ports *ports = &plugin->services.ports;
    bkey_host_call host_call;
    dph_folder_item_sink copy;
    if (query == NULL || !DPH_HAS(query, rows) || sink == NULL || !DPH_HAS(sink, add))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    copy = *sink;
    if (!ports->entitled(ports->self))
        return bkey_hook_error_fill(err, bkey_folder_view_hide(pass_item, &copy));
    bkey_host_call_init(&host_call, call);
    bkey_err result = put_stale(plugin, &host_call.call, query->row_count, &copy);
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
