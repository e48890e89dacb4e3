/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the steps that a store lacks. */
#include "sample-host/src/store/migrate.h"

#include "sample-host/src/store/rows.h"

#include <stdio.h>

static bool read_version(host_conn *conn, int *out, host_error *err)
{
    int64_t version = 0;
    if (!host_rows_number(conn, err, &version, "PRAGMA user_version", "")) {
        return false;
    }
    *out = (int)version;
    return true;
}

static bool run_step(host_conn *conn, const char *sql, int version, host_error *err)
{
    char pragma[48];
    (void)snprintf(pragma, sizeof pragma, "PRAGMA user_version=%d", version);
    int rc = sqlite3_exec(conn->sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(conn->sqlite, sql, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(conn->sqlite, pragma, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(conn->sqlite, "COMMIT", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        (void)host_rows_fail(conn->sqlite, rc, err);
        (void)sqlite3_exec(conn->sqlite, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc == SQLITE_OK;
}

bool host_migrate_run_steps(host_conn *conn, const char *const *steps, int count, host_error *err)
{
    int version = 0;
    if (!read_version(conn, &version, err)) {
        return false;
    }
    if (version > count) {
        return host_error_set(err, DPH_E_UNSUPPORTED, 0,
                              "The store has schema %d, made by a newer version; this one knows up "
                              "to %d. Nothing was changed.",
                              version, count);
    }
    for (int i = version; i < count; i++) {
        if (!run_step(conn, steps[i], i + 1, err)) {
            return false;
        }
    }
    return true;
}

bool host_migrate_run(host_conn *conn, host_error *err)
{
    int count = 0;
    const char *const *steps = host_migrate_steps(&count);
    return host_migrate_run_steps(conn, steps, count, err);
}
