/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about organizations, configurations and categories. */
#include "sample-host/src/commands.h"

static const char *const config_fields[] = {"name",         "hostname", "serial", "mac",
                                            "manufacturer", "model",    NULL};
static const char *const name_field[] = {"name", NULL};

static int run_mutation(host *h, const host_request *request, host_mutation *m,
                        const char *const *field_names, host_reply *reply)
{
    json_t *fields = host_commands_fields(request, field_names);
    m->fields = fields;
    int exit_code = host_commands_mutate(h, request, m, reply);
    json_decref(fields);
    return exit_code;
}

int host_commands_org_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    if (!host_commands_needs_all(h, request, host_commands_text(request, "name"), &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {
        .op = DPH_OP_CREATE, .object_kind = DPH_OBJECT_ORGANIZATION, .object_id = ""};
    return run_mutation(h, request, &m, name_field, reply);
}

static int change_organization(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, request, host_commands_text(request, "org"), id, &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = op, .object_kind = DPH_OBJECT_ORGANIZATION, .object_id = id};
    return run_mutation(h, request, &m, name_field, reply);
}

int host_commands_org_edit(host *h, const host_request *request, host_reply *reply)
{
    return change_organization(h, request, DPH_OP_EDIT, reply);
}

int host_commands_org_merge(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    char into[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, request, host_commands_text(request, "org"), id, &err) ||
        !host_commands_organization(h, request, host_commands_text(request, "into"), into, &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = DPH_OP_MERGE,
                       .object_kind = DPH_OBJECT_ORGANIZATION,
                       .object_id = id,
                       .other_id = into};
    return host_commands_mutate(h, request, &m, reply);
}

int host_commands_org_delete(host *h, const host_request *request, host_reply *reply)
{
    return change_organization(h, request, DPH_OP_DELETE, reply);
}

/* Columns of a list: their names as host_commands_list wants them. */
typedef struct columns {
    const char *const *names;
    size_t count;
} columns;

/* `sql` binds: 1 what the viewer sees, 2 an argument or "". */
static int list_all(host *h, const char *sql, columns shown, const char *seen, const char *argument,
                    host_reply *reply)
{
    host_error err = {0};
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL;
    if (ok) {
        sqlite3_stmt *stmt = host_rows_query(conn, &err, sql, "ss", seen, argument);
        ok = host_commands_list(conn, stmt, shown.names, shown.count, rows, &err);
    }
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

int host_commands_org_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "name"};
    return list_all(h,
                    "SELECT id, name FROM organizations WHERE ?2='' AND " HOST_VIEWER_SEES(
                        "id", 1) " ORDER BY name",
                    (columns){names, 2}, host_viewer_organizations(request->viewer), "", reply);
}

int host_commands_config_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, request, host_commands_text(request, "org"), organization,
                                    &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = DPH_OBJECT_CONFIGURATION,
                       .object_id = "",
                       .target_organization_id = organization};
    return run_mutation(h, request, &m, config_fields, reply);
}

static int change_configuration(host *h, const host_request *request, uint32_t op,
                                host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok =
        conn != NULL &&
        (wanted == NULL ||
         host_object_find_organization(conn, request->viewer, wanted, organization, &err)) &&
        host_object_find_configuration(conn, &(host_object_place){request->viewer, organization},
                                       host_commands_text(request, "config"), id, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = op, .object_kind = DPH_OBJECT_CONFIGURATION, .object_id = id};
    return run_mutation(h, request, &m, config_fields, reply);
}

int host_commands_config_edit(host *h, const host_request *request, host_reply *reply)
{
    return change_configuration(h, request, DPH_OP_EDIT, reply);
}

int host_commands_config_delete(host *h, const host_request *request, host_reply *reply)
{
    return change_configuration(h, request, DPH_OP_DELETE, reply);
}

