/* SPDX-License-Identifier: Apache-2.0
 *
 * match: the devices of connections with their matches, and a person's word on them. The host knows
 * who may see which organization, the plugin everything else. */
#include "sample-host/src/commands_match.h"

#include "sample-host/src/action.h"
#include "sample-host/src/plugins.h"

#include <stdlib.h>
#include <string.h>

/* A Manager sees matches only where access was granted by name (S1.107). */
static char *granted_by_name(host *h, const host_viewer *viewer, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt = conn != NULL
                             ? host_rows_query(conn, err,
                                               "SELECT json_group_array(organization_id) FROM"
                                               " user_organizations WHERE user_id=?",
                                               "s", viewer->id)
                             : NULL;
    bool row = false;
    char *list = NULL;
    if (stmt != NULL && host_rows_next(conn, stmt, &row, err)) {
        const char *text = row ? host_rows_column(stmt, 0) : "[]";
        size_t size = strlen(text) + 1;
        list = malloc(size);
        if (list != NULL) {
            memcpy(list, text, size);
        } else {
            (void)host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
        }
        host_rows_done(stmt);
    }
    host_db_read_end(h->db, conn);
    return list;
}

/* Adds what the viewer may see; nothing for everything. *out_owned is to be freed after the call.
 */
static bool add_scope(host *h, const host_request *request, const host_match_question *question,
                      char **out_owned, host_error *err)
{
    const host_viewer *viewer = request->viewer;
    const char *list = host_viewer_organizations(viewer);
    *out_owned = NULL;
    if (question->by_name && viewer->role == DPH_ROLE_MANAGER && viewer->id[0] != '\0') {
        *out_owned = granted_by_name(h, viewer, err);
        list = *out_owned;
        if (list == NULL) {
            return false;
        }
    }
    return host_action_add_text(question->params, "organizations", list, err);
}

typedef struct naming {
    const char *key;  /* member that holds an id */
    const char *name; /* member that gets the name */
    const char *sql;
} naming;

static void add_name(host_conn *conn, json_t *row, const naming *to)
{
    const char *id = json_string_value(json_object_get(row, to->key));
    char name[1024] = "";
    host_error ignored = {0};
    if (id != NULL && id[0] != '\0') {
        (void)host_rows_text(conn, &ignored, (host_rows_space){name, sizeof name}, to->sql, "s",
                             id);
    }
    (void)json_object_set_new(row, to->name, json_string(name));
}

/* People know organizations and configurations by their names. */
static void add_names(host_conn *conn, json_t *row)
{
    static const naming names[] = {
        {"organization_id", "organization", "SELECT name FROM organizations WHERE id=?"},
        {"configuration_id", "configuration", "SELECT name FROM configurations WHERE id=?"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        add_name(conn, row, &names[i]);
    }
}

static void name_rows(host *h, json_t *rows)
{
    host_error ignored = {0};
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    for (size_t i = 0; conn != NULL && i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const json_t *candidates = json_object_get(row, "candidates");
        add_names(conn, row);
        for (size_t k = 0; k < json_array_size(candidates); k++) {
            add_names(conn, json_array_get(candidates, k));
        }
    }
    host_db_read_end(h->db, conn);
}

bool host_commands_match_plugin(host *h, const host_request *request, const char *action,
                                const host_plugin **out, host_error *err)
{
    const host_plugin *plugin = host_plugins_for_action(h, action, err);
    if (plugin == NULL) {
        return false;
    }
    *out = plugin;
    return host_viewer_shown(request->viewer, plugin->id) ||
           host_error_set(err, DPH_E_NOT_FOUND, 0,
                          "There is nothing: the subscription that %.60s needs is not active.",
                          plugin->id);
}

bool host_commands_match_ask(host *h, const host_request *request,
                             const host_match_question *question, json_t **out, host_error *err)
{
    host_call call;
    char *owned = NULL;
    const host_plugin *plugin = NULL;
    host_call_for_request(&call, h, request, "");
    bool ok = host_commands_match_plugin(h, request, question->action, &plugin, err) &&
              add_scope(h, request, question, &owned, err) &&
              host_action_invoke(plugin, &call, question->action, question->params, out, err);
    free(owned);
    return ok;
}

static bool add_filters(host *h, const host_request *request, host_action_params *params,
                        char organization[HOST_OBJECT_ID_SIZE], host_error *err)
{
    const char *given = host_commands_text(request, "org");
    if (given != NULL && !host_commands_organization(h, request, given, organization, err)) {
        return false;
    }
    return (given == NULL || host_action_add_text(params, "organization", organization, err)) &&
           host_action_add_text(params, "connection", host_commands_text(request, "connection"),
                                err) &&
           host_action_add_text(params, "state", host_commands_text(request, "state"), err);
}

int host_commands_match_list(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_action_params params = {.count = 0};
    const host_match_question question = {"match_list", &params, true};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    json_t *answer = NULL;
    if (!add_filters(h, request, &params, organization, &err) ||
        !host_commands_match_ask(h, request, &question, &answer, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_incref(json_object_get(answer, "rows"));
    json_decref(answer);
    name_rows(h, rows);
    host_commands_sort(rows, "device");
    return host_commands_done(reply, host_commands_rows(rows), "");
}

static const char *sentence_of(const char *action, const json_t *answer)
{
    static const struct {
        const char *action;
        const char *text;
    } sentences[] = {
        {"match_set", "Matched; the next sync puts its keys there."},
        {"match_create", "Created and matched; the next sync puts its keys there."},
        {"match_ignore", "Ignored; its keys are in nobody's folder."},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (strcmp(sentences[i].action, action) == 0) {
            return sentences[i].text;
        }
    }
    return json_integer_value(json_object_get(answer, "moved")) > 0
               ? "Taken back; its keys are in nobody's folder until somebody decides."
               : "Taken back.";
}

static int change(host *h, const host_request *request, const char *action,
                  host_action_params *params, host_reply *reply)
{
    host_error err = {0};
    const host_match_question question = {action, params, true};
    json_t *answer = NULL;
    bool ok = host_action_add_text(params, "device", host_commands_text(request, "device"), &err) &&
              host_action_add_text(params, "connection", host_commands_text(request, "connection"),
                                   &err) &&
              host_commands_match_ask(h, request, &question, &answer, &err);
    if (!ok) {
        host_commands_log_refusal(h, request, host_commands_text_or_empty(request, "device"), &err);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, answer, sentence_of(action, answer));
}

int host_commands_match_set(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_action_params params = {.count = 0};
    if (!host_action_add_text(&params, "configuration", host_commands_text(request, "config"),
                              &err)) {
        return host_commands_fail(reply, &err);
    }
    return change(h, request, "match_set", &params, reply);
}

int host_commands_match_create(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_action_params params = {.count = 0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    if (!host_commands_organization(h, request, host_commands_text_or_empty(request, "org"),
                                    organization, &err) ||
        !host_action_add_text(&params, "target", organization, &err)) {
        return host_commands_fail(reply, &err);
    }
    return change(h, request, "match_create", &params, reply);
}

int host_commands_match_ignore(host *h, const host_request *request, host_reply *reply)
{
    host_action_params params = {.count = 0};
    return change(h, request, "match_ignore", &params, reply);
}

int host_commands_match_undo(host *h, const host_request *request, host_reply *reply)
{
    host_action_params params = {.count = 0};
    return change(h, request, "match_undo", &params, reply);
}
