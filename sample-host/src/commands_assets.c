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
    host_mutation m = {
        .op = DPH_OP_CREATE, .object_kind = DPH_OBJECT_ORGANIZATION, .object_id = ""};
    return run_mutation(h, request, &m, name_field, reply);
}

static int change_organization(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, host_commands_text(request, "org"), id, &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = op, .object_kind = DPH_OBJECT_ORGANIZATION, .object_id = id};
    return run_mutation(h, request, &m, name_field, reply);
}

int host_commands_org_edit(host *h, const host_request *request, host_reply *reply)
{
    return change_organization(h, request, DPH_OP_EDIT, reply);
}

int host_commands_org_delete(host *h, const host_request *request, host_reply *reply)
{
    return change_organization(h, request, DPH_OP_DELETE, reply);
}

static int list_all(host *h, const char *sql, const char *const *names, size_t count,
                    const char *argument, host_reply *reply)
{
    host_error err = {0};
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL;
    if (ok) {
        sqlite3_stmt *stmt =
            host_rows_query(conn, &err, sql, argument != NULL ? "s" : "", argument);
        ok = host_commands_list(conn, stmt, names, count, rows, &err);
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
    (void)request;
    return list_all(h, "SELECT id, name FROM organizations ORDER BY name", names, 2, NULL, reply);
}

int host_commands_config_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, host_commands_text(request, "org"), organization, &err)) {
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
    bool ok = conn != NULL &&
              (wanted == NULL || host_object_find_organization(conn, wanted, organization, &err)) &&
              host_object_find_configuration(conn, organization,
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
    if (wanted != NULL && !host_commands_organization(h, wanted, organization, &err)) {
        return host_commands_fail(reply, &err);
    }
    return list_all(h,
                    "SELECT c.id, o.name, c.name, c.hostname, c.serial, c.mac, c.manufacturer,"
                    " c.model FROM configurations c JOIN organizations o ON o.id=c.organization_id"
                    " WHERE ?1='' OR c.organization_id=?1 ORDER BY o.name, c.name, c.id",
                    names, sizeof names / sizeof names[0], organization, reply);
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
              host_object_find_category(conn, host_commands_text(request, "category"), id, &err);
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
    (void)request;
    return list_all(h, "SELECT id, name, guard_owner FROM categories ORDER BY name", names, 3, NULL,
                    reply);
}
