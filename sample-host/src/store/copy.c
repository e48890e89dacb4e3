/* SPDX-License-Identifier: Apache-2.0
 *
 * See copy.h. */
#include "sample-host/src/store/copy.h"

#include "sample-host/src/store/migrate.h"
#include "sample-host/src/store/rows.h"

#include <stdio.h>
#include <string.h>

#define PAGES_AT_ONCE 1024

static bool open_file(const char *path, int flags, host_conn *conn, host_error *err)
{
    memset(conn, 0, sizeof *conn);
    int rc = sqlite3_open_v2(path, &conn->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        (void)host_rows_fail(conn->sqlite, rc, err);
        host_db_disconnect(conn);
        return false;
    }
    (void)sqlite3_extended_result_codes(conn->sqlite, 1);
    return true;
}

/* `from` is inside a read transaction, so that a writer does not make the copy start again. */
static bool copy_pages(host_conn *from, host_conn *to, const host_copy_watch *watch,
                       host_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->sqlite, "main", from->sqlite, "main");
    if (backup == NULL) {
        return host_rows_fail(to->sqlite, sqlite3_errcode(to->sqlite), err);
    }
    int rc = SQLITE_OK;
    bool is_cancelled = false;
    while (rc == SQLITE_OK && !is_cancelled) {
        rc = sqlite3_backup_step(backup, PAGES_AT_ONCE);
        uint64_t total = (uint64_t)sqlite3_backup_pagecount(backup);
        uint64_t left = (uint64_t)sqlite3_backup_remaining(backup);
        if (watch->progress != NULL) {
            watch->progress(watch->progress_ctx, "pages", total - left, total);
        }
        is_cancelled =
            rc == SQLITE_OK && watch->cancelled != NULL && watch->cancelled(watch->cancel_ctx);
    }
    int end = sqlite3_backup_finish(backup);
    if (is_cancelled) {
        return host_error_set(err, DPH_E_CANCELLED, 0, "Stopped; there is no copy.");
    }
    if (rc != SQLITE_DONE || end != SQLITE_OK) {
        return host_rows_fail(to->sqlite, rc != SQLITE_DONE ? rc : end, err);
    }
    return true;
}

/* A copy carries the source's journal mode; a plain one needs no second file. */
static bool make_plain(host_conn *conn, host_error *err)
{
    int rc = sqlite3_exec(conn->sqlite,
                          "PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE);"
                          "PRAGMA journal_mode=DELETE;",
                          NULL, NULL, NULL);
    return rc == SQLITE_OK ? true : host_rows_fail(conn->sqlite, rc, err);
}

bool host_copy_make(host_conn *from, const char *path, const host_copy_watch *watch,
                    host_error *err)
{
    host_conn to;
    if (!open_file(path, SQLITE_OPEN_READWRITE, &to, err)) {
        return false;
    }
    bool ok = copy_pages(from, &to, watch, err) && make_plain(&to, err);
    host_db_disconnect(&to);
    return ok;
}

bool host_copy_file(const char *from, const char *path, const host_copy_watch *watch,
                    host_error *err)
{
    host_conn source;
    if (!open_file(from, SQLITE_OPEN_READONLY, &source, err)) {
        return false;
    }
    bool ok = host_copy_make(&source, path, watch, err);
    host_db_disconnect(&source);
    return ok;
}

bool host_copy_settle(const char *path, host_error *err)
{
    host_conn conn;
    if (!open_file(path, SQLITE_OPEN_READWRITE, &conn, err)) {
        return false;
    }
    bool ok = make_plain(&conn, err);
    host_db_disconnect(&conn);
    return ok;
}

bool host_copy_mark_write(const char *path, const host_copy_mark *mark, host_error *err)
{
    host_conn conn;
    if (!open_file(path, SQLITE_OPEN_READWRITE, &conn, err)) {
        return false;
    }
    bool ok = host_rows_run(&conn, err, "PRAGMA synchronous=FULL", "") &&
              host_rows_run(&conn, err,
                            "INSERT OR REPLACE INTO meta VALUES('copy_key_check',?),"
                            "('copy_oldest_generation',?),('copy_newest_generation',?),"
                            "('copy_at_ms',?)",
                            "siii", mark->key_check, mark->oldest_generation,
                            mark->newest_generation, mark->at_ms);
    host_db_disconnect(&conn);
    return ok;
}

static bool check_pages(host_conn *conn, host_error *err)
{
    char answer[64];
    host_rows_space space = {answer, sizeof answer};
    if (!host_rows_text(conn, err, space, "PRAGMA quick_check(1)", "")) {
        return false;
    }
    return strcmp(answer, "ok") == 0
               ? true
               : host_error_set(err, DPH_E_CORRUPT, 0, "The copy is damaged: %s", answer);
}

static bool check_schema(host_conn *conn, host_error *err)
{
    int64_t version = 0;
    int newest = 0;
    (void)host_migrate_steps(&newest);
    if (!host_rows_number(conn, err, &version, "PRAGMA user_version", "")) {
        return false;
    }
    if (version > newest) {
        return host_error_set(err, DPH_E_UNSUPPORTED, 0,
                              "The copy has schema %d, made by a newer version; this one knows up "
                              "to %d. Nothing was changed.",
                              (int)version, newest);
    }
    return version >= 1 ? true
                        : host_error_set(err, DPH_E_CORRUPT, 0, "The file is no copy of a store.");
}

static bool read_mark(host_conn *conn, host_copy_mark *out, host_error *err)
{
    host_rows_space check = {out->key_check, sizeof out->key_check};
    bool ok =
        host_rows_text(conn, err, check, "SELECT value FROM meta WHERE key='copy_key_check'", "") &&
        host_rows_number(conn, err, &out->oldest_generation,
                         "SELECT value FROM meta WHERE key='copy_oldest_generation'", "") &&
        host_rows_number(conn, err, &out->newest_generation,
                         "SELECT value FROM meta WHERE key='copy_newest_generation'", "") &&
        host_rows_number(conn, err, &out->at_ms, "SELECT value FROM meta WHERE key='copy_at_ms'",
                         "");
    if (ok && (out->key_check[0] == '\0' || out->at_ms == 0)) {
        return host_error_set(err, DPH_E_CORRUPT, 0,
                              "The file was not made by `backup`: it does not say which key file "
                              "it needs.");
    }
    return ok;
}

bool host_copy_check(const char *path, host_copy_mark *out, host_error *err)
{
    host_conn conn;
    host_copy_mark mark = {.at_ms = 0};
    if (!open_file(path, SQLITE_OPEN_READONLY, &conn, err)) {
        return false;
    }
    bool ok = check_schema(&conn, err) && check_pages(&conn, err) && read_mark(&conn, &mark, err);
    host_db_disconnect(&conn);
    if (ok) {
        *out = mark;
    }
    return ok;
}
