/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, the writer with its two priorities, and the pool of readers. */
#include "sample-host/src/store/db.h"

#include "sample-host/src/store/migrate.h"
#include "sample-host/src/store/rows.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 5000
#define IDLE_READERS 8

struct host_db {
    char *path;
    host_conn writer;
    pthread_mutex_t lock;
    pthread_cond_t writer_free;
    size_t interactive_waiting;
    size_t sync_waiting;
    bool writer_busy;
    host_conn *idle[IDLE_READERS];
    size_t idle_count;
};

static bool run_pragmas(host_conn *conn, bool is_reader, host_error *err)
{
    /* 64 MiB of log: most pages that a batch changes are changed by the next one too. */
    static const char common[] = "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                                 "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2048;";
    static const char writing[] = "PRAGMA cache_size=-8192; PRAGMA journal_mode=WAL; PRAGMA "
                                  "synchronous=FULL; PRAGMA wal_autocheckpoint=16000;";
    int rc = sqlite3_exec(conn->sqlite, common, NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(conn->sqlite, is_reader ? "PRAGMA query_only=ON;" : writing, NULL, NULL,
                          NULL);
    }
    return rc == SQLITE_OK ? true : host_rows_fail(conn->sqlite, rc, err);
}

bool host_db_connect(const char *path, bool is_reader, host_conn *conn, host_error *err)
{
    memset(conn, 0, sizeof *conn);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (is_reader ? 0 : SQLITE_OPEN_CREATE);
    int rc = sqlite3_open_v2(path, &conn->sqlite, flags, NULL);
    if (rc != SQLITE_OK) {
        (void)host_rows_fail(conn->sqlite, rc, err);
        host_db_disconnect(conn);
        return false;
    }
    (void)sqlite3_extended_result_codes(conn->sqlite, 1);
    (void)sqlite3_busy_timeout(conn->sqlite, BUSY_MS);
    if (!run_pragmas(conn, is_reader, err)) {
        host_db_disconnect(conn);
        return false;
    }
    return true;
}

void host_db_disconnect(host_conn *conn)
{
    for (size_t i = 0; i < conn->cached; i++) {
        (void)sqlite3_finalize(conn->cache[i].stmt);
    }
    conn->cached = 0;
    (void)sqlite3_close(conn->sqlite);
    conn->sqlite = NULL;
}

