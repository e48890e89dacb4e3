/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about contacts: the people of an organization. */
#include "sample-host/src/commands.h"

static const char *const contact_fields[] = {"name", "first", "last", "emails", NULL};

static int run_mutation(host *h, const host_request *request, host_mutation *m, host_reply *reply)
{
    bool has_fields = m->op == DPH_OP_CREATE || m->op == DPH_OP_EDIT;
    json_t *fields = has_fields ? host_commands_fields(request, contact_fields) : NULL;
    m->fields = fields;
    m->object_kind = HOST_OBJECT_CONTACT;
    int exit_code = host_commands_mutate(h, request, m, reply);
    json_decref(fields);
    return exit_code;
}

int host_commands_contact_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, request, host_commands_text(request, "org"), organization,
                                    &err)) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {
        .op = DPH_OP_CREATE, .object_id = "", .target_organization_id = organization};
    return run_mutation(h, request, &m, reply);
}

static int change_contact(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL &&
              (wanted == NULL ||
               host_object_find_organization(conn, request->viewer, wanted, organization, &err)) &&
              host_object_find_contact(conn, &(host_object_place){request->viewer, organization},
                                       host_commands_text(request, "contact"), id, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    host_mutation m = {.op = op, .object_id = id};
    return run_mutation(h, request, &m, reply);
}

int host_commands_contact_edit(host *h, const host_request *request, host_reply *reply)
{
    return change_contact(h, request, DPH_OP_EDIT, reply);
}

int host_commands_contact_delete(host *h, const host_request *request, host_reply *reply)
{
    return change_contact(h, request, DPH_OP_DELETE, reply);
}

int host_commands_contact_archive(host *h, const host_request *request, host_reply *reply)
{
    return change_contact(h, request, DPH_OP_ARCHIVE, reply);
}

int host_commands_contact_unarchive(host *h, const host_request *request, host_reply *reply)
{
    return change_contact(h, request, DPH_OP_UNARCHIVE, reply);
}

int host_commands_contact_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id",     "organization", "name",        "first",    "last",
                                        "emails", "linked_by",    "external_id", "?archived"};
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    if (wanted != NULL && !host_commands_organization(h, request, wanted, organization, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL;
    if (ok) {
        sqlite3_stmt *stmt = host_rows_query(
            conn, &err,
            "SELECT c.id, o.name, c.name, c.first_name, c.last_name, c.emails, c.linked_by,"
            " c.external_id, c.archived FROM contacts c JOIN organizations o ON"
            " o.id=c.organization_id WHERE (?2='' OR c.organization_id=?2)"
            " AND (?3=1 OR c.archived=0) AND " HOST_VIEWER_SEES("o.id",
                                                                1) " ORDER BY o.name, c.name, c.id",
            "ssi", host_viewer_organizations(request->viewer), organization,
            (int64_t)(host_commands_flag(request, "archived") ? 1 : 0));
        ok = host_commands_list(conn, stmt, names, sizeof names / sizeof names[0], rows, &err);
    }
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}
