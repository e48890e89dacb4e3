/* SPDX-License-Identifier: Apache-2.0
 *
 * Folder security. */
#include "sample-host/src/mutate_access.h"

#include "sample-host/src/viewer.h"

#include <stdlib.h>

#define BELOW                                                                                      \
    "WITH RECURSIVE below(id) AS (SELECT ?1 UNION SELECT f.id FROM folders f JOIN below ON"        \
    " f.parent_id=below.id WHERE f.guard_owner='' AND " HOST_VIEWER_OPEN("f.id", 2) ") "

bool host_mutate_access_set(host_conn *conn, const host_call *call, const char *folder_id,
                            const json_t *security, host_error *err)
{
    const char *closed = host_viewer_closed(call->viewer);
    char *named = json_dumps(security, JSON_COMPACT);
    if (named == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    bool ok =
        host_rows_run(conn, err,
                      BELOW "DELETE FROM folder_access WHERE folder_id IN (SELECT id FROM below)",
                      "ss", folder_id, closed) &&
        host_rows_run(conn, err,
                      BELOW "INSERT INTO folder_access SELECT DISTINCT below.id,"
                            " value->>'kind', value->>'subject' FROM below JOIN json_each(?3)",
                      "sss", folder_id, closed, named);
    free(named);
    return ok;
}

bool host_mutate_access_inherit(host_conn *conn, const char *folder_id, const char *parent_id,
                                host_error *err)
{
    return host_rows_run(conn, err,
                         "INSERT INTO folder_access SELECT ?1, kind, subject FROM folder_access"
                         " WHERE folder_id=?2",
                         "ss", folder_id, parent_id);
}
