/* SPDX-License-Identifier: Apache-2.0
 *
 * The trash is a table of its own, so that no list, search or export has to leave anything out. */
#include "sample-host/src/mutate_trash.h"

#include "sample-host/src/base/os_clock.h"

#define KEPT                                                                                       \
    "id, organization_id, category, name, username, notes, url, sealed_secret, archived,"          \
    " created_ms, secret_ms"

bool host_mutate_trash_put(host_conn *conn, const host_call *call, const char *id, host_error *err)
{
    static const dph_str local = {"administrator", 13};
    const dph_str *who = call->abi.actor_id.len > 0 ? &call->abi.actor_id : &local;
    return host_rows_run(conn, err,
                         "INSERT INTO trash(" KEPT
                         ", folder_id, configuration_id, revision, deleted_ms, deleted_by)"
                         " SELECT " KEPT ", folder_id, configuration_id, revision+1, ?2, ?3"
                         " FROM passwords WHERE id=?1",
                         "sid", id, host_clock_wall_ms(), who) &&
           host_rows_run(conn, err, "DELETE FROM passwords WHERE id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM rotation_schedules WHERE record_id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM record_links WHERE record_id=?1 OR other_id=?1",
                         "s", id);
}

bool host_mutate_trash_purge(host_conn *conn, const char *id, host_error *err)
{
    return host_rows_run(conn, err, "DELETE FROM trash WHERE id=?", "s", id);
}

/* A configuration that went meanwhile, or went elsewhere, is no longer linked. */
bool host_mutate_trash_restore(host_conn *conn, const char *id, const char *folder_id,
                               host_error *err)
{
    int64_t found = 0;
    if (!host_rows_number(conn, err, &found, "SELECT count(*) FROM trash WHERE id=?", "s", id)) {
        return false;
    }
    if (found == 0) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no deleted password \"%s\".", id);
    }
    return host_rows_run(conn, err,
                         "INSERT INTO passwords(" KEPT
                         ", folder_id, guard_owner, plugin_tag, plugin_data, configuration_id,"
                         " revision, updated_ms) SELECT " KEPT ", ?2, '', '', '',"
                         " coalesce((SELECT c.id FROM configurations c WHERE"
                         " c.id=trash.configuration_id AND c.organization_id="
                         "trash.organization_id), ''), revision+1, ?3 FROM trash WHERE id=?1",
                         "ssi", id, folder_id, host_clock_wall_ms()) &&
           host_mutate_trash_purge(conn, id, err);
}
