/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about password records. */
#include "sample-host/src/activity.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/commands_record.h"
#include "sample-host/src/key_lookup.h"
#include "sample-host/src/view.h"

#include "dph/hook_access.h"
#include "support/iso8601.h"

#include <string.h>

static const char *const edit_fields[] = {"name", "category", "username", "url", "notes", NULL};

bool host_commands_record(host *h, const host_request *request, const char *wanted,
                          host_record_page *out, host_reply *reply, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL && host_key_lookup_exact(conn, request->viewer, wanted, out, err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        return false;
    }
    host_view view = {.rows = NULL};
    ok = host_view_render(h, request, &(host_view_slice){out, 0, out->count == 1 ? 1 : 0}, &view,
                          err);
    if (ok && view.is_hidden) {
        ok = host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no record \"%.80s\".", wanted);
    }
    host_view_done(&view);
    if (ok && out->count > 1) {
        json_t *rows = json_array();
        for (size_t i = 0; i < out->count; i++) {
            (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s}", "record_id",
                                                        out->rows[i].record_id.ptr, "organization",
                                                        out->organization_names[i], "device",
                                                        out->rows[i].title.ptr));
        }
        reply->body = host_commands_rows(rows);
        ok = host_error_set(err, DPH_E_CONFLICT, HOST_CODE_AMBIGUOUS,
                            "%zu records have that Key ID; give one of the record ids %s, %s ...",
                            out->count, out->rows[0].record_id.ptr, out->rows[1].record_id.ptr);
    }
    return ok;
}

/* Ids for the names in --org, --to-org, --folder and --configuration. */
typedef struct target {
    char organization[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE];
    char configuration[HOST_OBJECT_ID_SIZE];
} target;

static bool find_target(host *h, const host_request *request, const char *organization, target *out,
                        host_error *err)
{
    const char *folder = host_commands_text(request, "folder");
    const char *configuration = host_commands_text(request, "configuration");
    memset(out, 0, sizeof *out);
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok =
        conn != NULL &&
        host_object_find_organization(conn, request->viewer, organization, out->organization,
                                      err) &&
        (folder == NULL || folder[0] == '\0' ||
         host_object_find_folder(conn, &(host_object_place){request->viewer, out->organization},
                                 folder, out->folder, err)) &&
        (configuration == NULL || configuration[0] == '\0' ||
         host_object_find_configuration(conn,
                                        &(host_object_place){request->viewer, out->organization},
                                        configuration, out->configuration, err));
    host_db_read_end(h->db, conn);
    return ok;
}

static json_t *make_fields(const host_request *request, const target *where)
{
    json_t *fields = host_commands_fields(request, edit_fields);
    if (host_commands_text(request, "configuration") != NULL) {
        (void)json_object_set_new(fields, "configuration", json_string(where->configuration));
    }
    return fields;
}

int host_commands_password_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    target where;
    if (!find_target(h, request, host_commands_text(request, "org"), &where, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *fields = make_fields(request, &where);
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = "",
                       .target_organization_id = where.organization,
                       .target_folder_id = where.folder,
                       .fields = fields,
                       .secret = request->secret};
    int exit_code = host_commands_mutate(h, request, &m, reply);
    json_decref(fields);
    return exit_code;
}

static int change(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    host_record_page page = {.count = 0};
    target where = {.folder = ""};
    const char *to = host_commands_text(request, "to_org");
    bool is_edit = op == DPH_OP_EDIT;
    bool has_target = op == DPH_OP_MOVE || op == DPH_OP_COPY;
    bool ok =
        host_commands_record(h, request, host_commands_text(request, "record"), &page, reply, &err);
    if (ok && (is_edit || has_target)) {
        const char *organization = to != NULL ? to : page.rows[0].organization_id.ptr;
        ok = find_target(h, request, organization, &where, &err);
    }
    if (!ok) {
        host_record_page_done(&page);
        return host_commands_fail(reply, &err);
    }
    json_t *fields = is_edit ? make_fields(request, &where) : NULL;
    host_mutation m = {.op = op,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = page.rows[0].record_id.ptr,
                       .target_organization_id = has_target ? where.organization : NULL,
                       .target_folder_id = has_target ? where.folder : NULL,
                       .fields = fields,
                       .secret = is_edit || op == DPH_OP_ROTATE_PASSWORD ? request->secret : NULL};
    int exit_code = host_commands_mutate(h, request, &m, reply);
    json_decref(fields);
    host_record_page_done(&page);
    return exit_code;
}

