/* SPDX-License-Identifier: Apache-2.0
 *
 * Running the schedules. */
#include "sample-host/src/rotation.h"

#include "sample-host/src/mutate.h"

#include <stdio.h>
#include <string.h>

#define DUE_MAX 100

static size_t find_due(host *h, int64_t now_ms, char ids[DUE_MAX][HOST_OBJECT_ID_SIZE],
                       host_error *err)
{
    size_t count = 0;
    bool row = true;
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt =
        conn != NULL ? host_rows_query(conn, err,
                                       "SELECT record_id FROM rotation_schedules WHERE next_ms<=?"
                                       " ORDER BY next_ms LIMIT 100",
                                       "i", now_ms)
                     : NULL;
    while (stmt != NULL && row && count < DUE_MAX) {
        if (!host_rows_next(conn, stmt, &row, err)) {
            row = false;
        } else if (row) {
            (void)snprintf(ids[count], HOST_OBJECT_ID_SIZE, "%s", host_rows_column(stmt, 0));
            count++;
        }
    }
    host_rows_done(stmt);
    host_db_read_end(h->db, conn);
    return count;
}

static void forget(host *h, const char *id, host_error *err)
{
    host_conn *conn = host_db_write_begin(h->db, false, err);
    if (conn == NULL) {
        return;
    }
    if (host_rows_run(conn, err, "DELETE FROM rotation_schedules WHERE record_id=?", "s", id)) {
        (void)host_db_write_commit(h->db, conn, err);
    } else {
        host_db_write_rollback(h->db, conn);
    }
}

void host_rotation_run_due(host *h, int64_t now_ms)
{
    char ids[DUE_MAX][HOST_OBJECT_ID_SIZE];
    host_error err = {0};
    host_actor actor = host_call_scheduler();
    size_t count = find_due(h, now_ms, ids, &err);
    for (size_t i = 0; i < count; i++) {
        char changed[HOST_OBJECT_ID_SIZE];
        host_call call;
        host_call_init(&call, h, &actor, DPH_LANE_HOOK, "");
        host_mutation m = {
            .op = DPH_OP_ROTATE_PASSWORD, .object_kind = DPH_OBJECT_RECORD, .object_id = ids[i]};
        if (!host_mutate(h, &call, &m, changed, &err)) {
            host_log_line(DPH_LOG_WARNING, "rotation", err.message, NULL);
            if (err.status == DPH_E_DENIED || err.status == DPH_E_NOT_FOUND) {
                forget(h, ids[i], &err);
            }
        }
    }
}
