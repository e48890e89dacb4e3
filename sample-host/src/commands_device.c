/* SPDX-License-Identifier: Apache-2.0
 *
 * status and device safe-to-delete: what plugins know of devices. The host lists and asks; what is
 * safe is the plugin's word. */
#include "sample-host/src/action.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/viewer.h"

#include "dph/hook_sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 512u

/* What belongs to nobody is for those who see everything. */
static bool may_see(const host_request *request, const json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "organization_id"));
    const bool has_owner = id != NULL && id[0] != '\0';
    return has_owner ? host_viewer_sees(request->viewer, id)
                     : request->viewer == NULL || request->viewer->sees_all;
}

/* Returns how many rows are not for the one who asks. */
static size_t take_rows(host *h, const host_request *request, const json_t *answer, json_t *rows)
{
    size_t i;
    size_t hidden = 0;
    json_t *row;
    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        const char *id = json_string_value(json_object_get(row, "organization_id"));
        if (!may_see(request, row)) {
            hidden++;
            continue;
        }
        (void)json_object_set_new(row, "organization", host_commands_organization_name(h, id));
        (void)json_array_append(rows, row);
    }
    return hidden;
}

static const host_plugin *find_plugin(host *h, const char *action, host_error *err)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (h->plugins[i]->action != NULL && host_action_has(h->plugins[i], action)) {
            return h->plugins[i];
        }
    }
    (void)host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING,
                         "No plugin that knows devices is loaded.");
    return NULL;
}

/* One page after the other: an organization may have more devices than one answer holds. */
static bool list_status(host *h, const host_request *request, const char *organization,
                        json_t *body, host_error *err)
{
    const host_plugin *plugin = find_plugin(h, "device_status", err);
    char after[LINE_SIZE] = "";
    json_t *rows = json_object_get(body, "rows");
    do {
        host_action_params params = {.count = 0};
        json_t *answer = NULL;
        host_call call;
        if (plugin == NULL) {
            return false;
        }
        host_call_for_request(&call, h, request, organization);
        if (!host_action_add_text(&params, "organization", organization, err) ||
            !host_action_add_text(&params, "after", after, err) ||
            !host_action_invoke(plugin, &call, "device_status", &params, &answer, err)) {
            return false;
        }
        (void)take_rows(h, request, answer, rows);
        const char *next = json_string_value(json_object_get(answer, "next"));
        (void)snprintf(after, sizeof after, "%s", next != NULL ? next : "");
        if (organization[0] != '\0' || may_see(request, NULL)) {
            (void)json_object_set(body, "orphan_keys", json_object_get(answer, "orphan_keys"));
            (void)json_object_set(body, "sources", json_object_get(answer, "sources"));
        }
        json_decref(answer);
    } while (after[0] != '\0');
    return true;
}

static void say_status(const json_t *body, char *out, size_t cap)
{
    const long long orphans = (long long)json_integer_value(json_object_get(body, "orphan_keys"));
    out[0] = '\0';
    if (orphans > 0) {
        (void)snprintf(out, cap, "%lld held key%s of no known device.", orphans,
                       orphans == 1 ? " is" : "s are");
    }
}

int host_commands_status(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    char message[128];
    const char *wanted = host_commands_text(request, "org");
    const bool unmatched = host_commands_flag(request, "unmatched");
    json_t *body = host_commands_rows(json_array());
    bool ok = (wanted != NULL) != unmatched ||
              host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "status wants --org ORG or --unmatched, one of them.");
    ok = ok &&
         (wanted == NULL || host_commands_organization(h, request, wanted, organization, &err));
    ok = ok && list_status(h, request, organization, body, &err);
    if (!ok) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    host_commands_sort(json_object_get(body, "rows"), "device");
    say_status(body, message, sizeof message);
    return host_commands_done(reply, body, message);
}