bool host_db_open(const char *path, host_db **out, host_error *err)
{
    host_db *db = calloc(1, sizeof *db);
    if (db == NULL || (db->path = malloc(strlen(path) + 1)) == NULL) {
        free(db);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    memcpy(db->path, path, strlen(path) + 1);
    (void)pthread_mutex_init(&db->lock, NULL);
    (void)pthread_cond_init(&db->writer_free, NULL);
    if (!host_db_connect(path, false, &db->writer, err) || !host_migrate_run(&db->writer, err)) {
        host_db_close(db);
        return false;
    }
    *out = db;
    return true;
}

void host_db_close(host_db *db)
{
    if (db == NULL) {
        return;
    }
    for (size_t i = 0; i < db->idle_count; i++) {
        host_db_disconnect(db->idle[i]);
        free(db->idle[i]);
    }
    host_db_disconnect(&db->writer);
    (void)pthread_cond_destroy(&db->writer_free);
    (void)pthread_mutex_destroy(&db->lock);
    free(db->path);
    free(db);
}

static void take_writer(host_db *db, bool is_interactive)
{
    (void)pthread_mutex_lock(&db->lock);
    if (is_interactive) {
        db->interactive_waiting++;
        while (db->writer_busy) {
            (void)pthread_cond_wait(&db->writer_free, &db->lock);
        }
        db->interactive_waiting--;
    } else {
        db->sync_waiting++;
        while (db->writer_busy || db->interactive_waiting > 0) {
            (void)pthread_cond_wait(&db->writer_free, &db->lock);
        }
        db->sync_waiting--;
    }
    db->writer_busy = true;
    (void)pthread_mutex_unlock(&db->lock);
}

static void free_writer(host_db *db)
{
    (void)pthread_mutex_lock(&db->lock);
    db->writer_busy = false;
    (void)pthread_cond_broadcast(&db->writer_free);
    (void)pthread_mutex_unlock(&db->lock);
}

size_t host_db_waiting(host_db *db)
{
    (void)pthread_mutex_lock(&db->lock);
    size_t waiting = db->interactive_waiting + db->sync_waiting;
    (void)pthread_mutex_unlock(&db->lock);
    return waiting;
}

host_conn *host_db_write_begin(host_db *db, bool is_interactive, host_error *err)
{
    take_writer(db, is_interactive);
    if (!host_rows_run(&db->writer, err, "BEGIN IMMEDIATE", "")) {
        free_writer(db);
        return NULL;
    }
    return &db->writer;
}

/* The log may hold the whole transaction when the last step of writing it fails: whether it
 * survives the next start is not known here. */
static void tell_unclear(int rc, host_error *err)
{
    const int base = rc & 0xff;
    if (base == SQLITE_FULL) {
        (void)host_error_set(err, DPH_E_UNKNOWN_OUTCOME, 0,
                             "The disk is full; whether the change was written is not known.");
    } else if (base == SQLITE_IOERR || base == SQLITE_NOMEM) {
        (void)host_error_set(err, DPH_E_UNKNOWN_OUTCOME, 0,
                             "The disk did not confirm the write; it may have landed.");
    }
}

bool host_db_write_commit(host_db *db, host_conn *conn, host_error *err)
{
    int rc = sqlite3_exec(conn->sqlite, "COMMIT", NULL, NULL, NULL);
    bool ok = rc == SQLITE_OK;
    if (!ok) {
        (void)host_rows_fail(conn->sqlite, rc, err);
        (void)sqlite3_exec(conn->sqlite, "ROLLBACK", NULL, NULL, NULL);
        tell_unclear(rc, err);
    }
    free_writer(db);
    return ok;
}

void host_db_write_rollback(host_db *db, host_conn *conn)
{
    (void)sqlite3_exec(conn->sqlite, "ROLLBACK", NULL, NULL, NULL);
    free_writer(db);
}

static host_conn *take_idle(host_db *db)
{
    host_conn *conn = NULL;
    (void)pthread_mutex_lock(&db->lock);
    if (db->idle_count > 0) {
        db->idle_count--;
        conn = db->idle[db->idle_count];
    }
    (void)pthread_mutex_unlock(&db->lock);
    return conn;
}

static void give_idle(host_db *db, host_conn *conn)
{
    (void)pthread_mutex_lock(&db->lock);
    bool is_kept = db->idle_count < IDLE_READERS;
    if (is_kept) {
        db->idle[db->idle_count] = conn;
        db->idle_count++;
    }
    (void)pthread_mutex_unlock(&db->lock);
    if (!is_kept) {
        host_db_disconnect(conn);
        free(conn);
    }
}

host_conn *host_db_read_begin(host_db *db, host_error *err)
{
    host_conn *conn = take_idle(db);
    if (conn == NULL) {
        conn = calloc(1, sizeof *conn);
        if (conn == NULL) {
            (void)host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
            return NULL;
        }
        if (!host_db_connect(db->path, true, conn, err)) {
            free(conn);
            return NULL;
        }
    }
    if (!host_rows_run(conn, err, "BEGIN", "")) {
        give_idle(db, conn);
        return NULL;
    }
    return conn;
}

void host_db_read_end(host_db *db, host_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    for (size_t i = 0; i < conn->cached; i++) {
        (void)sqlite3_reset(conn->cache[i].stmt);
    }
    (void)sqlite3_exec(conn->sqlite, "COMMIT", NULL, NULL, NULL);
    give_idle(db, conn);
}
