/* SPDX-License-Identifier: Apache-2.0
 *
 * Activity entries. */
#include "sample-host/src/activity.h"

#include "sample-host/src/base/os_clock.h"

static const char insert_sql[] =
    "INSERT INTO activity(at_ms, actor, role, source, address, os_uid, organization_id, action,"
    " subject, object_id, detail, code, plugin) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,coalesce(?,''))";

bool host_activity_add(host_conn *conn, const dph_call *call, const host_activity *entry,
                       host_error *err)
{
    static const dph_str local = {"administrator", 13};
    static const dph_str scheduler = {"scheduler", 9};
    const dph_str *actor = &call->actor_id;
    if (actor->len == 0) {
        actor = call->actor_kind == DPH_ACTOR_SCHEDULER ? &scheduler : &local;
    }
    return host_rows_run(conn, err, insert_sql, "idiidididddid", host_clock_wall_ms(), actor,
                         (int64_t)call->actor_role, (int64_t)call->source, &call->remote_address,
                         (int64_t)call->os_uid, &entry->organization_id, (int64_t)entry->action,
                         &entry->subject, &entry->object_id, &entry->detail, (int64_t)entry->code,
                         &entry->plugin);
}

bool host_activity_count_changes(host_conn *conn, uint64_t rows, host_error *err)
{
    return host_rows_run(conn, err, "UPDATE meta SET value=value+? WHERE key='changes'", "i",
                         (int64_t)rows);
}

bool host_activity_add_alone(host *h, const dph_call *call, const host_activity *entry,
                             host_error *err)
{
    host_conn *conn = host_db_write_begin(h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!host_activity_add(conn, call, entry, err) || !host_activity_count_changes(conn, 1, err)) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}

const char *host_activity_name(uint32_t action)
{
    static const char *const names[] = {"unknown", "created",  "archived", "unarchived", "accessed",
                                        "viewed",  "renamed",  "matched",  "moved",      "exported",
                                        "refused", "copied",   "updated",  "deleted",    "released",
                                        "printed", "imported", "restored", "purged",     "merged"};
    return action <= DPH_ACTIVITY_MERGED ? names[action] : names[0];
}
