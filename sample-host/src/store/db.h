/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite store: one writing connection with two priorities, many reading ones. Knows no plugin
 * and no rule about the rows. */
#ifndef HOST_DB_H
#define HOST_DB_H

#include "sample-host/src/base/host_error.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_DB_STATEMENTS 96

/* One connection with its prepared statements. Used by one thread at a time. */
typedef struct host_conn {
    sqlite3 *sqlite;
    struct {
        const char *sql; /* static text; found by its address */
        sqlite3_stmt *stmt;
    } cache[HOST_DB_STATEMENTS];
    size_t cached;
} host_conn;

typedef struct host_db host_db;

/* Opens (and makes) the file, brings its schema up to date. Errors: CORRUPT, UNSUPPORTED (made by
 * a newer version; untouched), UNAVAILABLE. */
bool host_db_open(const char *path, host_db **out, host_error *err);
/* NULL-safe. */
void host_db_close(host_db *db);

/* Waits for the writer and begins a transaction; waiting interactive callers go first. NULL on
 * failure. Ended by exactly one of the two below. */
host_conn *host_db_write_begin(host_db *db, bool is_interactive, host_error *err);
/* On failure nothing was changed, unless the status is UNKNOWN_OUTCOME. Ended either way. */
bool host_db_write_commit(host_db *db, host_conn *conn, host_error *err);
void host_db_write_rollback(host_db *db, host_conn *conn);

/* Callers that wait for the writer now. */
size_t host_db_waiting(host_db *db);

/* A connection on which every statement sees the same snapshot. NULL on failure. */
host_conn *host_db_read_begin(host_db *db, host_error *err);
/* NULL-safe. */
void host_db_read_end(host_db *db, host_conn *conn);

/* For db.c and its parts: opens one connection with all pragmas. */
bool host_db_connect(const char *path, bool is_reader, host_conn *conn, host_error *err);
void host_db_disconnect(host_conn *conn);

#endif
