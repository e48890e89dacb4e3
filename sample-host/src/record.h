/* SPDX-License-Identifier: Apache-2.0
 *
 * Password records as rows: one column list, one reader, used by services and commands alike. */
#ifndef HOST_RECORD_H
#define HOST_RECORD_H

#include "dph/service_records.h"
#include "sample-host/src/host.h"

/* Columns and tables of a record row, to be followed by a WHERE. Further columns may not be added
 * before them. */
#define HOST_RECORD_SELECT                                                                         \
    "SELECT p.id, coalesce(p.external_id,''), p.organization_id, p.folder_id, p.category, p.name," \
    " p.username, p.configuration_id, coalesce(c.name,''), p.guard_owner, p.plugin_tag,"           \
    " p.plugin_data, p.archived, p.revision, p.created_ms, p.updated_ms, p.seq, o.name,"           \
    " p.notes, p.url, p.sealed_secret IS NOT NULL"                                                 \
    " FROM passwords p JOIN organizations o ON o.id=p.organization_id"                             \
    " LEFT JOIN configurations c ON c.id=p.configuration_id"

#define HOST_RECORD_COLUMN_SEQ 16
#define HOST_RECORD_COLUMN_ORGANIZATION 17
#define HOST_RECORD_COLUMN_NOTES 18
#define HOST_RECORD_COLUMN_URL 19
#define HOST_RECORD_COLUMN_HAS_SECRET 20

/* Points into the statement's columns: valid until its next step. */
dph_record_row host_record_row(sqlite3_stmt *stmt);

/* Copies of rows that outlive their statement, in the order added. */
typedef struct host_record_page {
    dph_record_row *rows;
    const dph_record_row **pointers; /* one per row, as render_folder wants them */
    char **organization_names;
    int64_t *seqs;
    size_t count;
    size_t cap;
} host_record_page;

/* Appends the statement's present row. False when memory runs out. */
bool host_record_page_add(host_record_page *page, sqlite3_stmt *stmt, host_error *err);
/* All rows of a statement; ends it. */
bool host_record_page_fill(host_record_page *page, host_conn *conn, sqlite3_stmt *stmt,
                           host_error *err);
void host_record_page_done(host_record_page *page);

#endif
