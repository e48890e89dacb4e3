/* SPDX-License-Identifier: Apache-2.0
 *
 * Binding, stepping and telling what went wrong. */
#include "sample-host/src/store/rows.h"

#include <stdarg.h>
#include <string.h>

dph_str host_str(const char *text)
{
    return (dph_str){text, text != NULL ? strlen(text) : 0};
}

bool host_rows_fail(sqlite3 *sqlite, int result, host_error *err)
{
    int base = result & 0xff;
    if (base == SQLITE_FULL) {
        return host_error_set(err, DPH_E_UNAVAILABLE, 0, "The disk is full; nothing was changed.");
    }
    if (base == SQLITE_IOERR || base == SQLITE_CANTOPEN || base == SQLITE_READONLY ||
        base == SQLITE_BUSY || base == SQLITE_PERM || base == SQLITE_LOCKED) {
        return host_error_set(err, DPH_E_UNAVAILABLE, 0,
                              "The store cannot be read or written (%s); nothing was changed.",
                              sqlite3_errstr(result));
    }
    if (base == SQLITE_CORRUPT || base == SQLITE_NOTADB) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The store is damaged; nothing was changed.");
    }
    if (base == SQLITE_NOMEM) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory; nothing was changed.");
    }
    if (base == SQLITE_CONSTRAINT) {
        return host_error_set(err, DPH_E_CONFLICT, HOST_CODE_DUPLICATE,
                              "That exists already, or something it names does not.");
    }
    return host_error_set(err, DPH_E_INTERNAL, 0, "The store failed: %s.", sqlite3_errmsg(sqlite));
}

static sqlite3_stmt *find_statement(host_conn *conn, const char *sql, host_error *err)
{
    for (size_t i = 0; i < conn->cached; i++) {
        if (conn->cache[i].sql == sql) {
            (void)sqlite3_reset(conn->cache[i].stmt);
            (void)sqlite3_clear_bindings(conn->cache[i].stmt);
            return conn->cache[i].stmt;
        }
    }
    size_t place = conn->cached;
    if (place == HOST_DB_STATEMENTS) {
        /* One that a caller is in the middle of stays. */
        for (place--; place > 0 && sqlite3_stmt_busy(conn->cache[place].stmt) != 0; place--) {
        }
        (void)sqlite3_finalize(conn->cache[place].stmt);
        conn->cached--;
        conn->cache[place] = conn->cache[conn->cached];
        place = conn->cached;
    }
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(conn->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK) {
        (void)host_rows_fail(conn->sqlite, rc, err);
        return NULL;
    }
    conn->cache[place].sql = sql;
    conn->cache[place].stmt = stmt;
    conn->cached++;
    return stmt;
}

static int bind_bytes(sqlite3_stmt *stmt, int index, const dph_bytes *bytes)
{
    if (bytes->len == 0) {
        return sqlite3_bind_zeroblob(stmt, index, 0);
    }
    return sqlite3_bind_blob64(stmt, index, bytes->ptr, bytes->len, SQLITE_STATIC);
}

static int bind_one(sqlite3_stmt *stmt, int index, char type, va_list *list)
{
    if (type == 's') {
        return sqlite3_bind_text(stmt, index, va_arg(*list, const char *), -1, SQLITE_STATIC);
    }
    if (type == 'i') {
        return sqlite3_bind_int64(stmt, index, va_arg(*list, int64_t));
    }
    if (type == 'd') {
        const dph_str *text = va_arg(*list, const dph_str *);
        return sqlite3_bind_text64(stmt, index, text->len > 0 ? text->ptr : "", text->len,
                                   SQLITE_STATIC, SQLITE_UTF8);
    }
    return bind_bytes(stmt, index, va_arg(*list, const dph_bytes *));
}

static bool bind_list(host_conn *conn, host_error *err, host_rows_place at, const char *types,
                      va_list *list)
{
    for (int i = 0; types[i] != '\0'; i++) {
        int rc = bind_one(at.stmt, at.first + i, types[i], list);
        if (rc != SQLITE_OK) {
            return host_rows_fail(conn->sqlite, rc, err);
        }
    }
    return true;
}

sqlite3_stmt *host_rows_query_list(host_conn *conn, host_error *err, const char *sql,
                                   const char *types, va_list *list)
{
    sqlite3_stmt *stmt = find_statement(conn, sql, err);
    bool ok = stmt != NULL && bind_list(conn, err, (host_rows_place){stmt, 1}, types, list);
    return ok ? stmt : NULL;
}

sqlite3_stmt *host_rows_query(host_conn *conn, host_error *err, const char *sql, const char *types,
                              ...)
{
    va_list list;
    va_start(list, types);
    sqlite3_stmt *stmt = host_rows_query_list(conn, err, sql, types, &list);
    va_end(list);
    return stmt;
}

bool host_rows_bind(host_conn *conn, host_error *err, host_rows_place at, const char *types, ...)
{
    va_list list;
    va_start(list, types);
    bool ok = bind_list(conn, err, at, types, &list);
    va_end(list);
    return ok;
}

bool host_rows_next(host_conn *conn, sqlite3_stmt *stmt, bool *out_row, host_error *err)
{
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out_row = true;
        return true;
    }
    if (rc == SQLITE_DONE) {
        (void)sqlite3_reset(stmt);
        *out_row = false;
        return true;
    }
    (void)host_rows_fail(conn->sqlite, sqlite3_extended_errcode(conn->sqlite), err);
    (void)sqlite3_reset(stmt);
    return false;
}

void host_rows_done(sqlite3_stmt *stmt)
{
    if (stmt != NULL) {
        (void)sqlite3_reset(stmt);
    }
}

bool host_rows_run(host_conn *conn, host_error *err, const char *sql, const char *types, ...)
{
    va_list list;
    va_start(list, types);
    sqlite3_stmt *stmt = host_rows_query_list(conn, err, sql, types, &list);
    va_end(list);
    bool row = true;
    while (stmt != NULL && row) {
        if (!host_rows_next(conn, stmt, &row, err)) {
            return false;
        }
    }
    return stmt != NULL;
}

bool host_rows_number(host_conn *conn, host_error *err, int64_t *out, const char *sql,
                      const char *types, ...)
{
    va_list list;
    va_start(list, types);
    sqlite3_stmt *stmt = host_rows_query_list(conn, err, sql, types, &list);
    va_end(list);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (row) {
        *out = sqlite3_column_int64(stmt, 0);
    }
    host_rows_done(stmt);
    return true;
}

bool host_rows_text(host_conn *conn, host_error *err, host_rows_space out, const char *sql,
                    const char *types, ...)
{
    va_list list;
    va_start(list, types);
    sqlite3_stmt *stmt = host_rows_query_list(conn, err, sql, types, &list);
    va_end(list);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    const char *text = row ? host_rows_column(stmt, 0) : "";
    size_t len = strlen(text) < out.cap ? strlen(text) : out.cap - 1;
    memcpy(out.ptr, text, len);
    out.ptr[len] = '\0';
    host_rows_done(stmt);
    return true;
}

const char *host_rows_column(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text != NULL ? (const char *)text : "";
}

dph_str host_rows_str(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return (dph_str){text != NULL ? (const char *)text : "",
                     text != NULL ? (size_t)sqlite3_column_bytes(stmt, column) : 0};
}

dph_bytes host_rows_bytes(sqlite3_stmt *stmt, int column)
{
    const void *bytes = sqlite3_column_blob(stmt, column);
    return (dph_bytes){bytes, (size_t)sqlite3_column_bytes(stmt, column)};
}
