/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading a viewer. */
#include "sample-host/src/viewer.h"

#include "sample-host/src/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy_text(const char *text, char **out, host_error *err)
{
    size_t size = strlen(text) + 1;
    *out = malloc(size);
    if (*out == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    memcpy(*out, text, size);
    return true;
}

/* Names of plugins whose subscription has ended: their things are shown to nobody (S1.80-S1.82). */
static bool list_hidden(host *h, host_viewer *out, host_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (host_settings_is_unpaid(h, h->plugins[i])) {
            (void)json_array_append_new(list, json_string(h->plugins[i]->id));
        }
    }
    if (json_array_size(list) == 0) {
        json_decref(list);
        return true;
    }
    out->hidden = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return out->hidden != NULL ? true : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

static bool load_organizations(host_conn *conn, host_viewer *out, host_error *err)
{
    int64_t most = out->role == DPH_ROLE_LITE ? HOST_VIEWER_LITE_MAX : -1;
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT json_group_array(organization_id) FROM (SELECT organization_id"
        " FROM user_organizations WHERE user_id=? ORDER BY organization_id LIMIT ?)",
        "si", out->id, most);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    bool ok = copy_text(row ? host_rows_column(stmt, 0) : "[]", &out->organizations, err);
    host_rows_done(stmt);
    return ok;
}

/* Folders whose security names users or groups, and neither this user nor a group of it. */
static bool load_closed(host_conn *conn, host_viewer *out, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT json_group_array(DISTINCT folder_id) FROM folder_access WHERE folder_id NOT IN"
        " (SELECT folder_id FROM folder_access WHERE (kind='user' AND subject=?1) OR"
        " (kind='group' AND subject IN (SELECT group_name FROM user_groups WHERE user_id=?1)))"
        " HAVING count(*)>0",
        "s", out->id);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    bool ok = !row || copy_text(host_rows_column(stmt, 0), &out->closed, err);
    host_rows_done(stmt);
    return ok;
}

static bool load_user(host_conn *conn, const char *wanted, host_viewer *out, host_error *err)
{
    sqlite3_stmt *stmt =
        host_rows_query(conn, err,
                        "SELECT id, name, role, all_organizations, EXISTS(SELECT 1 FROM"
                        " user_groups g JOIN access_groups a ON a.name=g.group_name"
                        " WHERE g.user_id=users.id AND a.denies_passwords) FROM users"
                        " WHERE id=?1 OR name=?1 ORDER BY id<>?1 LIMIT 1",
                        "s", wanted);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (!row) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_NO_USER, "There is no user \"%.200s\".",
                              wanted);
    }
    (void)snprintf(out->id, sizeof out->id, "%s", host_rows_column(stmt, 0));
    (void)snprintf(out->name, sizeof out->name, "%s", host_rows_column(stmt, 1));
    out->role = (uint32_t)sqlite3_column_int(stmt, 2);
    out->sees_all = sqlite3_column_int(stmt, 3) != 0 && out->role != DPH_ROLE_LITE;
    out->is_denied_passwords = sqlite3_column_int(stmt, 4) != 0;
    host_rows_done(stmt);
    return load_closed(conn, out, err) && (out->sees_all || load_organizations(conn, out, err));
}

bool host_viewer_load(host *h, const host_actor *actor, host_viewer *out, host_error *err)
{
    memset(out, 0, sizeof *out);
    out->role = actor->role;
    out->sees_all = true;
    if (!list_hidden(h, out, err)) {
        return false;
    }
    if (actor->as_user == NULL) {
        return true;
    }
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL && load_user(conn, actor->as_user, out, err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        host_viewer_done(out);
    }
    return ok;
}

void host_viewer_done(host_viewer *viewer)
{
    if (viewer == NULL) {
        return;
    }
    free(viewer->organizations);
    free(viewer->hidden);
    free(viewer->closed);
    memset(viewer, 0, sizeof *viewer);
}

const char *host_viewer_organizations(const host_viewer *viewer)
{
    return viewer != NULL ? viewer->organizations : NULL;
}

const char *host_viewer_hidden(const host_viewer *viewer)
{
    return viewer != NULL ? viewer->hidden : NULL;
}

const char *host_viewer_closed(const host_viewer *viewer)
{
    return viewer != NULL ? viewer->closed : NULL;
}

/* The lists hold ids and plugin names alone: neither has a quotation mark in it. */
static bool has_item(const char *list, const char *item)
{
    char quoted[HOST_VIEWER_ID_SIZE + 8];
    (void)snprintf(quoted, sizeof quoted, "\"%s\"", item);
    return strstr(list, quoted) != NULL;
}

bool host_viewer_sees(const host_viewer *viewer, const char *organization_id)
{
    const char *list = host_viewer_organizations(viewer);
    return list == NULL || organization_id[0] == '\0' || has_item(list, organization_id);
}

bool host_viewer_shown(const host_viewer *viewer, const char *guard_owner)
{
    const char *list = host_viewer_hidden(viewer);
    return list == NULL || guard_owner[0] == '\0' || !has_item(list, guard_owner);
}

bool host_viewer_open(const host_viewer *viewer, const char *folder_id)
{
    const char *list = host_viewer_closed(viewer);
    return list == NULL || folder_id[0] == '\0' || !has_item(list, folder_id);
}
