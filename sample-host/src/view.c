/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the plugin how to show rows. Its silence or failure shows them undecorated. */
#include "sample-host/src/view.h"

#include "sample-host/src/base/log.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/settings.h"

#include <string.h>

static json_t *make_row(const host_record_page *page, size_t index)
{
    const dph_record_row *row = &page->rows[index];
    bool is_archived = (row->flags & DPH_RECORD_ARCHIVED) != 0;
    return json_pack("{s:s,s:o,s:o,s:s,s:o,s:o,s:b,s:o}", "organization",
                     page->organization_names[index], "device", host_commands_json(row->title),
                     "key_id", host_commands_json(row->username), "volume", "", "state",
                     host_commands_json(row->plugin_tag), "configuration",
                     host_commands_json(row->configuration_name), "archived", is_archived ? 1 : 0,
                     "record_id", host_commands_json(row->record_id));
}

static void add_badge(json_t *row, const dph_str *value)
{
    json_t *badges = json_object_get(row, "badges");
    if (badges == NULL) {
        badges = json_array();
        (void)json_object_set_new(row, "badges", badges);
    }
    (void)json_array_append_new(badges, host_commands_json(*value));
}

static void add_cell(json_t *row, const dph_folder_item *item)
{
    static const char *const columns[] = {"volume", "state"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (strlen(columns[i]) == item->label.len &&
            memcmp(columns[i], item->label.ptr, item->label.len) == 0) {
            (void)json_object_set_new(row, columns[i], host_commands_json(item->value));
        }
    }
}

static dph_status DPH_CALL add_item(void *context, const dph_folder_item *item)
{
    host_view *view = context;
    if (item->struct_size < sizeof *item) {
        return DPH_E_INVALID;
    }
    if (item->kind == DPH_FOLDER_ITEM_HIDE) {
        view->is_hidden = true;
    } else if (item->kind == DPH_FOLDER_ITEM_NOTICE) {
        (void)json_array_append_new(view->notices, host_commands_json(item->value));
    } else if (item->kind == DPH_FOLDER_ITEM_FACT) {
        json_t *fact = json_pack("{s:o,s:o}", "label", host_commands_json(item->label), "value",
                                 host_commands_json(item->value));
        (void)json_array_append_new(view->facts, fact);
    } else if (item->row_index < json_array_size(view->rows)) {
        json_t *row = json_array_get(view->rows, item->row_index);
        if (item->kind == DPH_FOLDER_ITEM_CELL) {
            add_cell(row, item);
        } else if (item->kind == DPH_FOLDER_ITEM_BADGE) {
            add_badge(row, &item->value);
        }
    }
    return DPH_OK;
}

static void ask_plugin(host *h, const host_request *request, const dph_folder_query *query,
                       host_plugin *plugin, host_view *view)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    call.abi.organization_id = query->organization_id;
    dph_folder_item_sink sink = {sizeof sink, 0, view, add_item};
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status = DPH_E_UNAVAILABLE;
    if (plugin->folder != NULL) {
        status = plugin->folder->render_folder(plugin->instance, &call.abi, query, &sink, &problem);
    }
    if (status != DPH_OK) {
        host_error err = {0};
        if (plugin->folder == NULL) {
            (void)host_plugins_fail_missing(plugin, plugin->id, &err);
            view->is_hidden = host_settings_is_unpaid(h, plugin);
        } else {
            (void)host_error_from_dph(&err, status, &problem, "The rows are shown undecorated.");
        }
        (void)json_array_append_new(view->notices, json_string(err.message));
    }
}

static bool start_view(host_view *out, host_error *err)
{
    out->is_hidden = false;
    out->rows = json_array();
    out->notices = json_array();
    out->facts = json_array();
    return out->rows != NULL && out->notices != NULL && out->facts != NULL
               ? true
               : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

bool host_view_render(host *h, const host_request *request, const host_view_slice *slice,
                      host_view *out, host_error *err)
{
    const host_record_page *page = slice->page;
    size_t from = slice->from;
    size_t to = slice->to;
    if (!start_view(out, err)) {
        host_view_done(out);
        return false;
    }
    for (size_t i = from; i < to; i++) {
        (void)json_array_append_new(out->rows, make_row(page, i));
    }
    if (to <= from || page->rows[from].guard_owner.len == 0) {
        return true;
    }
    const dph_record_row *first = &page->rows[from];
    host_plugin *plugin = host_plugin_find(h, first->guard_owner.ptr, first->guard_owner.len);
    dph_folder_query query = {.struct_size = sizeof query,
                              .organization_id = first->organization_id,
                              .folder_id = first->folder_id,
                              .row_count = (uint32_t)(to - from),
                              .rows = &page->pointers[from]};
    if (plugin != NULL) {
        ask_plugin(h, request, &query, plugin, out);
    }
    return true;
}

bool host_view_head(host *h, const host_request *request, const char *organization_id,
                    const char *folder_id, host_view *out, host_error *err)
{
    char owner[HOST_PLUGIN_ID_SIZE] = "";
    if (!start_view(out, err)) {
        host_view_done(out);
        return false;
    }
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL &&
              host_rows_text(conn, err, (host_rows_space){owner, sizeof owner},
                             "SELECT guard_owner FROM folders WHERE id=?", "s", folder_id);
    host_db_read_end(h->db, conn);
    host_plugin *plugin = ok ? host_plugin_find(h, owner, strlen(owner)) : NULL;
    dph_folder_query query = {.struct_size = sizeof query,
                              .organization_id = host_str(organization_id),
                              .folder_id = host_str(folder_id)};
    if (plugin != NULL) {
        ask_plugin(h, request, &query, plugin, out);
    }
    if (!ok) {
        host_view_done(out);
    }
    return ok;
}

void host_view_done(host_view *view)
{
    json_decref(view->rows);
    json_decref(view->notices);
    json_decref(view->facts);
    memset(view, 0, sizeof *view);
}
