/* SPDX-License-Identifier: Apache-2.0
 *
 * See key_import.h. A secret is opened only where a Key ID says what it is for, and its digits go
 * from one guarded piece of memory into the other. */
#include "sample-host/src/key_import.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/object.h"
#include "sample-host/src/sealed.h"
#include "sample-host/src/viewer.h"

#include "support/guid.h"

#include <string.h>

#define HEAD "Computer,Serial,Key ID,Recovery Password\n"
#define DIGITS 48
#define NAME_MAX_BYTES 1024

typedef struct collecting {
    host *h;
    const host_request *request;
    const char *organization_id;
    host_key_import *out;
    json_t *opened; /* {"id", "name"} of each password that was opened */
} collecting;

/* ---- what a password is for ---- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-';
}

/* The Key IDs of a text: 0, 1, or 2 for several different ones. */
static int find_key_ids(dph_str text, sup_guid *out)
{
    int count = 0;
    for (size_t i = 0; i + SUP_GUID_TEXT_LEN <= text.len; i++) {
        sup_guid found;
        size_t end = i + SUP_GUID_TEXT_LEN;
        if ((i > 0 && is_word(text.ptr[i - 1])) || (end < text.len && is_word(text.ptr[end])) ||
            !sup_guid_parse(text.ptr + i, SUP_GUID_TEXT_LEN, &found)) {
            continue;
        }
        if (count > 0 && !sup_guid_equal(&found, out)) {
            return 2;
        }
        *out = found;
        count = 1;
    }
    return count;
}

/* The username goes first: a name may hold the id of the device. Several leave the id empty, which
 * the reader of the table refuses. */
static bool find_key_id(dph_str username, dph_str name, char out[SUP_GUID_TEXT_LEN + 1])
{
    sup_guid id;
    int count = find_key_ids(username, &id);
    if (count == 0) {
        count = find_key_ids(name, &id);
    }
    out[0] = '\0';
    if (count == 1) {
        sup_guid_format(&id, out);
    }
    return count > 0;
}

/* Eight groups of six digits, written together or apart; whether they are right is not for here. */
static bool looks_like_key(const host_secret *secret)
{
    size_t digits = 0;
    for (size_t i = 0; i < secret->len; i++) {
        unsigned char c = secret->ptr[i];
        if (c >= '0' && c <= '9') {
            digits++;
        } else if (memchr("- \t\r\n", c, 5) == NULL) {
            return false;
        }
    }
    return digits == DIGITS;
}

/* ---- the table ---- */

static bool put(host_secret *table, const void *bytes, size_t len, host_error *err)
{
    if (table->cap - table->len < len) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0,
                              "These are more passwords than one import takes (1 MiB).");
    }
    memcpy(table->ptr + table->len, bytes, len);
    table->len += len;
    return true;
}

/* One value; what would end the line becomes a blank, so that lines and passwords stay in step. */
static bool put_value(host_secret *table, dph_str text, char end, host_error *err)
{
    size_t len = text.len < NAME_MAX_BYTES ? text.len : NAME_MAX_BYTES;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0U) == 0x80U) {
        len--;
    }
    bool ok = put(table, "\"", 1, err);
    for (size_t i = 0; ok && i < len; i++) {
        char c = (unsigned char)text.ptr[i] < 0x20 ? ' ' : text.ptr[i];
        ok = (c != '"' || put(table, "\"", 1, err)) && put(table, &c, 1, err);
    }
    return ok && put(table, "\"", 1, err) && put(table, &end, 1, err);
}

/* The digits and what is between them, without the white space around. */
static bool put_digits(host_secret *table, const host_secret *secret, host_error *err)
{
    size_t from = 0;
    size_t to = secret->len;
    while (from < to && memchr(" \t\r\n", secret->ptr[from], 4) != NULL) {
        from++;
    }
    while (to > from && memchr(" \t\r\n", secret->ptr[to - 1], 4) != NULL) {
        to--;
    }
    return put_value(table, (dph_str){(const char *)secret->ptr + from, to - from}, '\n', err);
}

