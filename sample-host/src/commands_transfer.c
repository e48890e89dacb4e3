/* SPDX-License-Identifier: Apache-2.0
 *
 * Export and import of an organization's passwords and configurations. No secret is ever in an
 * export. */
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/csv.h"
#include "sample-host/src/transfer_import.h"

#include <stdio.h>
#include <string.h>

#define EXPORT_MAX 268435456u
#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%SZ'," column "/1000,'unixepoch')"

static const char *const columns[] = {
    "kind",     "id",     "name",       "category",      "folder", "username", "url",
    "notes",    "serial", "hostname",   "configuration", "mac",    "model",    "manufacturer",
    "archived", "state",  "guarded_by", "created",       "updated"};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

static bool list_passwords(host_conn *conn, const host_request *request, const char *organization,
                           json_t *rows, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT 'password', p.id, p.name, p.category, coalesce(f.name,''), p.username, p.url,"
        " p.notes, '', '', coalesce(c.name,''), '', '', '',"
        " CASE p.archived WHEN 0 THEN 'no' ELSE 'yes' END, p.plugin_tag, p.guard_owner,"
        " " TIME("p.created_ms") ", " TIME(
            "p.updated_ms") " FROM passwords p LEFT JOIN folders f ON f.id=p.folder_id"
                            " LEFT JOIN configurations c ON c.id=p.configuration_id"
                            " WHERE p.organization_id=?1 AND coalesce(f.hidden,0)=0"
                            " AND " HOST_VIEWER_SHOWN("p.guard_owner", 2) " AND " HOST_VIEWER_OPEN(
                                "p.folder_id", 3) " ORDER BY p.name, p.seq",
        "sss", organization, host_viewer_hidden(request->viewer),
        host_viewer_closed(request->viewer));
    return host_commands_list(conn, stmt, columns, COLUMN_COUNT, rows, err);
}

static bool list_configurations(host_conn *conn, const char *organization, json_t *rows,
                                host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT 'configuration', id, name, '', '', '', '', '', serial, hostname, '', mac, model,"
        " manufacturer, CASE archived WHEN 0 THEN 'no' ELSE 'yes' END, '', '',"
        " " TIME("created_ms") ", " TIME(
            "updated_ms") " FROM configurations WHERE organization_id=?1 ORDER BY name, id",
        "s", organization);
    return host_commands_list(conn, stmt, columns, COLUMN_COUNT, rows, err);
}

static json_t *make_csv(const json_t *rows)
{
    sup_buffer text;
    sup_buffer_init(&text, EXPORT_MAX);
    host_csv_table(rows, columns, COLUMN_COUNT, &text);
    json_t *made = sup_buffer_failed(&text) ? NULL : json_stringn(text.ptr, text.len);
    sup_buffer_done(&text);
    return made;
}

/* Written before anything is shown (S1.93). */
static bool log_export(host *h, const host_request *request, const char *organization, size_t count,
                       host_error *err)
{
    char detail[64];
    host_call call;
    host_call_for_request(&call, h, request, organization);
    (void)snprintf(detail, sizeof detail, "%zu rows without secrets", count);
    host_activity entry = {.action = DPH_ACTIVITY_EXPORTED,
                           .organization_id = host_str(organization),
                           .subject = host_str("passwords and configurations"),
                           .object_id = host_str(organization),
                           .detail = host_str(detail)};
    return host_activity_add_alone(h, &call.abi, &entry, err);
}

static bool collect(host *h, const host_request *request, json_t *rows, host_error *err)
{
    char organization[HOST_OBJECT_ID_SIZE] = "";
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL &&
              host_object_find_organization(
                  conn, request->viewer, host_commands_text(request, "org"), organization, err) &&
              list_passwords(conn, request, organization, rows, err) &&
              list_configurations(conn, organization, rows, err);
    host_db_read_end(h->db, conn);
    return ok && log_export(h, request, organization, json_array_size(rows), err);
}

int host_commands_export(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *format = host_commands_text(request, "format");
    bool is_json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && !is_json && strcmp(format, "csv") != 0) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "The format is \"csv\" or \"json\".");
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    if (!collect(h, request, rows, &err)) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    if (is_json) {
        return host_commands_done(reply, host_commands_rows(rows), "");
    }
    json_t *text = make_csv(rows);
    json_decref(rows);
    if (text == NULL) {
        (void)host_error_set(&err, DPH_E_TOO_LARGE, 0, "The export is too large.");
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s,s:o}", "format", "csv", "content", text), "");
}

int host_commands_import(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_call call;
    host_transfer_counts made = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    bool is_dry = host_commands_flag(request, "dry_run");
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL &&
              host_object_find_organization(conn, request->viewer,
                                            host_commands_text(request, "org"), organization, &err);
    host_db_read_end(h->db, conn);
    host_call_for_request(&call, h, request, organization);
    if (!ok || !host_transfer_import(h, &call, request->secret, is_dry, &made, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(
        reply,
        json_pack("{s:b,s:I,s:I,s:I,s:I}", "dry_run", is_dry ? 1 : 0, "passwords",
                  (json_int_t)made.passwords, "configurations", (json_int_t)made.configurations,
                  "folders", (json_int_t)made.folders, "categories", (json_int_t)made.categories),
        "");
}