int host_commands_password_edit(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_EDIT, reply);
}

int host_commands_password_move(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_MOVE, reply);
}

int host_commands_password_copy(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_COPY, reply);
}

int host_commands_password_archive(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_ARCHIVE, reply);
}

int host_commands_password_unarchive(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_UNARCHIVE, reply);
}

int host_commands_password_delete(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_DELETE, reply);
}

int host_commands_password_rotate(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_ROTATE_PASSWORD, reply);
}

static void tell_access(host *h, const host_call *call, const dph_record_row *row)
{
    const host_plugin *plugin = host_plugin_find(h, row->guard_owner.ptr, row->guard_owner.len);
    if (plugin == NULL || plugin->access == NULL) {
        return;
    }
    dph_access notice = {.struct_size = sizeof notice,
                         .kind = DPH_ACCESS_OPENED,
                         .event_id = call->abi.call_id,
                         .at_ms = host_clock_wall_ms(),
                         .record_id = row->record_id,
                         .external_id = row->external_id,
                         .organization_id = row->organization_id};
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status = plugin->access->on_access(plugin->instance, &call->abi, &notice, &problem);
    if (status != DPH_OK) {
        host_error err = {0};
        (void)host_error_from_dph(&err, status, &problem, "The plugin did not take the notice.");
        host_log_line(DPH_LOG_WARNING, "access_notice", err.message, NULL);
    }
}

/* "Accessed" is written before the record is shown (S1.91). */
static bool log_access(host *h, const host_request *request, const dph_record_row *row,
                       host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    call.abi.organization_id = row->organization_id;
    host_activity entry = {.action = DPH_ACTIVITY_ACCESSED,
                           .organization_id = row->organization_id,
                           .subject = row->title,
                           .object_id =
                               row->external_id.len > 0 ? row->external_id : row->record_id};
    if (!host_activity_add_alone(h, &call.abi, &entry, err)) {
        return false;
    }
    tell_access(h, &call, row);
    return true;
}

static bool list_links(host_conn *conn, const host_viewer *viewer, const dph_record_row *row,
                       json_t *links, host_error *err)
{
    static const char *const names[] = {"id", "name", "organization_id"};
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT p.id, p.name, p.organization_id FROM record_links l JOIN passwords p ON"
        " p.id=l.other_id WHERE l.record_id=?1 AND " HOST_VIEWER_SEES(
            "p.organization_id",
            2) " AND " HOST_VIEWER_SHOWN("p.guard_owner",
                                         3) " AND " HOST_VIEWER_OPEN("p.folder_id",
                                                                     4) " ORDER BY p.name, p.seq",
        "dsss", &row->record_id, host_viewer_organizations(viewer), host_viewer_hidden(viewer),
        host_viewer_closed(viewer));
    return host_commands_list(conn, stmt, names, sizeof names / sizeof names[0], links, err);
}

static bool add_own_texts(host *h, const host_viewer *viewer, const dph_record_row *row,
                          json_t *body, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt =
        conn != NULL ? host_rows_query(conn, err, "SELECT notes, url FROM passwords WHERE id=?",
                                       "d", &row->record_id)
                     : NULL;
    bool has = false;
    bool ok = stmt != NULL && host_rows_next(conn, stmt, &has, err);
    if (ok && has) {
        (void)json_object_set_new(body, "notes", host_commands_json(host_rows_str(stmt, 0)));
        (void)json_object_set_new(body, "url", host_commands_json(host_rows_str(stmt, 1)));
    }
    host_rows_done(stmt);
    json_t *links = json_array();
    ok = ok && list_links(conn, viewer, row, links, err);
    host_db_read_end(h->db, conn);
    (void)json_object_set_new(body, "links", links);
    return ok;
}

