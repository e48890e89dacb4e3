/* SPDX-License-Identifier: Apache-2.0
 *
 * Running statements on one connection. Knows no table. */
#ifndef HOST_ROWS_H
#define HOST_ROWS_H

#include "dph/base.h"
#include "sample-host/src/store/db.h"

#include <stdarg.h>

/* A fresh, bound statement; `sql` must be static text. `types` has one letter per argument:
 * s const char * (NULL = SQL NULL), i int64_t, d const dph_str *, b const dph_bytes *. Text and
 * bytes must live until the statement is reset. NULL on failure. */
sqlite3_stmt *host_rows_query(host_conn *conn, host_error *err, const char *sql, const char *types,
                              ...);
/* The same for who has arguments of its own; `list` is used up. */
sqlite3_stmt *host_rows_query_list(host_conn *conn, host_error *err, const char *sql,
                                   const char *types, va_list *list);
/* Where a statement's next arguments go; places are counted from 1. */
typedef struct host_rows_place {
    sqlite3_stmt *stmt;
    int first;
} host_rows_place;

/* Binds more arguments to a fresh statement. False on failure. */
bool host_rows_bind(host_conn *conn, host_error *err, host_rows_place at, const char *types, ...);
/* True with *out_row telling whether there is a row; false on failure. The end resets. */
bool host_rows_next(host_conn *conn, sqlite3_stmt *stmt, bool *out_row, host_error *err);
/* Gives the statement back before its end. NULL-safe. */
void host_rows_done(sqlite3_stmt *stmt);
/* Runs a statement without rows. */
bool host_rows_run(host_conn *conn, host_error *err, const char *sql, const char *types, ...);
/* First column of the first row as a number; *out stays as it is when there is no row. */
bool host_rows_number(host_conn *conn, host_error *err, int64_t *out, const char *sql,
                      const char *types, ...);
/* Room for a terminated text. */
typedef struct host_rows_space {
    char *ptr;
    size_t cap;
} host_rows_space;

/* First column of the first row as text, cut to what fits; "" when there is no row. */
bool host_rows_text(host_conn *conn, host_error *err, host_rows_space out, const char *sql,
                    const char *types, ...);
/* Text of a column, "" when NULL; valid until the next step. */
const char *host_rows_column(sqlite3_stmt *stmt, int column);
/* The same with its length. */
dph_str host_rows_str(sqlite3_stmt *stmt, int column);
dph_bytes host_rows_bytes(sqlite3_stmt *stmt, int column);
/* Turns the connection's last failure into one sentence. Returns false. */
bool host_rows_fail(sqlite3 *sqlite, int result, host_error *err);
/* A dph_str of a terminated text. */
dph_str host_str(const char *text);

#endif
