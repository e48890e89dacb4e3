/* SPDX-License-Identifier: Apache-2.0
 *
 * Key lookups: the index on Key IDs answers what starts with the part, the text index the rest. */
#include "sample-host/src/key_lookup.h"

#include "sample-host/src/folder_page.h"

#include "support/guid.h"

#include <stdio.h>
#include <string.h>

#define PART_MAX 64
#define SURE_LEN 8    /* so long a start of a Key ID is no accident elsewhere */
#define PHRASE_LEN 12 /* the text index gets slower, not better, with longer phrases */

/* Parameters 1 and 2 are what the viewer sees. */
#define SEEN HOST_VIEWER_SEES("p.organization_id", 1) " AND " HOST_VIEWER_SHOWN("p.guard_owner", 2)
#define VISIBLE                                                                                    \
    " LEFT JOIN folders f ON f.id=p.folder_id"                                                     \
    " WHERE p.guard_owner<>'' AND coalesce(f.hidden,0)=0 AND " SEEN

static const char start_sql[] = HOST_RECORD_SELECT VISIBLE
    " AND p.username>=?3 AND p.username<?4 ORDER BY p.username, p.seq LIMIT 1001";
static const char inside_sql[] = HOST_RECORD_SELECT VISIBLE
    " AND p.seq IN (SELECT rowid FROM passwords_text WHERE username MATCH ?3)"
    " AND instr(lower(p.username), ?4)>0 ORDER BY p.username, p.seq LIMIT 1001";
static const char key_sql[] =
    HOST_RECORD_SELECT VISIBLE " AND p.username=?3 ORDER BY p.seq LIMIT 1001";
static const char id_sql[] = HOST_RECORD_SELECT
    " LEFT JOIN folders f ON f.id=p.folder_id WHERE p.id=?3 AND coalesce(f.hidden,0)=0 AND " SEEN
    " AND " HOST_VIEWER_OPEN("p.folder_id", 4);

/* Lower case, without blanks and braces at the ends. */
static bool clean_part(const char *part, char out[PART_MAX], host_error *err)
{
    size_t len = 0;
    while (*part == ' ' || *part == '{') {
        part++;
    }
    for (; *part != '\0' && len + 1 < PART_MAX; part++) {
        out[len++] = *part >= 'A' && *part <= 'Z' ? (char)(*part - 'A' + 'a') : *part;
    }
    while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '}')) {
        len--;
    }
    out[len] = '\0';
    if (len < HOST_KEY_PART_MIN || *part != '\0') {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "Give at least %d characters of a Key ID, at most 36.",
                              HOST_KEY_PART_MIN);
    }
    return true;
}

static bool look_inside(host_conn *conn, const host_viewer *viewer, const char *part,
                        host_record_page *out, host_error *err)
{
    char piece[PHRASE_LEN + 1];
    char phrase[2 * PHRASE_LEN + 3];
    (void)snprintf(piece, sizeof piece, "%.*s", PHRASE_LEN, part);
    if (!host_folder_phrase(piece, phrase, sizeof phrase)) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "That is no part of a Key ID.");
    }
    sqlite3_stmt *stmt =
        host_rows_query(conn, err, inside_sql, "ssss", host_viewer_organizations(viewer),
                        host_viewer_hidden(viewer), phrase, part);
    return host_record_page_fill(out, conn, stmt, err);
}

bool host_key_lookup_part(host_conn *conn, const host_viewer *viewer, const char *part,
                          host_record_page *out, host_error *err)
{
    char clean[PART_MAX];
    char end[PART_MAX + 2];
    if (!clean_part(part, clean, err)) {
        return false;
    }
    /* The text index finds what starts with the part too: only one of the two is asked. */
    if (strlen(clean) >= SURE_LEN) {
        (void)snprintf(end, sizeof end, "%s\x7f", clean);
        sqlite3_stmt *stmt =
            host_rows_query(conn, err, start_sql, "ssss", host_viewer_organizations(viewer),
                            host_viewer_hidden(viewer), clean, end);
        if (!host_record_page_fill(out, conn, stmt, err)) {
            return false;
        }
        if (out->count > 0) {
            return true;
        }
    }
    return look_inside(conn, viewer, clean, out, err);
}

bool host_key_lookup_exact(host_conn *conn, const host_viewer *viewer, const char *key,
                           host_record_page *out, host_error *err)
{
    sup_guid guid;
    char text[SUP_GUID_TEXT_LEN + 1];
    sqlite3_stmt *stmt = NULL;
    if (sup_guid_parse(key, strlen(key), &guid)) {
        sup_guid_format(&guid, text);
        stmt = host_rows_query(conn, err, key_sql, "sss", host_viewer_organizations(viewer),
                               host_viewer_hidden(viewer), text);
    } else {
        stmt = host_rows_query(conn, err, id_sql, "ssss", host_viewer_organizations(viewer),
                               host_viewer_hidden(viewer), key, host_viewer_closed(viewer));
    }
    if (!host_record_page_fill(out, conn, stmt, err)) {
        return false;
    }
    return out->count > 0
               ? true
               : host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no record \"%.80s\".", key);
}
