/* SPDX-License-Identifier: Apache-2.0
 *
 * See sync_log.h. */
#include "sample-host/src/sync_log.h"

#include "sample-host/src/base/log.h"

#define KEEP_MS (INT64_C(90) * 24 * 3600 * 1000)

const char *host_sync_log_outcome(uint32_t outcome)
{
    static const char *const names[] = {"failed", "done", "refused", "failed"};
    return outcome <= DPH_OUTCOME_FAILED ? names[outcome] : names[0];
}

static bool insert(host_conn *conn, const host_sync_log_row *row, host_error *err)
{
    const host_tick_report *report = row->report;
    const dph_tick_result *r = &report->result;
    const char *summary = report->problem.message[0] != '\0' ? report->problem.message : r->summary;
    return host_rows_run(
        conn, err,
        "INSERT INTO sync_log(plugin, unit, reason, dry_run, started_ms, ended_ms, outcome,"
        " created, updated, archived, unmatched, failed, key_reads, store_changes, summary,"
        " next_due_ms, failures, slice_ms, settings_generation)"
        " VALUES(?,?,?,0,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "ssiiiiiiiiiiisiiii", report->unit.plugin->id, report->unit.id, (int64_t)row->reason,
        row->started_ms, row->ended_ms, (int64_t)r->outcome, (int64_t)r->created,
        (int64_t)r->updated, (int64_t)r->archived, (int64_t)r->unmatched, (int64_t)r->failed,
        (int64_t)r->key_reads, (int64_t)r->store_changes, summary, row->pace.due_ms,
        (int64_t)row->pace.failures, row->pace.slice_ms, row->generation);
}

static bool end_write(host *h, host_conn *conn, bool ok, host_error *err)
{
    if (!ok) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}

void host_sync_log_add(host *h, const host_sync_log_row *row)
{
    host_error err = {0};
    host_conn *conn = host_db_write_begin(h->db, false, &err);
    if (conn == NULL || !end_write(h, conn, insert(conn, row, &err), &err)) {
        host_log_line(DPH_LOG_ERROR, "sync_log", err.message, NULL);
    }
}

bool host_sync_log_find_last(host *h, const char *plugin, const char *unit, host_sync_log_last *out)
{
    host_error ignored = {0};
    bool row = false;
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    sqlite3_stmt *stmt =
        conn != NULL
            ? host_rows_query(conn, &ignored,
                              "SELECT next_due_ms, failures, slice_ms, settings_generation, outcome"
                              " FROM sync_log WHERE plugin=? AND unit=? AND dry_run=0"
                              " ORDER BY id DESC LIMIT 1",
                              "ss", plugin, unit)
            : NULL;
    bool found = stmt != NULL && host_rows_next(conn, stmt, &row, &ignored) && row;
    if (found) {
        out->pace = (host_pace){.due_ms = sqlite3_column_int64(stmt, 0),
                                .failures = (uint32_t)sqlite3_column_int64(stmt, 1),
                                .slice_ms = sqlite3_column_int64(stmt, 2)};
        out->generation = sqlite3_column_int64(stmt, 3);
        out->outcome = (uint32_t)sqlite3_column_int64(stmt, 4);
    }
    host_rows_done(stmt);
    host_db_read_end(h->db, conn);
    return found;
}

bool host_sync_log_forget_wait(host *h, const char *unit, host_error *err)
{
    host_conn *conn = host_db_write_begin(h->db, true, err);
    return conn != NULL &&
           end_write(h, conn,
                     host_rows_run(conn, err,
                                   "UPDATE sync_log SET next_due_ms=0 WHERE id IN (SELECT max(id)"
                                   " FROM sync_log WHERE unit=? GROUP BY plugin)",
                                   "s", unit),
                     err);
}

bool host_sync_log_purge(host *h, int64_t now_ms, host_error *err)
{
    host_conn *conn = host_db_write_begin(h->db, false, err);
    return conn != NULL &&
           end_write(h, conn,
                     host_rows_run(conn, err,
                                   "DELETE FROM sync_log WHERE started_ms<? AND id NOT IN"
                                   " (SELECT max(id) FROM sync_log GROUP BY plugin, unit)",
                                   "i", now_ms - KEEP_MS),
                     err);
}

static json_t *describe_row(sqlite3_stmt *stmt)
{
    static const char *const counts[] = {"created", "updated",   "archived",     "unmatched",
                                         "failed",  "key_reads", "store_changes"};
    dph_str unit = host_rows_str(stmt, 0);
    dph_str summary = host_rows_str(stmt, 5);
    json_t *row =
        json_pack("{s:s%,s:s,s:s,s:I,s:I,s:s%,s:I,s:I}", "connection", unit.ptr, unit.len, "reason",
                  sqlite3_column_int64(stmt, 1) == DPH_TICK_MANUAL ? "manual" : "clock", "result",
                  host_sync_log_outcome((uint32_t)sqlite3_column_int64(stmt, 2)), "started_ms",
                  (json_int_t)sqlite3_column_int64(stmt, 3), "ended_ms",
                  (json_int_t)sqlite3_column_int64(stmt, 4), "summary", summary.ptr, summary.len,
                  "next_due_ms", (json_int_t)sqlite3_column_int64(stmt, 6), "failures_in_a_row",
                  (json_int_t)sqlite3_column_int64(stmt, 7));
    for (int i = 0; row != NULL && i < (int)(sizeof counts / sizeof counts[0]); i++) {
        (void)json_object_set_new(row, counts[i], json_integer(sqlite3_column_int64(stmt, 8 + i)));
    }
    return row;
}

bool host_sync_log_list(host *h, const char *unit, int64_t limit, json_t *rows, host_error *err)
{
    bool row = true;
    bool ok = true;
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt =
        conn != NULL ? host_rows_query(conn, err,
                                       "SELECT unit, reason, outcome, started_ms, ended_ms,"
                                       " summary, next_due_ms, failures, created, updated,"
                                       " archived, unmatched, failed, key_reads, store_changes"
                                       " FROM sync_log WHERE dry_run=0 AND (?1 IS NULL OR unit=?1)"
                                       " ORDER BY id DESC LIMIT ?2",
                                       "si", unit, limit)
                     : NULL;
    while (stmt != NULL && ok && row) {
        ok = host_rows_next(conn, stmt, &row, err);
        if (ok && row) {
            (void)json_array_append_new(rows, describe_row(stmt));
        }
    }
    ok = ok && stmt != NULL;
    host_db_read_end(h->db, conn);
    return ok;
}