int host_commands_config_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id",     "organization", "name",         "hostname",
                                        "serial", "mac",          "manufacturer", "model"};
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    if (wanted != NULL && !host_commands_organization(h, request, wanted, organization, &err)) {
        return host_commands_fail(reply, &err);
    }
    return list_all(h,
                    "SELECT c.id, o.name, c.name, c.hostname, c.serial, c.mac, c.manufacturer,"
                    " c.model FROM configurations c JOIN organizations o ON o.id=c.organization_id"
                    " WHERE (?2='' OR c.organization_id=?2) AND " HOST_VIEWER_SEES(
                        "o.id", 1) " ORDER BY o.name, c.name, c.id",
                    (columns){names, sizeof names / sizeof names[0]},
                    host_viewer_organizations(request->viewer), organization, reply);
}

int host_commands_category_add(host *h, const host_request *request, host_reply *reply)
{
    host_mutation m = {.op = DPH_OP_CREATE, .object_kind = DPH_OBJECT_CATEGORY, .object_id = ""};
    return run_mutation(h, request, &m, name_field, reply);
}

static int change_category(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL &&
              host_object_find_category(conn, request->viewer,
                                        host_commands_text(request, "category"), id, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = op, .object_kind = DPH_OBJECT_CATEGORY, .object_id = id};
    return run_mutation(h, request, &m, name_field, reply);
}

int host_commands_category_edit(host *h, const host_request *request, host_reply *reply)
{
    return change_category(h, request, DPH_OP_EDIT, reply);
}

int host_commands_category_delete(host *h, const host_request *request, host_reply *reply)
{
    return change_category(h, request, DPH_OP_DELETE, reply);
}

int host_commands_category_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "name", "guarded_by"};
    return list_all(
        h,
        "SELECT id, name, guard_owner FROM categories WHERE ?2='' AND " HOST_VIEWER_SHOWN(
            "guard_owner", 1) " ORDER BY name",
        (columns){names, 3}, host_viewer_hidden(request->viewer), "", reply);
}

/* Records of the configuration that the asker may see: the other side of the relation (S1.78). */
static bool list_records(host_conn *conn, const host_viewer *viewer, const char *id, json_t *rows,
                         host_error *err)
{
    static const char *const names[] = {"id", "name", "username", "category", "?archived"};
    bool is_denied = viewer->is_denied_passwords;
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT p.id, p.name, p.username, p.category, p.archived FROM passwords p LEFT JOIN"
        " folders f ON f.id=p.folder_id WHERE p.configuration_id=?1 AND ?2=0 AND"
        " coalesce(f.hidden,0)=0 AND " HOST_VIEWER_SHOWN(
            "p.guard_owner", 3) " AND " HOST_VIEWER_OPEN("p.folder_id",
                                                         4) " ORDER BY p.name, p.seq",
        "siss", id, (int64_t)(is_denied ? 1 : 0), host_viewer_hidden(viewer),
        host_viewer_closed(viewer));
    return host_commands_list(conn, stmt, names, sizeof names / sizeof names[0], rows, err);
}

int host_commands_config_show(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id",     "organization", "name",         "hostname",
                                        "serial", "mac",          "manufacturer", "model"};
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    json_t *found = json_array();
    json_t *records = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok =
        conn != NULL &&
        host_object_find_configuration(conn, &(host_object_place){request->viewer, ""},
                                       host_commands_text(request, "config"), id, &err) &&
        host_commands_list(conn,
                           host_rows_query(conn, &err,
                                           "SELECT c.id, o.name, c.name, c.hostname, c.serial,"
                                           " c.mac, c.manufacturer, c.model FROM configurations c"
                                           " JOIN organizations o ON o.id=c.organization_id"
                                           " WHERE c.id=?",
                                           "s", id),
                           names, sizeof names / sizeof names[0], found, &err) &&
        list_records(conn, request->viewer, id, records, &err);
    host_db_read_end(h->db, conn);
    json_t *body = ok ? json_incref(json_array_get(found, 0)) : NULL;
    json_decref(found);
    if (!ok) {
        json_decref(records);
        return host_commands_fail(reply, &err);
    }
    (void)json_object_set_new(body, "passwords", records);
    return host_commands_done(reply, body, "");
}
