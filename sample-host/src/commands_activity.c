/* SPDX-License-Identifier: Apache-2.0
 *
 * The activity log: list, export, and who may still know what (S1.114, S1.115). */
#include "sample-host/src/activity.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/csv.h"

#include "support/iso8601.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define DAYS_MAX 36500
#define EXPORT_MAX INT64_C(1000000)
#define EXPORT_BYTES_MAX 536870912u

/* 1 from, 2 until, 3 organization, 4 action, 5 actor, 6 category, 7 what the viewer sees, 8 what is
 * hidden, 9 limit, 10 folders that are closed to the viewer, 11 whether there are no passwords for
 * the viewer. Each variant leaves the filter that it
 * is for to an index; the plus signs keep the planner from choosing another one. Entries about
 * hidden things are not there (S1.82). */
#define PASSWORD_IS "EXISTS(SELECT 1 FROM passwords p WHERE "
#define OF_CATEGORY                                                                                \
    "(?6='' OR " PASSWORD_IS "(p.external_id=a.object_id OR p.id=a.object_id)"                     \
    " AND p.category=?6 COLLATE NOCASE))"
#define NOT_HIDDEN                                                                                 \
    "(?8 IS NULL OR (a.plugin NOT IN (SELECT value FROM json_each(?8)) AND NOT " PASSWORD_IS       \
    "p.guard_owner IN (SELECT value FROM json_each(?8)) AND p.external_id=a.object_id)"            \
    " AND NOT EXISTS(SELECT 1 FROM folders f WHERE f.id=a.object_id AND f.guard_owner IN"          \
    " (SELECT value FROM json_each(?8)))))"
#define NOT_CLOSED                                                                                 \
    "(?10 IS NULL OR (a.object_id NOT IN (SELECT value FROM json_each(?10)) AND NOT " PASSWORD_IS  \
    "p.id=a.object_id AND p.folder_id IN (SELECT value FROM json_each(?10))) AND NOT EXISTS("      \
    "SELECT 1 FROM trash t WHERE t.id=a.object_id AND t.folder_id IN (SELECT value FROM"           \
    " json_each(?10)))))"
#define NOT_DENIED                                                                                 \
    "(?11=0 OR (a.plugin='' AND a.detail<>'password' AND NOT " PASSWORD_IS                         \
    "p.id=a.object_id OR p.external_id=a.object_id) AND NOT EXISTS(SELECT 1 FROM trash t"          \
    " WHERE t.id=a.object_id)))"
#define ENTRIES(organization, action, actor)                                                       \
    "SELECT a.id, a.at_ms, a.actor, a.source, a.address, a.os_uid, coalesce(o.name,''), a.action," \
    " a.subject, a.object_id, a.detail, a.code FROM activity a LEFT JOIN organizations o"          \
    " ON o.id=a.organization_id WHERE a.at_ms>=?1 AND a.at_ms<?2 AND " organization " AND " action \
    " AND " actor " AND " OF_CATEGORY " AND " NOT_HIDDEN " AND " NOT_CLOSED " AND " NOT_DENIED     \
    " AND " HOST_VIEWER_SEES("a.organization_id", 7) " ORDER BY a.at_ms DESC, a.id DESC LIMIT ?9"

#define ANY_ORGANIZATION "(?3='' OR +a.organization_id=?3)"
#define ANY_ACTION "(?4=0 OR +a.action=?4)"
#define ANY_ACTOR "(?5='' OR +a.actor=?5)"

static const char entries_sql[] = ENTRIES(ANY_ORGANIZATION, ANY_ACTION, ANY_ACTOR);
static const char of_organization_sql[] = ENTRIES("a.organization_id=?3", ANY_ACTION, ANY_ACTOR);
static const char of_action_sql[] = ENTRIES(ANY_ORGANIZATION, "a.action=?4", ANY_ACTOR);
static const char of_actor_sql[] = ENTRIES(ANY_ORGANIZATION, ANY_ACTION, "a.actor=?5");

static const char *source_name(int64_t source)
{
    static const char *const names[] = {"unknown",      "ui",   "api",    "cli",
                                        "self-service", "tick", "plugin", "break-glass"};
    return source >= 0 && source <= DPH_SOURCE_BREAK_GLASS ? names[source] : names[0];
}

