/* SPDX-License-Identifier: Apache-2.0
 *
 * Releasing what a plugin guards. */
#include "sample-host/src/release.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/base/os_clock.h"

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
           host_rows_run(conn, err,
                         "UPDATE folders SET guard_owner='', hidden=0, revision=revision+1,"
                         " updated_ms=? WHERE guard_owner=?",
                         "is", now, id) &&
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