static json_t *describe(const host_record_page *page)
{
    const dph_record_row *row = &page->rows[0];
    char created[SUP_ISO8601_TEXT_SIZE];
    char updated[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(row->created_ms, created);
    sup_iso8601_format(row->updated_ms, updated);
    return json_pack(
        "{s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:I,s:s,s:s}", "id",
        host_commands_json(row->record_id), "organization", page->organization_names[0],
        "folder_id", host_commands_json(row->folder_id), "name", host_commands_json(row->title),
        "username", host_commands_json(row->username), "category",
        host_commands_json(row->category), "configuration",
        host_commands_json(row->configuration_name), "guarded_by",
        host_commands_json(row->guard_owner), "state", host_commands_json(row->plugin_tag),
        "archived", (row->flags & DPH_RECORD_ARCHIVED) != 0 ? 1 : 0, "revision",
        (json_int_t)row->revision, "created", created, "updated", updated);
}

int host_commands_password_show(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_record_page page = {.count = 0};
    json_t *body = NULL;
    bool ok = host_commands_record(h, request, host_commands_text(request, "record"), &page, reply,
                                   &err) &&
              log_access(h, request, &page.rows[0], &err);
    if (ok) {
        body = describe(&page);
        ok = add_own_texts(h, request->viewer, &page.rows[0], body, &err);
    }
    host_record_page_done(&page);
    if (!ok) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, body, "");
}

/* Folders whose plugin hides them now, as ids; rows in them are left out. */
static void drop_hidden(host *h, const host_request *request, const char *organization,
                        json_t *rows)
{
    json_t *hidden = json_object();
    for (size_t i = json_array_size(rows); i > 0; i--) {
        const json_t *row = json_array_get(rows, i - 1);
        const char *folder = json_string_value(json_object_get(row, "folder_id"));
        if (folder[0] == '\0') {
            continue;
        }
        if (json_object_get(hidden, folder) == NULL) {
            host_error ignored = {0};
            host_view view = {.rows = NULL};
            bool is_shown = host_view_head(h, request, organization, folder, &view, &ignored) &&
                            !view.is_hidden;
            (void)json_object_set_new(hidden, folder, json_boolean(!is_shown));
            host_view_done(&view);
        }
        if (json_is_true(json_object_get(hidden, folder))) {
            (void)json_array_remove(rows, i - 1);
        }
    }
    json_decref(hidden);
}

int host_commands_password_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id",        "name",      "username",  "category",
                                        "folder_id", "?archived", "guarded_by"};
    host_error err = {0};
    target where;
    json_t *rows = json_array();
    const char *category = host_commands_text_or_empty(request, "category");
    bool ok = find_target(h, request, host_commands_text(request, "org"), &where, &err);
    host_conn *conn = ok ? host_db_read_begin(h->db, &err) : NULL;
    if (conn != NULL) {
        sqlite3_stmt *stmt = host_rows_query(
            conn, &err,
            "SELECT p.id, p.name, p.username, p.category, p.folder_id, p.archived, p.guard_owner"
            " FROM passwords p LEFT JOIN folders f ON f.id=p.folder_id WHERE p.organization_id=?1"
            " AND (?2='' OR p.folder_id=?2) AND (?3='' OR p.category=?3 COLLATE NOCASE)"
            " AND (?4 OR p.archived=0) AND coalesce(f.hidden,0)=0 AND " HOST_VIEWER_SHOWN(
                "p.guard_owner", 5) " AND " HOST_VIEWER_OPEN("p.folder_id",
                                                             6) " ORDER BY p.name, p.seq",
            "sssiss", where.organization, where.folder, category,
            (int64_t)(host_commands_flag(request, "archived") ? 1 : 0),
            host_viewer_hidden(request->viewer), host_viewer_closed(request->viewer));
        ok = host_commands_list(conn, stmt, names, sizeof names / sizeof names[0], rows, &err);
        host_db_read_end(h->db, conn);
    }
    if (!ok || conn == NULL) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    drop_hidden(h, request, where.organization, rows);
    return host_commands_done(reply, host_commands_rows(rows), "");
}
