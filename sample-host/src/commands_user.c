/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about users, groups and API tokens. */
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/rights.h"
#include "sample-host/src/users.h"

#include <stdio.h>
#include <string.h>

/* One change of users, with its entry, in one transaction. */
typedef struct job {
    host *h;
    const host_request *request;
    host_conn *conn;
    uint32_t action;
    const char *subject;
    char detail[256];
} job;

static bool begin(job *j, host_error *err)
{
    j->conn = host_db_write_begin(j->h->db, true, err);
    return j->conn != NULL;
}

static bool end(job *j, bool ok, host_error *err)
{
    host_call call;
    host_call_for_request(&call, j->h, j->request, "");
    host_activity entry = {
        .action = j->action, .subject = host_str(j->subject), .detail = host_str(j->detail)};
    if (ok && host_activity_add(j->conn, &call.abi, &entry, err) &&
        host_activity_count_changes(j->conn, 2, err)) {
        return host_db_write_commit(j->h->db, j->conn, err);
    }
    host_db_write_rollback(j->h->db, j->conn);
    return false;
}

static bool read_change(const host_request *request, host_user_change *out, host_error *err)
{
    const char *role = host_commands_text(request, "role");
    out->name = host_commands_text(request, "name");
    out->organizations = json_object_get(request->args, "org");
    out->groups = json_object_get(request->args, "group");
    out->is_for_all = host_commands_flag(request, "all_orgs");
    out->role = role != NULL ? host_rights_role_parse(role) : 0;
    if (role != NULL && out->role == 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--role is administrator, manager, editor, creator, read-only or "
                              "lite.");
    }
    if (out->name != NULL && !host_mutate_name_valid(out->name)) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A name has 1 to %d characters and no control characters.",
                              HOST_NAME_POINTS_MAX);
    }
    return true;
}

static int write_user(host *h, const host_request *request, const char *wanted, host_reply *reply)
{
    host_error err = {0};
    host_user_change change = {.id = NULL};
    char id[HOST_OBJECT_ID_SIZE] = "";
    char written[HOST_OBJECT_ID_SIZE] = "";
    job j = {.h = h,
             .request = request,
             .action = wanted == NULL ? DPH_ACTIVITY_CREATED : DPH_ACTIVITY_UPDATED};
    if (!read_change(request, &change, &err) || !begin(&j, &err)) {
        return host_commands_fail(reply, &err);
    }
    bool ok = wanted == NULL || host_users_find(j.conn, wanted, id, &err);
    change.id = wanted != NULL ? id : NULL;
    ok = ok && host_users_write(j.conn, &change, written, &err);
    j.subject = wanted != NULL ? wanted : change.name;
    (void)snprintf(j.detail, sizeof j.detail, "user%s%s", change.role != 0 ? ", role " : "",
                   change.role != 0 ? host_rights_role_name(change.role) : "");
    ok = end(&j, ok, &err);
    return ok ? host_commands_done(reply, json_pack("{s:s}", "id", written), "")
              : host_commands_fail(reply, &err);
}

int host_commands_user_add(host *h, const host_request *request, host_reply *reply)
{
    return write_user(h, request, NULL, reply);
}

int host_commands_user_edit(host *h, const host_request *request, host_reply *reply)
{
    return write_user(h, request, host_commands_text(request, "user"), reply);
}

int host_commands_user_delete(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    job j = {.h = h,
             .request = request,
             .action = DPH_ACTIVITY_DELETED,
             .subject = host_commands_text(request, "user"),
             .detail = "user"};
    bool ok =
        begin(&j, &err) &&
        end(&j, host_users_find(j.conn, j.subject, id, &err) && host_users_delete(j.conn, id, &err),
            &err);
    return ok ? host_commands_done(reply, json_object(), "") : host_commands_fail(reply, &err);
}

static int list(host *h, const char *sql, const char *const *names, size_t count, host_reply *reply)
{
    host_error err = {0};
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL && host_commands_list(conn, host_rows_query(conn, &err, sql, ""), names,
                                                 count, rows, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

int host_commands_user_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "name", "#role", "organizations", "groups"};
    (void)request;
    int exit_code =
        list(h,
             "SELECT id, name, role, CASE all_organizations WHEN 1 THEN '*' ELSE coalesce((SELECT"
             " group_concat(o.name, ', ') FROM user_organizations u JOIN organizations o"
             " ON o.id=u.organization_id WHERE u.user_id=users.id), '') END, coalesce((SELECT"
             " group_concat(group_name, ', ') FROM user_groups WHERE user_id=users.id), '')"
             " FROM users ORDER BY name",
             names, sizeof names / sizeof names[0], reply);
    json_t *rows = json_object_get(reply->body, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        uint32_t role = (uint32_t)json_integer_value(json_object_get(row, "role"));
        (void)json_object_set_new(row, "role", json_string(host_rights_role_name(role)));
    }
    return exit_code;
}

