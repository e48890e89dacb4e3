/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor: what is wrong with this host, one line per problem. */
#include "sample-host/src/action.h"
#include "sample-host/src/audit.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/key_backup.h"
#include "sample-host/src/network.h"
#include "sample-host/src/ticks.h"

#include <stdio.h>
#include <string.h>

static void tell(json_t *rows, const char *what, const char *subject, const char *text)
{
    (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "what", what, "organization",
                                                "", "subject", subject, "text", text));
}

/* One line of what keeps connections from syncing. */
static void tell_line(json_t *rows, const char *connection, const json_t *problem)
{
    static const char *const names[] = {"severity", "code", "what", "hides", "who"};
    json_t *row = json_pack("{s:s}", "connection", connection);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = json_string_value(json_object_get(problem, names[i]));
        (void)json_object_set_new(row, names[i], json_string(text != NULL ? text : ""));
    }
    (void)json_array_append_new(rows, row);
}

/* What is wrong with this host, in the same shape as a connection's problems. */
static void tell_host_lines(const json_t *found, json_t *rows)
{
    for (size_t i = 0; i < json_array_size(found); i++) {
        const json_t *row = json_array_get(found, i);
        json_t *problem = json_pack(
            "{s:s,s:O,s:O,s:s,s:s}", "severity", "warning", "code", json_object_get(row, "what"),
            "what", json_object_get(row, "text"), "hides", "", "who", "The host's administrator.");
        tell_line(rows, "", problem);
        json_decref(problem);
    }
}

/* A connection that could not even be looked at. */
static void tell_unchecked(const host_tick_report *report, json_t *rows)
{
    json_t *problem =
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "severity", "error", "code", "unchecked", "what",
                  report->problem.message, "hides", "What else keeps it from syncing is not known.",
                  "who", "The host's administrator.");
    tell_line(rows, report->unit.id, problem);
    json_decref(problem);
}

static bool look_at_units(host *h, const host_request *request, json_t *rows, host_error *err)
{
    host_ticks_order order = {.request = request, .is_check = true};
    host_tick_report *reports = NULL;
    size_t count = 0;
    if (!host_ticks_run(h, &order, &reports, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (reports[i].result.outcome != DPH_OUTCOME_DONE) {
            tell_unchecked(&reports[i], rows);
        }
    }
    host_ticks_free_reports(reports, count);
    return true;
}

static void take_connection(const json_t *connection, json_t *rows)
{
    const char *id = json_string_value(json_object_get(connection, "connection"));
    const json_t *problems = json_object_get(connection, "problems");
    for (size_t i = 0; i < json_array_size(problems); i++) {
        tell_line(rows, id != NULL ? id : "", json_array_get(problems, i));
    }
}

/* Looks at every connection, then asks the plugins what they found. */
static bool check_connections(host *h, const host_request *request, json_t *rows, host_error *err)
{
    bool ok = look_at_units(h, request, rows, err);
    for (size_t i = 0; ok && i < h->plugin_count; i++) {
        const host_plugin *plugin = h->plugins[i];
        host_action_params params = {.count = 0};
        json_t *answer = NULL;
        host_call call;
        if (plugin->action == NULL || !host_action_has(plugin, "doctor_findings")) {
            continue;
        }
        host_call_for_request(&call, h, request, "");
        ok = host_action_invoke(plugin, &call, "doctor_findings", &params, &answer, err);
        const json_t *list = json_object_get(answer, "connections");
        for (size_t k = 0; ok && k < json_array_size(list); k++) {
            take_connection(json_array_get(list, k), rows);
        }
        json_decref(answer);
    }
    return ok;
}

static void check_network(const host *h, json_t *rows)
{
    host_network network;
    host_error err = {0};
    if (!host_network_load(h, &network, &err)) {
        tell(rows, "network", "", err.message);
        return;
    }
    if (!host_network_check("http_ca_file", network.ca_file, &err)) {
        tell(rows, "network", "http_ca_file", err.message);
    }
    host_network_done(&network);
}

static void check_host(host *h, json_t *rows)
{
    char journal[PATH_MAX + 16];
    host_keyring_facts facts;
    host_keyring_describe(h->keyring, &facts);
    if (host_file_lies_inside(facts.path, h->dir)) {
        tell(rows, "key-file", facts.path,
             "The root key file lies inside the data directory: whoever copies the one has both.");
    }
    host_key_backup_note note = {.is_made = false};
    host_error unread = {0};
    if (!host_key_backup_read_note(h->dir, &note, &unread)) {
        tell(rows, "key-backup", "", unread.message);
    } else if (note.is_made && note.counter < facts.counter) {
        tell(rows, "key-backup", facts.path,
             "The newest backup of the key file is older than its newest key.");
    }
    if (host_audit_journal_path(h, journal, sizeof journal) && host_file_exists(journal)) {
        tell(rows, "journal", journal,
             "This journal of keys that were read without the host was not taken over: it was "
             "altered, was being written at the start, or no plugin takes it.");
    }
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (h->plugins[i]->instance == NULL) {
            tell(rows, "plugin", h->plugins[i]->id, h->plugins[i]->problem);
        }
    }
    check_network(h, rows);
}