static bool put_row(collecting *c, sqlite3_stmt *stmt, const char *key_id,
                    const host_secret *secret, host_error *err)
{
    host_secret *table = &c->out->table;
    dph_str name = host_rows_str(stmt, 1);
    return put_value(table, name, ',', err) && put_value(table, host_rows_str(stmt, 3), ',', err) &&
           put_value(table, host_str(key_id), ',', err) && put_digits(table, secret, err) &&
           (json_array_append_new(c->out->names, json_stringn(name.ptr, name.len)) == 0 ||
            host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left."));
}

/* ---- the passwords ---- */

static bool take_row(collecting *c, sqlite3_stmt *stmt, host_error *err)
{
    char key_id[SUP_GUID_TEXT_LEN + 1];
    host_secret secret = {0};
    const char *id = host_rows_column(stmt, 0);
    if (!find_key_id(host_rows_str(stmt, 2), host_rows_str(stmt, 1), key_id)) {
        return true;
    }
    dph_bytes sealed = host_rows_bytes(stmt, 4);
    host_error why = {0};
    if (!host_sealed_open(c->h->keyring, id, &sealed, &secret, &why)) {
        return host_error_set(err, why.status, why.code, "Password %.64s: %.400s", id, why.message);
    }
    bool ok = json_array_append_new(c->opened, json_pack("{s:s,s:s}", "id", id, "name",
                                                         host_rows_column(stmt, 1))) == 0 ||
              host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
    ok = ok && (!looks_like_key(&secret) || put_row(c, stmt, key_id, &secret, err));
    host_secret_done(&secret);
    return ok;
}

static bool read_passwords(collecting *c, host_error *err)
{
    const host_viewer *viewer = c->request->viewer;
    host_conn *conn = host_db_read_begin(c->h->db, err);
    sqlite3_stmt *stmt =
        conn == NULL
            ? NULL
            : host_rows_query(
                  conn, err,
                  "SELECT p.id, p.name, p.username, coalesce(k.serial,''), p.sealed_secret FROM"
                  " passwords p LEFT JOIN folders f ON f.id=p.folder_id LEFT JOIN configurations k"
                  " ON k.id=p.configuration_id WHERE p.organization_id=?1 AND p.guard_owner=''"
                  " AND p.sealed_secret NOT NULL AND coalesce(f.hidden,0)=0"
                  " AND " HOST_VIEWER_OPEN("p.folder_id", 2) " ORDER BY p.name, p.seq",
                  "ss", c->organization_id, host_viewer_closed(viewer));
    bool ok = stmt != NULL;
    bool row = ok;
    while (ok && row) {
        ok = host_rows_next(conn, stmt, &row, err);
        if (ok && row && !take_row(c, stmt, err)) {
            host_rows_done(stmt);
            ok = false;
        }
    }
    host_db_read_end(c->h->db, conn);
    return ok;
}

/* As for a secret that is shown: what cannot be logged is not handed on (S1.95). */
static bool log_opened(const collecting *c, host_error *err)
{
    host_call call;
    size_t i = 0;
    const json_t *one = NULL;
    if (json_array_size(c->opened) == 0) {
        return true;
    }
    host_call_for_request(&call, c->h, c->request, c->organization_id);
    host_conn *conn = host_db_write_begin(c->h->db, true, err);
    bool ok = conn != NULL;
    json_array_foreach(c->opened, i, one)
    {
        host_activity entry = {.action = DPH_ACTIVITY_VIEWED,
                               .organization_id = host_str(c->organization_id),
                               .subject = host_str(json_string_value(json_object_get(one, "name"))),
                               .object_id = host_str(json_string_value(json_object_get(one, "id"))),
                               .detail = host_str("opened by import-keys")};
        ok = ok && host_activity_add(conn, &call.abi, &entry, err);
    }
    if (conn != NULL && !ok) {
        host_db_write_rollback(c->h->db, conn);
    }
    return ok && host_db_write_commit(c->h->db, conn, err);
}

bool host_key_import_collect(host *h, const host_request *request, const char *organization_id,
                             host_key_import *out, host_error *err)
{
    collecting c = {h, request, organization_id, out, json_array()};
    memset(out, 0, sizeof *out);
    out->names = json_array();
    bool ok = (host_secret_init(&out->table, HOST_COMMAND_FILE_MAX) && out->names != NULL &&
               c.opened != NULL) ||
              host_error_set(err, DPH_E_NOMEM, 0, "There is no memory left.");
    ok = ok && put(&out->table, HEAD, strlen(HEAD), err);
    bool is_read = ok && read_passwords(&c, err);
    host_error second = {0};
    /* Those that were opened before something failed are told as well. */
    bool is_logged = ok && log_opened(&c, is_read ? err : &second);
    out->opened = json_array_size(c.opened);
    json_decref(c.opened);
    if (json_array_size(out->names) == 0) {
        out->table.len = 0;
    }
    return is_read && is_logged;
}

void host_key_import_done(host_key_import *keys)
{
    if (keys == NULL) {
        return;
    }
    host_secret_done(&keys->table);
    json_decref(keys->names);
    keys->names = NULL;
}
