/* SPDX-License-Identifier: Apache-2.0
 *
 * audit: the sealed entries of plugins for administrators, whether the chains are whole, and an
 * export. */
#include "sample-host/src/action.h"
#include "sample-host/src/base/formula.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/plugins.h"

#include "support/buffer.h"
#include "support/iso8601.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT_MAX ((size_t)1 << 30)

typedef struct listing {
    host *h;
    const host_plugin *plugin;
    const host_call *call;
    const char *action; /* NULL = all */
    int64_t since_ms;
    int64_t until_ms;
    json_t *rows;
} listing;

static bool read_day(const host_request *request, const char *name, int64_t *out, host_error *err)
{
    const char *text = host_commands_text(request, name);
    char whole[48];
    if (text == NULL) {
        return true;
    }
    (void)snprintf(whole, sizeof whole, strlen(text) == 10 ? "%.30sT00:00:00Z" : "%.40s", text);
    return sup_iso8601_parse(whole, strlen(whole), out)
               ? true
               : host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                "--%s is a time such as 2026-03-11 or 2026-03-11T07:42:19Z.", name);
}

static bool is_wanted(const listing *l, const json_t *entry)
{
    const char *at = json_string_value(json_object_get(entry, "at"));
    const char *purpose = json_string_value(json_object_get(entry, "purpose"));
    const char *result = json_string_value(json_object_get(entry, "result"));
    int64_t ms = 0;
    bool fits = l->action == NULL || (result != NULL && strcmp(result, l->action) == 0) ||
                (purpose != NULL && strcmp(purpose, l->action) == 0);
    if (at == NULL) {
        return fits; /* an entry that does not open belongs into every answer */
    }
    return fits && sup_iso8601_parse(at, strlen(at), &ms) && ms >= l->since_ms && ms < l->until_ms;
}

static bool list_page(const listing *l, const char *id, const char *name, json_int_t *before,
                      host_error *err)
{
    host_action_params params = {.count = 0};
    json_t *page = NULL;
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, (int64_t)*before);
    if (!host_action_add_text(&params, "organization", id, err) ||
        !host_action_add_text(&params, "before", number, err) ||
        !host_action_invoke(l->plugin, l->call, "audit_list", &params, &page, err)) {
        return false;
    }
    json_t *entries = json_object_get(page, "entries");
    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        if (is_wanted(l, entry)) {
            (void)json_object_set_new(entry, "organization", json_string(name));
            (void)json_array_append(l->rows, entry);
        }
    }
    *before = json_integer_value(json_object_get(page, "next"));
    json_decref(page);
    return true;
}

static bool list_chain(const listing *l, const char *id, const char *name, host_error *err)
{
    json_int_t before = 0;
    bool ok = true;
    do {
        ok = list_page(l, id, name, &before, err);
    } while (ok && before > 0);
    return ok;
}

/* What has no organization may be any one's: only who sees all of them sees it. */
static bool sees_chain(const host_viewer *viewer, const char *organization_id)
{
    return organization_id != NULL && organization_id[0] != '\0'
               ? host_viewer_sees(viewer, organization_id)
               : host_viewer_organizations(viewer) == NULL;
}

/* Ids and names of the organizations that are asked for; "" is the chain of what has none. */
static bool read_organizations(host *h, const host_request *request, json_t *out, host_error *err)
{
    static const char *const names[] = {"id", "name"};
    char wanted[HOST_OBJECT_ID_SIZE] = "";
    const char *given = host_commands_text(request, "org");
    if (given != NULL && !host_commands_organization(h, request, given, wanted, err)) {
        return false;
    }
    if (given == NULL && sees_chain(request->viewer, "")) {
        (void)json_array_append_new(out, json_pack("{s:s,s:s}", "id", "", "name", ""));
    }
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt =
        conn != NULL ? host_rows_query(conn, err,
                                       "SELECT id, name FROM organizations"
                                       " WHERE (?1='' OR id=?1) AND " HOST_VIEWER_SEES(
                                           "id", 2) " ORDER BY name",
                                       "ss", wanted, host_viewer_organizations(request->viewer))
                     : NULL;
    bool ok = stmt != NULL && host_commands_list(conn, stmt, names, 2, out, err);
    host_db_read_end(h->db, conn);
    return ok;
}

static int by_time(const void *a, const void *b)
{
    const char *left = json_string_value(json_object_get(*(json_t *const *)a, "at"));
    const char *right = json_string_value(json_object_get(*(json_t *const *)b, "at"));
    return strcmp(right != NULL ? right : "~", left != NULL ? left : "~");
}