json_t *host_commands_organization_name(host *h, const char *id)
{
    char name[512] = "";
    host_error ignored = {0};
    host_conn *conn = id != NULL && id[0] != '\0' ? host_db_read_begin(h->db, &ignored) : NULL;
    if (conn != NULL) {
        (void)host_rows_text(conn, &ignored, (host_rows_space){name, sizeof name},
                             "SELECT name FROM organizations WHERE id=?", "s", id);
        host_db_read_end(h->db, conn);
    }
    return json_string(name[0] != '\0' ? name : id != NULL ? id : "");
}

static void add_problems(host *h, const json_t *answer, json_t *rows)
{
    const json_t *problems = json_object_get(answer, "problems");
    json_int_t count = json_integer_value(json_object_get(answer, "problem_count"));
    for (size_t i = 0; i < json_array_size(problems); i++) {
        json_t *problem = json_array_get(problems, i);
        (void)json_object_set_new(
            problem, "organization",
            host_commands_organization_name(
                h, json_string_value(json_object_get(problem, "organization_id"))));
        (void)json_array_append(rows, problem);
    }
    if ((size_t)count > json_array_size(problems)) {
        char text[64];
        (void)snprintf(text, sizeof text, "%lld more problems.",
                       (long long)count - (long long)json_array_size(problems));
        tell(rows, "more", "", text);
    }
}

static bool check_state(host *h, const host_request *request, json_t *rows, json_t *body,
                        host_error *err)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        const host_plugin *plugin = h->plugins[i];
        host_action_params params = {.count = 0};
        json_t *answer = NULL;
        host_call call;
        if (plugin->action == NULL || !host_action_has(plugin, "doctor_state")) {
            continue;
        }
        host_call_for_request(&call, h, request, "");
        call.abi.deadline_ns = 0; /* it opens everything */
        if (!host_action_invoke(plugin, &call, "doctor_state", &params, &answer, err)) {
            return false;
        }
        add_problems(h, answer, rows);
        (void)json_object_del(answer, "problems");
        (void)json_object_set_new(body, plugin->id, answer);
    }
    return true;
}

/* A note is worth knowing and no problem. */
static size_t count_problems(const json_t *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *severity =
            json_string_value(json_object_get(json_array_get(rows, i), "severity"));
        count += severity == NULL || strcmp(severity, "note") != 0;
    }
    return count;
}

int host_commands_doctor(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const bool is_state = host_commands_flag(request, "state");
    json_t *found = json_array();
    check_host(h, found);
    json_t *rows = is_state ? json_incref(found) : json_array();
    json_t *body = host_commands_rows(rows);
    if (!is_state) {
        tell_host_lines(found, rows);
    }
    json_decref(found);
    if (!(is_state ? check_state(h, request, rows, body, &err)
                   : check_connections(h, request, rows, &err))) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    size_t count = count_problems(rows);
    if (count == 0) {
        return host_commands_done(reply, body, "");
    }
    reply->body = body;
    (void)host_error_set(&err, DPH_E_CORRUPT, 0, "%zu problem%s.", count, count == 1 ? "" : "s");
    return host_commands_fail(reply, &err);
}
