/* SPDX-License-Identifier: Apache-2.0
 *
 * See open_store.h. */
#include "open_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os_open.h"
#include "support/buffer.h"

#define PLUGIN_ID "bitlocker_keys"
#define URI_MAX (3u * BKEY_OS_OPEN_PATH + 64u)

struct bkey_open_store {
    sqlite3 *db;
};

/* Without a journal beside it nothing at all is written, not even a lock. */
static void write_uri(const char *path, sup_buffer *out)
{
    char wal[BKEY_OS_OPEN_PATH + 8];
    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    (void)sup_buffer_add_str(out, "file:");
    for (const char *at = path; *at != '\0'; at++) {
        if (strchr("%?#", *at) != NULL)
            (void)sup_buffer_printf(out, "%%%02x", (unsigned)(unsigned char)*at);
        else
            (void)sup_buffer_add(out, at, 1);
    }
    (void)sup_buffer_add_str(out, bkey_os_open_exists(wal) ? "?mode=ro" : "?mode=ro&immutable=1");
}

static bool open_file(const char *path, bkey_open_store *store, char *why, size_t why_size)
{
    sup_buffer uri;
    sup_buffer_init(&uri, URI_MAX);
    write_uri(path, &uri);
    int result = sqlite3_open_v2(sup_buffer_text(&uri), &store->db,
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    sup_buffer_done(&uri);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->db, "SELECT count(*) FROM plugin_state", NULL, NULL, NULL);
    if (result != SQLITE_OK)
        (void)snprintf(why, why_size, "%s: it is not a store that can be read: %s.", path,
                       store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
    return result == SQLITE_OK;
}

bool bkey_open_store_new(const char *path, bkey_open_store **out, char *why, size_t why_size)
{
    char inside[BKEY_OS_OPEN_PATH];
    bkey_open_store *store = calloc(1, sizeof *store);
    if (store == NULL ||
        snprintf(inside, sizeof inside, "%s/store.db", path) >= (int)BKEY_OS_OPEN_PATH) {
        free(store);
        (void)snprintf(why, why_size, "The path is too long.");
        return false;
    }
    if (!open_file(bkey_os_open_exists(inside) ? inside : path, store, why, why_size)) {
        bkey_open_store_free(&store);
        return false;
    }
    *out = store;
    return true;
}

void bkey_open_store_free(bkey_open_store **store)
{
    if (store == NULL || *store == NULL)
        return;
    (void)sqlite3_close((*store)->db);
    free(*store);
    *store = NULL;
}

static bkey_err give_row(sqlite3_stmt *stmt, bkey_state_sink sink, void *context)
{
    const bkey_state_row row = {
        .key = {sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0)},
        .value = {sqlite3_column_blob(stmt, 1), (size_t)sqlite3_column_bytes(stmt, 1)},
        .revision = (uint64_t)sqlite3_column_int64(stmt, 2),
        .tombstone = sqlite3_column_int(stmt, 3) != 0};
    return sink(context, &row);
}

/* Runs a query of the plugin's rows whose second parameter is `bytes`. */
static bkey_err give_rows(bkey_open_store *store, const char *sql, bkey_bytes bytes,
                          bkey_state_sink sink, void *context, size_t *out_count)
{
    sqlite3_stmt *stmt = NULL;
    int step = SQLITE_ERROR;
    bkey_err err = bkey_ok();
    *out_count = 0;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_bind_text(stmt, 1, PLUGIN_ID, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_blob(stmt, 2, bytes.ptr, (int)bytes.len, SQLITE_STATIC) == SQLITE_OK) {
        while (bkey_is_ok(err) && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
            err = give_row(stmt, sink, context);
            (*out_count)++;
        }
    }
    (void)sqlite3_finalize(stmt);
    return !bkey_is_ok(err) || step == SQLITE_DONE || step == SQLITE_ROW ? err
                                                                         : bkey_fail(BKEY_E_STORE);
}

bkey_err bkey_open_store_get(bkey_open_store *store, bkey_bytes key, bkey_state_sink sink,
                             void *context)
{
    size_t count = 0;
    bkey_err err = give_rows(store,
                             "SELECT key, value, revision, tombstone FROM plugin_state"
                             " WHERE plugin=?1 AND key=?2",
                             key, sink, context, &count);
    return bkey_is_ok(err) && count == 0 ? bkey_fail(BKEY_E_NO_STATE) : err;
}

bkey_err bkey_open_store_scan(bkey_open_store *store, bkey_bytes prefix, bkey_state_sink sink,
                              void *context)
{
    size_t count = 0;
    return give_rows(store,
                     "SELECT key, value, revision, tombstone FROM plugin_state"
                     " WHERE plugin=?1 AND substr(key, 1, length(?2))=?2 AND tombstone=0"
                     " AND key>=?2 ORDER BY key",
                     prefix, sink, context, &count);
}

bkey_err bkey_open_store_organization(bkey_open_store *store, const char *id_or_name, char *out_id,
                                      size_t cap)
{
    sqlite3_stmt *stmt = NULL;
    bool found = sqlite3_prepare_v2(store->db,
                                    "SELECT id FROM organizations WHERE id=?1 OR name=?1"
                                    " ORDER BY id<>?1 LIMIT 1",
                                    -1, &stmt, NULL) == SQLITE_OK &&
                 sqlite3_bind_text(stmt, 1, id_or_name, -1, SQLITE_STATIC) == SQLITE_OK &&
                 sqlite3_step(stmt) == SQLITE_ROW;
    const char *id = found ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    bool fits = id != NULL && strlen(id) < cap;
    if (fits)
        memcpy(out_id, id, strlen(id) + 1);
    (void)sqlite3_finalize(stmt);
    return fits ? bkey_ok() : bkey_fail(BKEY_E_NO_STATE);
}