static json_t *sort_rows(json_t *rows)
{
    size_t count = json_array_size(rows);
    json_t **all = calloc(count + 1, sizeof(json_t *));
    json_t *sorted = json_array();
    for (size_t i = 0; all != NULL && i < count; i++) {
        all[i] = json_array_get(rows, i);
    }
    if (all != NULL && count > 1) {
        qsort(all, count, sizeof(json_t *), by_time);
    }
    for (size_t i = 0; all != NULL && i < count; i++) {
        (void)json_array_append(sorted, all[i]);
    }
    free(all);
    json_decref(rows);
    return sorted;
}

/* A spreadsheet takes a cell that starts so for a formula. */
static void add_cell(sup_buffer *out, const char *text)
{
    (void)sup_buffer_add_str(out, "\"");
    if (host_formula_begins(text, strlen(text))) {
        (void)sup_buffer_add_str(out, "'");
    }
    for (; *text != '\0'; text++) {
        (void)sup_buffer_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    }
    (void)sup_buffer_add_str(out, "\"");
}

static void write_csv(const json_t *rows, sup_buffer *out)
{
    static const char *const columns[] = {"at",      "organization", "seq",    "actor",  "source",
                                          "address", "os_uid",       "device", "key_id", "tenant",
                                          "purpose", "result",       "error",  "reason", "ticket"};
    const size_t count = sizeof columns / sizeof columns[0];
    for (size_t c = 0; c < count; c++) {
        (void)sup_buffer_printf(out, "%s%s", c > 0 ? "," : "", columns[c]);
    }
    (void)sup_buffer_add_str(out, "\r\n");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t c = 0; c < count; c++) {
            const json_t *value = json_object_get(json_array_get(rows, i), columns[c]);
            char number[24];
            (void)snprintf(number, sizeof number, "%" PRId64, (int64_t)json_integer_value(value));
            (void)sup_buffer_add_str(out, c > 0 ? "," : "");
            add_cell(out, json_is_integer(value)             ? number
                          : json_string_value(value) != NULL ? json_string_value(value)
                                                             : "");
        }
        (void)sup_buffer_add_str(out, "\r\n");
    }
}

static bool export_rows(const host_request *request, const json_t *rows, host_error *err)
{
    const char *format = host_commands_text_or_empty(request, "export");
    const char *path = host_commands_text(request, "out");
    if ((strcmp(format, "csv") != 0 && strcmp(format, "json") != 0) || path == NULL) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--export is csv or json, and --out names the file.");
    }
    sup_buffer csv;
    sup_buffer_init(&csv, EXPORT_MAX);
    char *json = NULL;
    if (format[0] == 'c') {
        write_csv(rows, &csv);
    } else {
        json = json_dumps(rows, JSON_INDENT(2));
        (void)sup_buffer_add_str(&csv, json != NULL ? json : "");
    }
    free(json);
    bool ok = sup_buffer_failed(&csv) || csv.len == 0
                  ? host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.")
                  : host_file_create(path, csv.ptr, csv.len, err);
    sup_buffer_done(&csv);
    return ok;
}

static bool list_all(host *h, const host_request *request, listing *l, host_error *err)
{
    json_t *organizations = json_array();
    bool ok = read_day(request, "since", &l->since_ms, err) &&
              read_day(request, "until", &l->until_ms, err) &&
              read_organizations(h, request, organizations, err);
    for (size_t i = 0; ok && i < json_array_size(organizations); i++) {
        const json_t *one = json_array_get(organizations, i);
        ok = list_chain(l, json_string_value(json_object_get(one, "id")),
                        json_string_value(json_object_get(one, "name")), err);
    }
    json_decref(organizations);
    l->rows = sort_rows(l->rows);
    return ok;
}

static int list_entries(host *h, const host_request *request, const host_plugin *plugin,
                        host_reply *reply)
{
    host_error err = {0};
    host_call call;
    host_call_for_request(&call, h, request, "");
    listing l = {.h = h,
                 .plugin = plugin,
                 .call = &call,
                 .action = host_commands_text(request, "action"),
                 .since_ms = INT64_MIN,
                 .until_ms = INT64_MAX,
                 .rows = json_array()};
    bool ok = list_all(h, request, &l, &err);
    if (ok && host_commands_text(request, "export") != NULL) {
        ok = export_rows(request, l.rows, &err);
    }
    if (!ok) {
        json_decref(l.rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(l.rows), "");
}

static json_t *name_chain(host *h, const json_t *chain)
{
    const char *id = json_string_value(json_object_get(chain, "organization_id"));
    char name[512] = "";
    host_error ignored = {0};
    if (id == NULL) {
        return json_object_get(chain, "chain") != NULL
                   ? json_incref(json_object_get(chain, "chain"))
                   : json_string("");
    }
    host_conn *conn = id[0] != '\0' ? host_db_read_begin(h->db, &ignored) : NULL;
    if (conn != NULL) {
        (void)host_rows_text(conn, &ignored, (host_rows_space){name, sizeof name},
                             "SELECT name FROM organizations WHERE id=?", "s", id);
        host_db_read_end(h->db, conn);
    }
    return json_string(id[0] == '\0' ? "(none)" : name[0] != '\0' ? name : id);
}

/* A gap that somebody answered for is shown, and breaks nothing. */
static bool is_broken(const json_t *problems)
{
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const char *kind = json_string_value(json_object_get(json_array_get(problems, i), "kind"));
        if (kind == NULL || strcmp(kind, "acknowledged") != 0) {
            return true;
        }
    }
    return false;
}