static json_t *describe_entry(sqlite3_stmt *stmt)
{
    char at[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(sqlite3_column_int64(stmt, 1), at);
    return json_pack("{s:I,s:s,s:o,s:s,s:o,s:I,s:o,s:s,s:o,s:o,s:o,s:I}", "id",
                     (json_int_t)sqlite3_column_int64(stmt, 0), "at", at, "actor",
                     host_commands_json(host_rows_str(stmt, 2)), "source",
                     source_name(sqlite3_column_int64(stmt, 3)), "address",
                     host_commands_json(host_rows_str(stmt, 4)), "os_uid",
                     (json_int_t)sqlite3_column_int64(stmt, 5), "organization",
                     host_commands_json(host_rows_str(stmt, 6)), "action",
                     host_activity_name((uint32_t)sqlite3_column_int(stmt, 7)), "subject",
                     host_commands_json(host_rows_str(stmt, 8)), "object",
                     host_commands_json(host_rows_str(stmt, 9)), "detail",
                     host_commands_json(host_rows_str(stmt, 10)), "code",
                     (json_int_t)sqlite3_column_int64(stmt, 11));
}

static bool list_entries(host_conn *conn, sqlite3_stmt *stmt, json_t *rows, host_error *err)
{
    bool row = true;
    while (stmt != NULL && row) {
        if (!host_rows_next(conn, stmt, &row, err)) {
            return false;
        }
        if (row) {
            (void)json_array_append_new(rows, describe_entry(stmt));
        }
    }
    return stmt != NULL;
}

typedef struct filter {
    int64_t from_ms;
    int64_t until_ms;
    int64_t limit;
    int64_t action;
    char organization[HOST_OBJECT_ID_SIZE];
    const char *actor;
    const char *category;
} filter;

/* A day ("2026-03-11") or an instant in ISO 8601. */
static bool read_time(const host_request *request, const char *name, int64_t *out, host_error *err)
{
    char whole[40];
    const char *text = host_commands_text(request, name);
    if (text == NULL) {
        return true;
    }
    size_t len = strlen(text);
    if (len == 10) {
        memcpy(whole, text, len);
        memcpy(whole + len, "T00:00:00Z", sizeof "T00:00:00Z");
        text = whole;
        len = strlen(whole);
    }
    return sup_iso8601_parse(text, len, out)
               ? true
               : host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                "--%s wants a day such as 2026-03-11, or a time in UTC.", name);
}

static bool read_action(const host_request *request, int64_t *out, host_error *err)
{
    const char *wanted = host_commands_text(request, "action");
    *out = 0;
    for (uint32_t i = DPH_ACTIVITY_CREATED; wanted != NULL && i <= DPH_ACTIVITY_MERGED; i++) {
        *out = strcmp(host_activity_name(i), wanted) == 0 ? (int64_t)i : *out;
    }
    return wanted == NULL || *out != 0 ? true
                                       : host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                                        "There is no action \"%.40s\".", wanted);
}

static bool read_filter(host *h, const host_request *request, filter *out, host_error *err)
{
    const char *organization = host_commands_text(request, "org");
    const int64_t days = host_commands_int(request, "days", 30);
    if (days < 0 || days > DAYS_MAX) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "--days wants 0 to %d.",
                              DAYS_MAX);
    }
    out->from_ms =
        host_commands_flag(request, "all") ? INT64_MIN : host_clock_wall_ms() - days * DAY_MS;
    out->until_ms = INT64_MAX;
    out->actor = host_commands_text_or_empty(request, "user");
    out->category = host_commands_text_or_empty(request, "category");
    return read_time(request, "since", &out->from_ms, err) &&
           read_time(request, "until", &out->until_ms, err) &&
           read_action(request, &out->action, err) &&
           (organization == NULL ||
            host_commands_organization(h, request, organization, out->organization, err));
}

static const char *choose_sql(const filter *f)
{
    if (f->organization[0] != '\0') {
        return of_organization_sql;
    }
    if (f->actor[0] != '\0') {
        return of_actor_sql;
    }
    return f->action != 0 ? of_action_sql : entries_sql;
}

static bool read_entries(host *h, const host_request *request, const filter *f, json_t *rows,
                         host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL &&
              list_entries(conn,
                           host_rows_query(conn, err, choose_sql(f), "iisissssisi", f->from_ms,
                                           f->until_ms, f->organization, f->action, f->actor,
                                           f->category, host_viewer_organizations(request->viewer),
                                           host_viewer_hidden(request->viewer), f->limit,
                                           host_viewer_closed(request->viewer),
                                           (int64_t)(request->viewer->is_denied_passwords ? 1 : 0)),
                           rows, err);
    host_db_read_end(h->db, conn);
    return ok;
}

