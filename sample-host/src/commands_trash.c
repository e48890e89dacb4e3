/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about deleted passwords. What a user could not see before it was deleted, that user does
 * not see in the trash. */
#include "sample-host/src/commands.h"

#include <stdio.h>
#include <string.h>

/* Parameters 1 and 2 are what the viewer sees. */
#define SEEN HOST_VIEWER_SEES("t.organization_id", 1) " AND " HOST_VIEWER_OPEN("t.folder_id", 2)

int host_commands_trash_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id",       "organization", "name",      "username",
                                        "category", "#deleted_ms",  "deleted_by"};
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    json_t *rows = json_array();
    bool ok = wanted == NULL || host_commands_organization(h, request, wanted, organization, &err);
    host_conn *conn = ok ? host_db_read_begin(h->db, &err) : NULL;
    ok = conn != NULL &&
         host_commands_list(
             conn,
             host_rows_query(conn, &err,
                             "SELECT t.id, o.name, t.name, t.username, t.category, t.deleted_ms,"
                             " t.deleted_by FROM trash t JOIN organizations o ON"
                             " o.id=t.organization_id WHERE " SEEN
                             " AND (?3='' OR t.organization_id=?3) ORDER BY t.deleted_ms DESC,"
                             " t.seq DESC",
                             "sss", host_viewer_organizations(request->viewer),
                             host_viewer_closed(request->viewer), organization),
             names, sizeof names / sizeof names[0], rows, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

int host_commands_trash_purge(host *h, const host_request *request, host_reply *reply)
{
    host_mutation m = {.op = DPH_OP_PURGE,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = host_commands_text(request, "record")};
    return host_commands_mutate(h, request, &m, reply);
}

/* What a deleted password was, and where it goes: its folder, if that is still there. */
typedef struct deleted {
    char organization[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE];
    json_t *fields;
} deleted;

static bool load(host_conn *conn, const host_request *request, deleted *out, host_error *err)
{
    static const char *const names[] = {"name", "category", "username", "notes", "url"};
    const char *wanted = host_commands_text(request, "record");
    bool row = false;
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT t.organization_id, coalesce(f.id,''), t.name, t.category, t.username, t.notes,"
        " t.url FROM trash t LEFT JOIN folders f ON f.id=t.folder_id AND"
        " f.organization_id=t.organization_id WHERE " SEEN " AND t.id=?3",
        "sss", host_viewer_organizations(request->viewer), host_viewer_closed(request->viewer),
        wanted);
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (!row) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no deleted password \"%.80s\".",
                              wanted);
    }
    (void)snprintf(out->organization, sizeof out->organization, "%s", host_rows_column(stmt, 0));
    (void)snprintf(out->folder, sizeof out->folder, "%s", host_rows_column(stmt, 1));
    out->fields = json_object();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)json_object_set_new(out->fields, names[i],
                                  host_commands_json(host_rows_str(stmt, (int)i + 2)));
    }
    host_rows_done(stmt);
    return true;
}

/* To the guards it is a new record: what may not be made there may not come back there. */
int host_commands_trash_restore(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    deleted found = {.fields = NULL};
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL && load(conn, request, &found, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = "",
                       .target_organization_id = found.organization,
                       .target_folder_id = found.folder,
                       .trashed_id = host_commands_text(request, "record"),
                       .fields = found.fields};
    int exit_code = host_commands_mutate(h, request, &m, reply);
    json_decref(found.fields);
    return exit_code;
}
