/* SPDX-License-Identifier: Apache-2.0
 *
 * Folder pages. A cursor is "seq:name" of the last row seen. */
#include "sample-host/src/folder_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_MIN 3

static const char current_sql[] =
    HOST_RECORD_SELECT " WHERE p.organization_id=?1 AND p.folder_id=?2 AND p.archived=0"
                       " AND (p.name, p.seq)>(?3, ?4) ORDER BY p.name, p.seq LIMIT ?5";
static const char all_sql[] =
    HOST_RECORD_SELECT " WHERE p.organization_id=?1 AND p.folder_id=?2"
                       " AND (p.name, p.seq)>(?3, ?4) ORDER BY p.name, p.seq LIMIT ?5";
/* The plus signs keep the planner from walking the folder's index and asking the text index about
 * every row of it. */
static const char search_sql[] =
    HOST_RECORD_SELECT " WHERE p.seq IN (SELECT rowid FROM passwords_text"
                       " WHERE passwords_text MATCH ?6) AND +p.organization_id=?1"
                       " AND +p.folder_id=?2 AND (p.archived=0 OR ?7)"
                       " AND (+p.name, p.seq)>(?3 COLLATE NOCASE, ?4) ORDER BY p.name, p.seq"
                       " LIMIT ?5";

static bool read_cursor(const char *cursor, int64_t *out_seq, const char **out_name,
                        host_error *err)
{
    if (cursor[0] == '\0') {
        *out_seq = -1;
        *out_name = "";
        return true;
    }
    char *end = NULL;
    long long seq = strtoll(cursor, &end, 10);
    if (end == cursor || *end != ':' || seq < 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--after wants the cursor of an earlier page.");
    }
    *out_seq = seq;
    *out_name = end + 1;
    return true;
}

bool host_folder_phrase(const char *text, char *out, size_t cap)
{
    size_t used = 0;
    if (cap < 3) {
        return false;
    }
    out[used++] = '"';
    for (; *text != '\0'; text++) {
        size_t need = *text == '"' ? 2 : 1;
        if (used + need + 2 > cap) {
            return false;
        }
        if (*text == '"') {
            out[used++] = '"';
        }
        out[used++] = *text;
    }
    out[used++] = '"';
    out[used] = '\0';
    return true;
}

bool host_folder_page(host_conn *conn, const host_folder_query *query, host_record_page *out,
                      host_error *err)
{
    int64_t seq = 0;
    const char *name = "";
    char phrase[1024];
    sqlite3_stmt *stmt = NULL;
    if (!read_cursor(query->after, &seq, &name, err)) {
        return false;
    }
    if (query->search != NULL) {
        if (strlen(query->search) < SEARCH_MIN ||
            !host_folder_phrase(query->search, phrase, sizeof phrase)) {
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                  "--search wants 3 to 500 characters.");
        }
        stmt = host_rows_query(conn, err, search_sql, "sssiisi", query->organization_id,
                               query->folder_id, name, seq, query->limit, phrase,
                               (int64_t)(query->with_archived ? 1 : 0));
    } else {
        stmt = host_rows_query(conn, err, query->with_archived ? all_sql : current_sql, "sssii",
                               query->organization_id, query->folder_id, name, seq, query->limit);
    }
    return host_record_page_fill(out, conn, stmt, err);
}

void host_folder_cursor_make(const host_record_page *page, char out[HOST_FOLDER_CURSOR_SIZE])
{
    size_t last = page->count - 1;
    (void)snprintf(out, HOST_FOLDER_CURSOR_SIZE, "%lld:%.*s", (long long)page->seqs[last],
                   (int)page->rows[last].title.len, page->rows[last].title.ptr);
}
