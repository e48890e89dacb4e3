/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor: what is wrong with this host, one line per problem. */
#include "sample-host/src/action.h"
#include "sample-host/src/audit.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/key_backup.h"

#include <stdio.h>
#include <string.h>

static void tell(json_t *rows, const char *what, const char *subject, const char *text)
{
    (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "what", what, "organization",
                                                "", "subject", subject, "text", text));
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
             "altered, or no plugin takes it.");
    }
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (h->plugins[i]->instance == NULL) {
            tell(rows, "plugin", h->plugins[i]->id, h->plugins[i]->problem);
        }
    }
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

int host_commands_doctor(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    json_t *rows = json_array();
    json_t *body = host_commands_rows(rows);
    check_host(h, rows);
    if (host_commands_flag(request, "state") && !check_state(h, request, rows, body, &err)) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    size_t count = json_array_size(rows);
    if (count == 0) {
        return host_commands_done(reply, body, "");
    }
    reply->body = body;
    (void)host_error_set(&err, DPH_E_CORRUPT, 0, "%zu problem%s.", count, count == 1 ? "" : "s");
    return host_commands_fail(reply, &err);
}
