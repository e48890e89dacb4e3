/* SPDX-License-Identifier: Apache-2.0
 *
 * New records of a batch, inserted together: text search writes what it gathered at every
 * statement, which one by one costs more than all the rest of a batch. */
#include "sample-host/src/apply.h"
#include "sample-host/src/base/id.h"

#include <string.h>

#define FIELDS 11
#define TOGETHER 50u

#define ROW "(?,?,?,?,?,?,?,?,?,?,?)"
#define ROWS_10 ROW "," ROW "," ROW "," ROW "," ROW "," ROW "," ROW "," ROW "," ROW "," ROW

/* Rows that are not needed stay NULL. */
static const char insert_sql[] =
    "WITH new(id, organization_id, folder_id, category, name, username, external_id, tag, data,"
    " configuration_id, archived) AS (VALUES" ROWS_10 "," ROWS_10 "," ROWS_10 "," ROWS_10
    "," ROWS_10 ") INSERT INTO passwords(id, organization_id, folder_id, category, name, username,"
    " notes, url, external_id, guard_owner, plugin_tag, plugin_data, configuration_id, archived,"
    " revision, created_ms, updated_ms) SELECT id, organization_id, folder_id, category, name,"
    " username, '', '', external_id, ?, tag, data, configuration_id, archived, 1, ?, ? FROM new"
    " WHERE id IS NOT NULL";

typedef struct chunk {
    const dph_item_record_put *const *items;
    size_t count;
    char ids[TOGETHER][HOST_ID_SIZE];
} chunk;

static bool bind_record(const host_apply_job *job, sqlite3_stmt *stmt, chunk *c, size_t at,
                        host_error *err)
{
    const dph_item_record_put *item = c->items[at];
    const int first = 1 + (int)at * FIELDS;
    host_id_new_ordered(c->ids[at]);
    return host_rows_bind(job->conn, err, (host_rows_place){stmt, first}, "sdddddddddi", c->ids[at],
                          &item->organization_id, &item->folder_id, &item->category, &item->title,
                          &item->username, &item->external_id, &item->plugin_tag,
                          &item->plugin_data, &item->configuration_id,
                          (int64_t)((item->flags & DPH_RECORD_ARCHIVED) != 0));
}

static bool insert_chunk(const host_apply_job *job, chunk *c, host_error *err)
{
    const int behind = 1 + (int)TOGETHER * FIELDS;
    sqlite3_stmt *stmt = host_rows_query(job->conn, err, insert_sql, "");
    bool row = false;
    bool ok = stmt != NULL && host_rows_bind(job->conn, err, (host_rows_place){stmt, behind}, "dii",
                                             job->plugin, job->now_ms, job->now_ms);
    for (size_t i = 0; ok && i < c->count; i++) {
        ok = bind_record(job, stmt, c, i, err);
    }
    return ok && host_rows_next(job->conn, stmt, &row, err);
}

bool host_apply_records_flush(const host_apply_job *job, host_error *err)
{
    host_apply_records *records = job->records;
    for (size_t start = 0; start < records->count; start += TOGETHER) {
        const size_t left = records->count - start;
        chunk c = {.items = records->items + start, .count = left < TOGETHER ? left : TOGETHER};
        if (!insert_chunk(job, &c, err)) {
            return false;
        }
    }
    records->count = 0;
    return true;
}

void host_apply_records_add(const host_apply_job *job, const dph_item_record_put *item)
{
    job->records->items[job->records->count] = item;
    job->records->count++;
}

bool host_apply_records_has(const host_apply_job *job, const dph_str *external_id)
{
    const host_apply_records *records = job->records;
    for (size_t i = 0; i < records->count; i++) {
        const dph_str *one = &records->items[i]->external_id;
        if (one->len == external_id->len && memcmp(one->ptr, external_id->ptr, one->len) == 0) {
            return true;
        }
    }
    return false;
}
