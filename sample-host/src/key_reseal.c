/* SPDX-License-Identifier: Apache-2.0
 *
 * See key_reseal.h. Bounded batches, so that nobody waits long for the writer. */
#include "sample-host/src/key_reseal.h"

#include "sample-host/src/object.h"
#include "sample-host/src/sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 200

/* Where the host's own secrets lie: in use, and in the trash. */
static const struct {
    const char *read;
    const char *write;
} tables[] = {{"SELECT seq, id, sealed_secret FROM passwords WHERE sealed_secret NOT NULL AND seq>?"
               " ORDER BY seq",
               "UPDATE passwords SET sealed_secret=? WHERE seq=? AND sealed_secret=?"},
              {"SELECT seq, id, sealed_secret FROM trash WHERE sealed_secret NOT NULL AND seq>?"
               " ORDER BY seq",
               "UPDATE trash SET sealed_secret=? WHERE seq=? AND sealed_secret=?"}};

typedef struct batch_row {
    int64_t seq;
    char id[HOST_OBJECT_ID_SIZE];
    uint8_t sealed[HOST_SEALED_MAX];
    size_t len;
} batch_row;

typedef struct reseal {
    host *h;
    uint32_t generation;
    size_t table;
    int64_t after;
    batch_row *rows; /* BATCH of them */
    size_t count;
    uint64_t done;
    uint64_t damaged;
} reseal;

static bool take_row(reseal *r, sqlite3_stmt *stmt)
{
    dph_bytes sealed = host_rows_bytes(stmt, 2);
    batch_row *row = &r->rows[r->count];
    row->seq = sqlite3_column_int64(stmt, 0);
    r->after = row->seq;
    if (sealed.len > sizeof row->sealed) {
        r->damaged++;
        return true;
    }
    if (host_sealed_generation(&sealed) != r->generation) {
        (void)snprintf(row->id, sizeof row->id, "%s", host_rows_column(stmt, 1));
        memcpy(row->sealed, sealed.ptr, sealed.len);
        row->len = sealed.len;
        r->count++;
    }
    return r->count < BATCH;
}

/* The next rows that another generation sealed. */
static bool read_batch(reseal *r, host_error *err)
{
    r->count = 0;
    host_conn *conn = host_db_read_begin(r->h->db, err);
    sqlite3_stmt *stmt =
        conn == NULL ? NULL : host_rows_query(conn, err, tables[r->table].read, "i", r->after);
    bool ok = stmt != NULL;
    bool row = ok;
    bool has_room = true;
    while (ok && row && has_room) {
        ok = host_rows_next(conn, stmt, &row, err);
        has_room = !ok || !row || take_row(r, stmt);
    }
    if (!has_room) {
        host_rows_done(stmt);
    }
    host_db_read_end(r->h->db, conn);
    return ok;
}

/* A value that was changed in between is left alone: whoever changed it used the newest. */
static bool reseal_row(reseal *r, host_conn *conn, const batch_row *row, host_error *err)
{
    uint8_t fresh[HOST_SEALED_MAX];
    size_t len = 0;
    host_secret opened = {0};
    host_error why = {0};
    dph_bytes before = {row->sealed, row->len};
    if (!host_sealed_open(r->h->keyring, row->id, &before, &opened, &why)) {
        r->damaged++;
        return true;
    }
    bool ok = host_sealed_make(r->h->keyring, row->id, &opened, fresh, &len, err);
    host_secret_done(&opened);
    dph_bytes after = {fresh, len};
    ok = ok && host_rows_run(conn, err, tables[r->table].write, "bib", &after, row->seq, &before);
    r->done += ok ? 1 : 0;
    return ok;
}

static bool write_batch(reseal *r, host_error *err)
{
    host_conn *conn = host_db_write_begin(r->h->db, false, err);
    bool ok = conn != NULL;
    for (size_t i = 0; ok && i < r->count; i++) {
        ok = reseal_row(r, conn, &r->rows[i], err);
    }
    if (conn != NULL && !ok) {
        host_db_write_rollback(r->h->db, conn);
    }
    return ok && host_db_write_commit(r->h->db, conn, err);
}

bool host_key_reseal(host *h, uint32_t generation, uint64_t *out_done, uint64_t *out_damaged,
                     host_error *err)
{
    reseal r = {.h = h, .generation = generation};
    r.rows = calloc(BATCH, sizeof *r.rows);
    if (r.rows == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    bool ok = true;
    for (; ok && r.table < sizeof tables / sizeof tables[0]; r.table++) {
        r.after = 0;
        do {
            ok = read_batch(&r, err) && (r.count == 0 || write_batch(&r, err));
        } while (ok && r.count > 0);
    }
    free(r.rows);
    if (ok) {
        *out_done = r.done;
        *out_damaged = r.damaged;
    }
    return ok;
}

bool host_key_reseal_count(host *h, json_t **out, host_error *err)
{
    json_t *counts = json_object();
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt = conn == NULL
                             ? NULL
                             : host_rows_query(conn, err,
                                               "SELECT substr(sealed_secret,1,40), count(*) FROM"
                                               " (SELECT sealed_secret FROM passwords UNION ALL"
                                               " SELECT sealed_secret FROM trash) WHERE"
                                               " sealed_secret NOT NULL"
                                               " GROUP BY substr(sealed_secret,1,4)",
                                               "");
    bool ok = stmt != NULL;
    bool row = ok;
    while (ok && row) {
        char name[16];
        ok = host_rows_next(conn, stmt, &row, err);
        if (ok && row) {
            dph_bytes head = host_rows_bytes(stmt, 0);
            (void)snprintf(name, sizeof name, "%u", host_sealed_generation(&head));
            (void)json_object_set_new(counts, name, json_integer(sqlite3_column_int64(stmt, 1)));
        }
    }
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(counts);
        return false;
    }
    *out = counts;
    return true;
}
