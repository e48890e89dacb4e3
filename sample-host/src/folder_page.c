/* SPDX-License-Identifier: Apache-2.0
 *
 * Folder pages. A cursor is "seq:name" of the last row seen. */
#include "sample-host/src/folder_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_MIN 3
#define SEARCH_MAX 500

/* 1 organization, 2 folder, 3 last value and 4 last seq of the page before, 5 limit, 6 what the
 * text index is asked, 7 archived ones too, 8 category, 9 pattern that sorts out what the text
 * index found too much. The plus signs keep the planner from walking the folder's index and asking
 * the text index about every row of it. */
#define FILTERS                                                                                    \
    " AND (?8='' OR +p.category=?8 COLLATE NOCASE) AND (?9='' OR p.name LIKE ?9 ESCAPE '\\' OR"    \
    " p.username LIKE ?9 ESCAPE '\\')"
#define CURRENT(column, value)                                                                     \
    HOST_RECORD_SELECT " WHERE p.organization_id=?1 AND p.folder_id=?2 AND p.archived=0 AND"       \
                       " ?6='' AND ?7=0 AND (p." column ", p.seq)>(" value ", ?4)" FILTERS         \
                       " ORDER BY p." column ", p.seq LIMIT ?5"
#define ALL(column, value)                                                                         \
    HOST_RECORD_SELECT                                                                             \
    " WHERE p.organization_id=?1 AND p.folder_id=?2 AND ?6='' AND ?7=1 AND (p." column             \
    ", p.seq)>(" value ", ?4)" FILTERS " ORDER BY p." column ", p.seq LIMIT ?5"
#define SEARCH(column, value)                                                                      \
    HOST_RECORD_SELECT                                                                             \
    " WHERE p.seq IN (SELECT rowid FROM passwords_text WHERE passwords_text"                       \
    " MATCH ?6) AND +p.organization_id=?1 AND +p.folder_id=?2 AND (p.archived=0"                   \
    " OR ?7) AND (+p." column ", p.seq)>(" value ", ?4)" FILTERS " ORDER BY p." column             \
    ", p.seq LIMIT ?5"
#define VARIANTS(column, value)                                                                    \
    {                                                                                              \
        CURRENT(column, value), ALL(column, value), SEARCH(column, value)                          \
    }

static const struct {
    const char *name;
    const char *sql[3]; /* current, all, search */
} sorts[] = {{"name", VARIANTS("name", "?3 COLLATE NOCASE")},
             {"key_id", VARIANTS("username", "?3 COLLATE NOCASE")},
             {"created", VARIANTS("created_ms", "CAST(?3 AS INTEGER)")},
             {"updated", VARIANTS("updated_ms", "CAST(?3 AS INTEGER)")}};

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

/* What a folder is searched for: the text index's question and the pattern of the rows. */
typedef struct searched {
    char phrase[1536];
    char pattern[1024];
} searched;

static bool is_ascii(const char *text)
{
    while (*text != '\0' && ((unsigned char)*text & 0x80U) == 0) {
        text++;
    }
    return *text == '\0';
}

static void make_pattern(const char *text, char *out)
{
    size_t used = 0;
    out[used++] = '%';
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '_' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    out[used++] = '%';
    out[used] = '\0';
}

/* Walking the places of letters costs far more than what the letters are: so each three of them are
 * asked for by themselves, and the pattern looks at the few rows that have them all. */
static bool make_search(const char *text, searched *out)
{
    size_t len = strlen(text);
    size_t used = 0;
    if (len < SEARCH_MIN || len > SEARCH_MAX) {
        return false;
    }
    if (!is_ascii(text)) {
        return host_folder_phrase(text, out->phrase, sizeof out->phrase);
    }
    for (size_t at = 0; at < len; at += SEARCH_MIN) {
        char three[SEARCH_MIN + 1] = "";
        memcpy(three, text + (at + SEARCH_MIN <= len ? at : len - SEARCH_MIN), SEARCH_MIN);
        if (used > 0) {
            out->phrase[used++] = ' ';
        }
        if (!host_folder_phrase(three, out->phrase + used, sizeof out->phrase - used)) {
            return false;
        }
        used += strlen(out->phrase + used);
    }
    make_pattern(text, out->pattern);
    return true;
}

bool host_folder_page(host_conn *conn, const host_folder_query *query, host_record_page *out,
                      host_error *err)
{
    int64_t seq = 0;
    const char *last = "";
    searched search = {.phrase = ""};
    size_t variant = query->with_archived ? 1 : 0;
    if (!read_cursor(query->after, &seq, &last, err)) {
        return false;
    }
    if (query->search != NULL) {
        variant = 2;
        if (!make_search(query->search, &search)) {
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                  "--search wants 3 to 500 characters.");
        }
    }
    sqlite3_stmt *stmt =
        host_rows_query(conn, err, sorts[query->sort].sql[variant], "sssiisiss",
                        query->organization_id, query->folder_id, last, seq, query->limit,
                        search.phrase, (int64_t)(query->with_archived ? 1 : 0),
                        query->category != NULL ? query->category : "", search.pattern);
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