int host_commands_group_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *denies = host_commands_text_or_empty(request, "denies");
    job j = {.h = h,
             .request = request,
             .action = DPH_ACTIVITY_CREATED,
             .subject = host_commands_text(request, "name"),
             .detail = "group"};
    bool ok = denies[0] == '\0' || strcmp(denies, "passwords") == 0
                  ? true
                  : host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                                   "--denies knows the asset type passwords alone.");
    ok = ok && (host_mutate_name_valid(j.subject)
                    ? true
                    : host_error_set(&err, DPH_E_INVALID, 0, "That is no name for a group."));
    ok = ok && begin(&j, &err) &&
         end(&j,
             host_rows_run(j.conn, &err, "INSERT INTO access_groups VALUES(?,?)", "si", j.subject,
                           (int64_t)(denies[0] != '\0' ? 1 : 0)),
             &err);
    return ok ? host_commands_done(reply, json_object(), "") : host_commands_fail(reply, &err);
}

/* A group that denies something is not taken from its users by deleting it unseen. */
int host_commands_group_delete(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    int64_t used = 0;
    int64_t found = 0;
    job j = {.h = h,
             .request = request,
             .action = DPH_ACTIVITY_DELETED,
             .subject = host_commands_text(request, "name"),
             .detail = "group"};
    if (!begin(&j, &err)) {
        return host_commands_fail(reply, &err);
    }
    bool ok =
        host_rows_number(j.conn, &err, &used,
                         "SELECT (SELECT count(*) FROM user_groups WHERE group_name=?1) + (SELECT "
                         "count(*) FROM folder_access WHERE kind='group' AND subject=?1)",
                         "s", j.subject);
    if (ok && used > 0) {
        ok = host_error_set(&err, DPH_E_CONFLICT, HOST_CODE_NOT_EMPTY,
                            "The group still has users, or a folder names it.");
    }
    ok = ok && host_rows_number(j.conn, &err, &found, "SELECT 1 FROM access_groups WHERE name=?",
                                "s", j.subject);
    if (ok && found == 0) {
        ok = host_error_set(&err, DPH_E_NOT_FOUND, 0, "There is no group \"%.200s\".", j.subject);
    }
    ok =
        ok && host_rows_run(j.conn, &err, "DELETE FROM access_groups WHERE name=?", "s", j.subject);
    ok = end(&j, ok, &err);
    return ok ? host_commands_done(reply, json_object(), "") : host_commands_fail(reply, &err);
}

int host_commands_group_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"name", "denies", "#users"};
    (void)request;
    return list(h,
                "SELECT name, CASE denies_passwords WHEN 1 THEN 'passwords' ELSE '' END, (SELECT"
                " count(*) FROM user_groups WHERE group_name=access_groups.name)"
                " FROM access_groups ORDER BY name",
                names, sizeof names / sizeof names[0], reply);
}

int host_commands_token_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE];
    char user[HOST_OBJECT_ID_SIZE];
    host_secret token = {0};
    job j = {.h = h,
             .request = request,
             .action = DPH_ACTIVITY_CREATED,
             .subject = host_commands_text(request, "user"),
             .detail = "API token"};
    bool ok = begin(&j, &err) && end(&j,
                                     host_users_find(j.conn, j.subject, user, &err) &&
                                         host_users_add_token(j.conn, user, &token, id, &err),
                                     &err);
    if (!ok) {
        host_secret_done(&token);
        return host_commands_fail(reply, &err);
    }
    reply->secret = token;
    return host_commands_done(reply, json_pack("{s:s}", "id", id), "");
}

int host_commands_token_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "user", "#created_ms"};
    (void)request;
    return list(h,
                "SELECT t.id, u.name, t.created_ms FROM api_tokens t JOIN users u ON u.id=t.user_id"
                " ORDER BY u.name, t.id",
                names, sizeof names / sizeof names[0], reply);
}

int host_commands_token_delete(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    int64_t found = 0;
    job j = {.h = h,
             .request = request,
             .action = DPH_ACTIVITY_DELETED,
             .subject = host_commands_text(request, "token"),
             .detail = "API token"};
    if (!begin(&j, &err)) {
        return host_commands_fail(reply, &err);
    }
    bool ok = host_rows_number(j.conn, &err, &found, "SELECT 1 FROM api_tokens WHERE id=?", "s",
                               j.subject);
    if (ok && found == 0) {
        ok = host_error_set(&err, DPH_E_NOT_FOUND, 0, "There is no such token.");
    }
    ok = ok && host_rows_run(j.conn, &err, "DELETE FROM api_tokens WHERE id=?", "s", j.subject);
    ok = end(&j, ok, &err);
    return ok ? host_commands_done(reply, json_object(), "") : host_commands_fail(reply, &err);
}

/* What a front puts into its menu: the commands that this very user may run (S1.110). */
int host_commands_whoami(host *h, const host_request *request, host_reply *reply)
{
    size_t count = 0;
    const host_command *commands = host_commands(&count);
    json_t *may = json_array();
    (void)h;
    for (size_t i = 0; i < count; i++) {
        host_error ignored = {0};
        if (host_rights_check(request->viewer, commands[i].name, &ignored)) {
            (void)json_array_append_new(may, json_string(commands[i].name));
        }
    }
    json_t *body = json_pack("{s:s,s:s,s:b,s:o}", "name", request->actor.name, "role",
                             host_rights_role_name(request->viewer->role), "all_organizations",
                             request->viewer->sees_all ? 1 : 0, "may", may);
    return host_commands_done(reply, body, "");
}