int host_commands_activity_list(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    filter f = {.limit = host_commands_int(request, "limit", 1000), .actor = "", .category = ""};
    json_t *rows = json_array();
    if (!read_filter(h, request, &f, &err) || !read_entries(h, request, &f, rows, &err)) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

static bool write_file(const json_t *rows, bool is_json, const char *path, host_error *err)
{
    static const char *const columns[] = {"at",     "actor",  "source",       "address",
                                          "os_uid", "action", "organization", "subject",
                                          "object", "detail", "code"};
    sup_buffer text;
    char *dump = NULL;
    sup_buffer_init(&text, EXPORT_BYTES_MAX);
    if (is_json) {
        dump = json_dumps(rows, JSON_INDENT(1));
        (void)sup_buffer_add_str(&text, dump != NULL ? dump : "");
        free(dump);
    } else {
        host_csv_table(rows, columns, sizeof columns / sizeof columns[0], &text);
    }
    bool ok = sup_buffer_failed(&text)
                  ? host_error_set(err, DPH_E_TOO_LARGE, 0, "That is too much for one file.")
                  : host_file_write(path, sup_buffer_text(&text), text.len, err);
    sup_buffer_done(&text);
    return ok;
}

static bool log_export(host *h, const host_request *request, const filter *f, host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    host_activity entry = {.action = DPH_ACTIVITY_EXPORTED,
                           .organization_id = host_str(f->organization),
                           .subject = host_str("activity log")};
    return host_activity_add_alone(h, &call.abi, &entry, err);
}

/* The entry comes first: what cannot be logged is not exported. */
int host_commands_activity_export(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char path[PATH_MAX];
    filter f = {.limit = EXPORT_MAX, .actor = "", .category = ""};
    json_t *rows = json_array();
    const char *format = host_commands_text_or_empty(request, "format");
    bool is_json = strcmp(format, "json") == 0;
    bool ok =
        is_json || format[0] == '\0' || strcmp(format, "csv") == 0
            ? true
            : host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE, "--format is csv or json.");
    ok = ok && host_file_absolute(host_commands_text(request, "file"), path, sizeof path, &err) &&
         read_filter(h, request, &f, &err) && read_entries(h, request, &f, rows, &err) &&
         log_export(h, request, &f, &err) && write_file(rows, is_json, path, &err);
    json_int_t count = (json_int_t)json_array_size(rows);
    json_decref(rows);
    return ok ? host_commands_done(reply, json_pack("{s:s,s:I}", "file", path, "rows", count), "")
              : host_commands_fail(reply, &err);
}

/* What a user did to passwords; 0 is an export of all that their organization had then. */
#define DEEDS                                                                                      \
    "WITH deed(actor, action, at_ms, seq) AS (SELECT a.actor, a.action, a.at_ms, p.seq FROM"       \
    " activity a JOIN passwords p ON p.id=a.object_id OR p.external_id=a.object_id WHERE"          \
    " a.action IN (1,5,9,11,12,15,16) UNION ALL SELECT a.actor, 0, a.at_ms, p.seq FROM activity a" \
    " JOIN passwords p ON p.organization_id=a.object_id AND p.created_ms<=a.at_ms"                 \
    " WHERE a.action=9) "

/* At risk: shown to that user, not archived, and not given a new secret since. Exports hold no
 * secret. What the sync alone made or changed is nobody's doing. */
static const char risk_sql[] = DEEDS
    "SELECT d.actor, coalesce(o.name,''), p.name, p.username, p.category,"
    " sum(d.action IN (5,15)), sum(d.action=11), sum(d.action=1), sum(d.action=12),"
    " sum(d.action=16), sum(d.action IN (0,9)),"
    " max(CASE WHEN d.action IN (5,9,11,15) THEN d.at_ms ELSE 0 END),"
    " p.archived=0 AND max(CASE WHEN d.action IN (5,9,11,15) THEN d.at_ms ELSE 0 END)>"
    "coalesce(p.secret_ms, p.created_ms) FROM deed d JOIN passwords p ON p.seq=d.seq"
    " LEFT JOIN organizations o ON o.id=p.organization_id"
    " WHERE (?1='' OR d.actor=?1) AND " HOST_VIEWER_SHOWN(
        "p.guard_owner",
        2) " AND " HOST_VIEWER_OPEN("p.folder_id",
                                    3) " AND " HOST_VIEWER_SEES("p.organization_id",
                                                                4) " GROUP BY d.actor,"
                                                                   " p.seq HAVING sum(d.action NOT "
                                                                   "IN "
                                                                   "(1,12) OR p.guard_owner='')>0"
                                                                   " ORDER BY d.actor, p.name, "
                                                                   "p.seq";

int host_commands_activity_at_risk(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {
        "user",     "organization", "name",      "username",  "category", "#shown",  "#copied",
        "#created", "#updated",     "#imported", "#exported", "#last_ms", "?at_risk"};
    host_error err = {0};
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL &&
              host_commands_list(conn,
                                 host_rows_query(conn, &err, risk_sql, "ssss",
                                                 host_commands_text_or_empty(request, "user"),
                                                 host_viewer_hidden(request->viewer),
                                                 host_viewer_closed(request->viewer),
                                                 host_viewer_organizations(request->viewer)),
                                 names, sizeof names / sizeof names[0], rows, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}