/* One line for each connection of the plugin: when it was last synced, and how that ended. */
static char *describe_syncs(host *h, const host_plugin *plugin, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    if (conn == NULL) {
        return NULL;
    }
    char *text = NULL;
    json_t *rows = json_array();
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT unit || ' ' || coalesce((SELECT max(d.ended_ms) FROM sync_log d WHERE"
        " d.plugin=l.plugin AND d.unit=l.unit AND d.dry_run=0 AND d.outcome=?2), 0) || ' ' ||"
        " outcome FROM sync_log l WHERE plugin=?1 AND dry_run=0 AND id=(SELECT max(m.id) FROM"
        " sync_log m WHERE m.plugin=l.plugin AND m.unit=l.unit AND m.dry_run=0)",
        "si", plugin->id, (int64_t)DPH_OUTCOME_DONE);
    static const char *const names[] = {"line"};
    if (stmt != NULL && host_commands_list(conn, stmt, names, 1, rows, err)) {
        const size_t cap = json_array_size(rows) * LINE_SIZE + 1;
        size_t used = 0;
        text = calloc(cap, 1);
        for (size_t i = 0; text != NULL && i < json_array_size(rows); i++) {
            const char *line = json_string_value(json_object_get(json_array_get(rows, i), "line"));
            const int len = snprintf(text + used, cap - used, "%s\n", line);
            used += len > 0 && (size_t)len < cap - used ? (size_t)len : 0;
        }
    }
    json_decref(rows);
    host_db_read_end(h->db, conn);
    if (text == NULL && err->message[0] == '\0') {
        (void)host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    return text;
}

/* Another device of the same tenant that has the name, too: whoever deletes by name deletes both.
 */
static bool has_namesake(const json_t *answer, const json_t *seen)
{
    size_t i;
    const json_t *row;
    const json_t *tenant = json_object_get(seen, "tenant");
    size_t same = 0;
    json_array_foreach(json_object_get(answer, "rows"), i, row)
    {
        same += json_equal(json_object_get(row, "tenant"), tenant) ? 1 : 0;
    }
    return same > 1;
}

static bool ask_guard(host *h, const host_request *request, json_t *rows, bool *has_hidden,
                      host_error *err)
{
    const host_plugin *plugin = find_plugin(h, "device_safe_to_delete", err);
    host_action_params params = {.count = 0};
    json_t *answer = NULL;
    host_call call;
    char *synced = plugin != NULL ? describe_syncs(h, plugin, err) : NULL;
    if (synced == NULL) {
        return false;
    }
    host_call_for_request(&call, h, request, "");
    bool ok = host_action_add_text(&params, "device", host_commands_text(request, "device"), err) &&
              host_action_add_text(&params, "synced", synced, err) &&
              host_action_invoke(plugin, &call, "device_safe_to_delete", &params, &answer, err);
    if (ok) {
        size_t hidden = take_rows(h, request, answer, rows);
        *has_hidden = hidden > 0 && json_array_size(rows) == 1 &&
                      has_namesake(answer, json_array_get(rows, 0));
    }
    json_decref(answer);
    free(synced);
    return ok;
}

/* "keys-not-held, not-fresh" */
static void say_reasons(const json_t *row, char *out, size_t cap)
{
    const json_t *reasons = json_object_get(row, "reasons");
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(reasons) && used < cap; i++) {
        const char *word = json_string_value(json_array_get(reasons, i));
        const int len = snprintf(out + used, cap - used, "%s%s", i > 0 ? ", " : "", word);
        used += len > 0 ? (size_t)len : 0;
    }
}

int host_commands_device_safe_to_delete(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char reasons[256];
    json_t *rows = json_array();
    json_t *body = host_commands_rows(rows);
    const json_t *first = NULL;
    bool has_hidden = false;
    if (!ask_guard(h, request, rows, &has_hidden, &err)) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    first = json_array_get(rows, 0);
    const bool safe =
        json_array_size(rows) == 1 && !has_hidden && json_is_true(json_object_get(first, "safe"));
    (void)json_object_set_new(body, "safe", json_boolean(safe));
    if (safe) {
        return host_commands_done(reply, body, "Yes: every key of the device is held.");
    }
    reply->body = body;
    say_reasons(first, reasons, sizeof reasons);
    if (first == NULL) {
        (void)host_error_set(&err, DPH_E_NOT_FOUND, 0, "No: there is no such device.");
    } else if (json_array_size(rows) > 1) {
        (void)host_error_set(&err, DPH_E_CONFLICT, HOST_CODE_AMBIGUOUS,
                             "No: %zu devices have that name; ask by device id.",
                             json_array_size(rows));
    } else if (has_hidden) {
        (void)host_error_set(&err, DPH_E_CONFLICT, HOST_CODE_AMBIGUOUS,
                             "No: another device of that tenant has that name; ask by device id.");
    } else {
        (void)host_error_set(&err, DPH_E_CONFLICT, 0, "No: %s.", reasons);
    }
    return host_commands_fail(reply, &err);
}
