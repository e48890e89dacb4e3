/* SPDX-License-Identifier: Apache-2.0
 *
 * Releasing what a plugin guards. */
#include "sample-host/src/release.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/base/id.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/object.h"

#include <stdio.h>
#include <string.h>

static bool count_things(host_conn *conn, const char *id, host_released *out, host_error *err)
{
    if (!host_rows_number(conn, err, &out->records,
                          "SELECT count(*) FROM passwords WHERE guard_owner=?", "s", id) ||
        !host_rows_number(conn, err, &out->folders,
                          "SELECT count(*) FROM folders WHERE guard_owner=?", "s", id) ||
        !host_rows_number(conn, err, &out->categories,
                          "SELECT count(*) FROM categories WHERE guard_owner=?", "s", id)) {
        return false;
    }
    return out->records + out->folders + out->categories > 0
               ? true
               : host_error_set(err, DPH_E_NOT_FOUND, HOST_CODE_NOTHING_GUARDED,
                                "The plugin %.100s guards nothing here.", id);
}

typedef struct folder {
    char id[HOST_OBJECT_ID_SIZE];
    char organization[HOST_OBJECT_ID_SIZE];
} folder;

static bool find_guarded(host_conn *conn, const char *plugin, folder *out, bool *found,
                         host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err, "SELECT id, organization_id FROM folders WHERE guard_owner=? LIMIT 1", "s",
        plugin);
    if (stmt == NULL || !host_rows_next(conn, stmt, found, err)) {
        return false;
    }
    if (*found) {
        (void)snprintf(out->id, sizeof out->id, "%s", host_rows_column(stmt, 0));
        (void)snprintf(out->organization, sizeof out->organization, "%s",
                       host_rows_column(stmt, 1));
    }
    host_rows_done(stmt);
    return true;
}

/* Plugins choose the ids of their folders, and may choose the same again when they come back. So
 * that it is free then, a folder that becomes ordinary gets an id like every ordinary one. */
static bool rename_folder(host_conn *conn, const folder *was, int64_t now, host_error *err)
{
    static const char *const inside[] = {
        "UPDATE passwords SET folder_id=? WHERE organization_id=? AND folder_id=?",
        "UPDATE folders SET parent_id=? WHERE organization_id=? AND parent_id=?",
        "UPDATE trash SET folder_id=? WHERE organization_id=? AND folder_id=?"};
    char id[HOST_ID_SIZE];
    host_id_new(id);
    bool ok = host_rows_run(conn, err,
                            "UPDATE folders SET id=?, guard_owner='', hidden=0,"
                            " revision=revision+1, updated_ms=? WHERE id=?",
                            "sis", id, now, was->id);
    for (size_t i = 0; ok && i < sizeof inside / sizeof inside[0]; i++) {
        ok = host_rows_run(conn, err, inside[i], "sss", id, was->organization, was->id);
    }
    return ok;
}

static bool release_folders(host_conn *conn, const char *plugin, int64_t now, host_error *err)
{
    folder next;
    bool found = true;
    bool ok = true;
    while (ok && found) {
        ok = find_guarded(conn, plugin, &next, &found, err) &&
             (!found || rename_folder(conn, &next, now, err));
    }
    return ok;
}

static bool write_release(host_conn *conn, const host_call *call, const char *id,
                          const char *reason, host_error *err)
{
    int64_t now = host_clock_wall_ms();
    host_activity entry = {
        .action = DPH_ACTIVITY_RELEASED, .subject = host_str(id), .detail = host_str(reason)};
    return host_rows_run(conn, err,
                         "UPDATE passwords SET guard_owner='', revision=revision+1, updated_ms=?"
                         " WHERE guard_owner=?",
                         "is", now, id) &&
           release_folders(conn, id, now, err) &&
           host_rows_run(conn, err,
                         "UPDATE categories SET guard_owner='', revision=revision+1"
                         " WHERE guard_owner=?",
                         "s", id) &&
           host_rows_run(conn, err, "DELETE FROM reserved_claims WHERE plugin=?", "s", id) &&
           host_activity_add(conn, &call->abi, &entry, err) &&
           host_activity_count_changes(conn, 2, err);
}

bool host_release(host *h, const host_call *call, const char *plugin_id, const char *reason,
                  host_released *out, host_error *err)
{
    host_released found = {0};
    const host_plugin *plugin = host_plugin_find(h, plugin_id, strlen(plugin_id));
    if (plugin != NULL && plugin->instance != NULL) {
        return host_error_set(err, DPH_E_CONFLICT, 0,
                              "The plugin %s is loaded and answers for its things itself; only "
                              "what a missing plugin left behind is released.",
                              plugin->id);
    }
    host_conn *conn = host_db_write_begin(h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!count_things(conn, plugin_id, &found, err) ||
        !write_release(conn, call, plugin_id, reason, err)) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    if (!host_db_write_commit(h->db, conn, err)) {
        return false;
    }
    *out = found;
    return true;
}