/* One row per chain, then one per problem of it. */
static void add_verdict(host *h, const json_t *chain, json_t *rows)
{
    json_t *name = name_chain(h, chain);
    const json_t *problems = json_object_get(chain, "problems");
    json_t *row = json_pack("{s:O,s:s}", "organization", name, "verdict",
                            is_broken(problems) ? "broken" : "whole");
    static const char *const copied[] = {"chain", "entries", "published", "published_at",
                                         "unpublished"};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        (void)json_object_set(row, copied[i], json_object_get(chain, copied[i]));
    }
    (void)json_array_append_new(rows, row);
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const json_t *problem = json_array_get(problems, i);
        (void)json_array_append_new(rows,
                                    json_pack("{s:O,s:O?,s:O?,s:O?,s:O?}", "organization", name,
                                              "verdict", json_object_get(problem, "kind"), "first",
                                              json_object_get(problem, "first"), "last",
                                              json_object_get(problem, "last"), "text",
                                              json_object_get(problem, "text")));
    }
    json_decref(name);
}

/* A check of all chains takes as long as they are. */
static bool survey(host *h, const host_request *request, const host_plugin *plugin,
                   const char *action, json_t **out, host_error *err)
{
    host_action_params params = {.count = 0};
    host_call call;
    bool ok = true;
    host_call_for_request(&call, h, request, "");
    call.abi.deadline_ns = 0;
    if (strcmp(action, "audit_acknowledge") == 0) {
        ok = host_action_add_text(&params, "reason", host_commands_text(request, "reason"), err) &&
             host_action_add_text(&params, "ticket", host_commands_text(request, "ticket"), err);
    }
    return ok && host_action_invoke(plugin, &call, action, &params, out, err);
}

static int verify(host *h, const host_request *request, const host_plugin *plugin,
                  host_reply *reply)
{
    host_error err = {0};
    json_t *answer = NULL;
    if (!survey(h, request, plugin, "audit_verify", &answer, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    const json_t *chains = json_object_get(answer, "chains");
    for (size_t i = 0; i < json_array_size(chains); i++) {
        const json_t *chain = json_array_get(chains, i);
        if (sees_chain(request->viewer,
                       json_string_value(json_object_get(chain, "organization_id")))) {
            add_verdict(h, chain, rows);
        }
    }
    bool is_whole = json_is_true(json_object_get(answer, "ok"));
    json_int_t foreign = json_integer_value(json_object_get(answer, "foreign_heads"));
    json_decref(answer);
    if (is_whole) {
        return host_commands_done(reply, host_commands_rows(rows), "");
    }
    reply->body = host_commands_rows(rows);
    (void)host_error_set(&err, DPH_E_CORRUPT, 0, "%s",
                         foreign > 0 ? "The file of published heads was altered, or the audit was."
                                     : "The audit is not whole.");
    return host_commands_fail(reply, &err);
}

/* What is told afterwards is what a verification tells: the gap stays in it. */
static int acknowledge(host *h, const host_request *request, const host_plugin *plugin,
                       host_reply *reply)
{
    host_error err = {0};
    json_t *answer = NULL;
    const char *reason = host_commands_text_or_empty(request, "reason");
    if (reason[strspn(reason, " \t\r\n")] == '\0') {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "--acknowledge wants a reason: --reason TEXT.");
        return host_commands_fail(reply, &err);
    }
    if (!sees_chain(request->viewer, "")) {
        (void)host_error_set(&err, DPH_E_DENIED, 0,
                             "Only who may open every organization answers for the audit.");
        return host_commands_fail(reply, &err);
    }
    if (!survey(h, request, plugin, "audit_acknowledge", &answer, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_int_t count = json_integer_value(json_object_get(answer, "acknowledged"));
    json_decref(answer);
    if (count == 0) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "No published head tells of entries that are not there.");
        return host_commands_fail(reply, &err);
    }
    return verify(h, request, plugin, reply);
}

int host_commands_audit(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const host_plugin *plugin = host_plugins_for_action(h, "audit_list", &err);
    if (plugin == NULL) {
        return host_commands_fail(reply, &err);
    }
    if (host_commands_flag(request, "acknowledge")) {
        return acknowledge(h, request, plugin, reply);
    }
    return host_commands_flag(request, "verify") ? verify(h, request, plugin, reply)
                                                 : list_entries(h, request, plugin, reply);
}
