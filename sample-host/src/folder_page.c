/* SPDX-License-Identifier: Apache-2.0
 *
 * Folder pages. A cursor is "seq:name" of the last row seen. */
#include "sample-host/src/folder_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_MIN 3

/* 1 organization, 2 folder, 3 last value and 4 last seq of the page before, 5 limit, 6 phrase,
 * 7 archived ones too, 8 category. The plus signs keep the planner from walking the folder's index
 * and asking the text index about every row of it. */
#define CATEGORY " AND (?8='' OR +p.category=?8 COLLATE NOCASE)"
#define CURRENT(column, value)                                                                     \
    HOST_RECORD_SELECT " WHERE p.organization_id=?1 AND p.folder_id=?2 AND p.archived=0 AND"       \
                       " ?6='' AND ?7=0 AND (p." column ", p.seq)>(" value ", ?4)" CATEGORY        \
                       " ORDER BY p." column ", p.seq LIMIT ?5"
#define ALL(column, value)                                                                         \
    HOST_RECORD_SELECT                                                                             \
    " WHERE p.organization_id=?1 AND p.folder_id=?2 AND ?6='' AND ?7=1 AND (p." column             \
    ", p.seq)>(" value ", ?4)" CATEGORY " ORDER BY p." column ", p.seq LIMIT ?5"
#define SEARCH(column, value)                                                                      \
    HOST_RECORD_SELECT                                                                             \
    " WHERE p.seq IN (SELECT rowid FROM passwords_text WHERE passwords_text"                       \
    " MATCH ?6) AND +p.organization_id=?1 AND +p.folder_id=?2 AND (p.archived=0"                   \
    " OR ?7) AND (+p." column ", p.seq)>(" value ", ?4)" CATEGORY " ORDER BY p." column            \
    ", p.seq LIMIT ?5"
#define VARIANTS(column, value)                                                                    \
    {                                                                                              \
        CURRENT(column, value), ALL(column, value), SEARCH(column, value)                          \
    }
/* Orders without an index: the page is chosen on the bare table, and only its rows are joined. */
#define CHOSEN(column, value, archived)                                                            \
    HOST_RECORD_SELECT " WHERE p.seq IN (SELECT q.seq FROM passwords q WHERE q.organization_id=?1" \
                       " AND q.folder_id=?2 AND " archived " AND ?6='' AND (q." column             \
                       ", q.seq)>(" value ", ?4) AND (?8='' OR +q.category=?8 COLLATE NOCASE)"     \
                       " ORDER BY q." column ", q.seq LIMIT ?5) ORDER BY p." column ", p.seq"
#define UNINDEXED(column, value)                                                                   \
    {                                                                                              \
        CHOSEN(column, value, "q.archived=0 AND ?7=0"), CHOSEN(column, value, "?7=1"),             \
            SEARCH(column, value)                                                                  \
    }

static const struct {
    const char *name;
    const char *sql[3]; /* current, all, search */
} sorts[] = {{"name", VARIANTS("name", "?3 COLLATE NOCASE")},
             {"key_id", UNINDEXED("username", "?3 COLLATE NOCASE")},
             {"created", UNINDEXED("created_ms", "CAST(?3 AS INTEGER)")},
             {"updated", UNINDEXED("updated_ms", "CAST(?3 AS INTEGER)")}};

bool host_folder_sort_parse(const char *name, uint32_t *out)
{
    for (uint32_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        if (strcmp(sorts[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

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
    const char *last = "";
    char phrase[1024] = "";
    size_t variant = query->with_archived ? 1 : 0;
    if (!read_cursor(query->after, &seq, &last, err)) {
        return false;
    }
    if (query->search != NULL) {
        variant = 2;
        if (strlen(query->search) < SEARCH_MIN ||
            !host_folder_phrase(query->search, phrase, sizeof phrase)) {
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                  "--search wants 3 to 500 characters.");
        }
    }
    sqlite3_stmt *stmt = host_rows_query(
        conn, err, sorts[query->sort].sql[variant], "sssiisis", query->organization_id,
        query->folder_id, last, seq, query->limit, phrase, (int64_t)(query->with_archived ? 1 : 0),
        query->category != NULL ? query->category : "");
    return host_record_page_fill(out, conn, stmt, err);
}

void host_folder_cursor_make(const host_record_page *page, uint32_t sort,
                             char out[HOST_FOLDER_CURSOR_SIZE])
{
    size_t at = page->count - 1;
    const dph_record_row *row = &page->rows[at];
    long long seq = (long long)page->seqs[at];
    const dph_str *text = sort == 0 ? &row->title : &row->username;
    if (sort <= 1) {
        (void)snprintf(out, HOST_FOLDER_CURSOR_SIZE, "%lld:%.*s", seq, (int)text->len, text->ptr);
    } else {
        (void)snprintf(out, HOST_FOLDER_CURSOR_SIZE, "%lld:%lld", seq,
                       (long long)(sort == 2 ? row->created_ms : row->updated_ms));
    }
}
