/* SPDX-License-Identifier: Apache-2.0
 *
 * import-keys: hands keys to the plugin that takes them over: a file, into which the host does not
 * look, or what people typed into an organization's passwords. */
#include "sample-host/src/commands_match.h"
#include "sample-host/src/key_import.h"
#include "sample-host/src/viewer.h"

#include <stdio.h>

static bool add_params(const host_request *request, const char *organization,
                       const host_secret *table, host_action_params *params, host_error *err)
{
    const dph_bytes file = {table->ptr, table->len};
    const bool is_typed = host_commands_flag(request, "from_passwords");
    return host_action_add_text(params, "organization", organization, err) &&
           host_action_add_text(params, "connection", host_commands_text(request, "connection"),
                                err) &&
           host_action_add_text(params, "dry_run",
                                host_commands_flag(request, "dry_run") ? "yes" : NULL, err) &&
           host_action_add_text(params, "origin", is_typed ? "typed" : NULL, err) &&
           host_action_add(params, "file", file, DPH_PARAM_SECRET, err);
}

static long long number(const json_t *answer, const char *name)
{
    return (long long)json_integer_value(json_object_get(answer, name));
}

/* A refused line means that the file is not what somebody thinks it is: nothing of it was taken. */
static int finish(host_reply *reply, json_t *answer, bool is_typed)
{
    char text[HOST_MESSAGE_SIZE];
    bool is_dry = json_is_true(json_object_get(answer, "dry_run"));
    const long long refused = number(answer, "refused");
    if (refused > 0) {
        (void)snprintf(text, sizeof text, "Nothing was written: %lld of the %s are refused.",
                       refused, is_typed ? "passwords" : "lines");
        (void)host_commands_done(reply, answer, text);
        reply->status = DPH_E_INVALID;
        reply->exit_code = HOST_EXIT_REFUSED;
        return reply->exit_code;
    }
    int len =
        snprintf(text, sizeof text,
                 "%s: %lld new, %lld held already, %lld held with another password, which stays.",
                 is_dry && is_typed ? "No key was taken over"
                 : is_dry           ? "Nothing was written"
                                    : "Imported",
                 number(answer, "new"), number(answer, "same"), number(answer, "conflicts"));
    if (is_typed && len > 0 && (size_t)len < sizeof text) {
        (void)snprintf(text + len, sizeof text - (size_t)len,
                       " %lld passwords were opened for it: the activity log tells each as viewed.",
                       number(answer, "opened"));
    }
    return host_commands_done(reply, answer, text);
}

static bool ask(host *h, const host_request *request, const char *organization,
                const host_secret *table, json_t **out, host_error *err)
{
    host_action_params params = {.count = 0};
    const host_match_question question = {"import_keys", &params, false};
    return add_params(request, organization, table, &params, err) &&
           host_commands_match_ask(h, request, &question, out, err);
}

static bool ask_with_file(host *h, const host_request *request, const char *organization,
                          json_t **out, host_error *err)
{
    if (request->secret == NULL || request->secret->len == 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "The file is missing.");
    }
    return ask(h, request, organization, request->secret, out, err);
}

/* People know a password by its name, not by a line that it has nowhere. */
static void name_rows(json_t *answer, const json_t *names)
{
    json_t *rows = json_object_get(answer, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const json_int_t line = json_integer_value(json_object_get(row, "line"));
        const char *name =
            line >= 2 ? json_string_value(json_array_get(names, (size_t)line - 2)) : NULL;
        json_t *named = json_pack("{s:s}", "password", name != NULL ? name : "");
        (void)json_object_del(row, "line");
        (void)json_object_del(row, "device");
        (void)json_object_update(named, row);
        (void)json_array_set_new(rows, i, named);
    }
}

static bool may_open(host *h, const host_request *request, host_error *err)
{
    const host_plugin *plugin = NULL;
    if (request->secret != NULL || host_commands_text(request, "file") != NULL) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "Give a file or --from-passwords, not both.");
    }
    if (request->viewer->is_denied_passwords) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There are no passwords here.");
    }
    return host_commands_match_plugin(h, request, "import_keys", &plugin, err);
}

static bool ask_with_passwords(host *h, const host_request *request, const char *organization,
                               json_t **out, host_error *err)
{
    host_key_import found = {.names = NULL};
    bool ok =
        may_open(h, request, err) && host_key_import_collect(h, request, organization, &found, err);
    if (ok && found.table.len == 0) {
        ok = host_error_set(err, DPH_E_NOT_FOUND, 0,
                            "No password of the organization is a recovery password whose username "
                            "or name holds a Key ID.");
    }
    ok = ok && ask(h, request, organization, &found.table, out, err);
    if (ok) {
        name_rows(*out, found.names);
        (void)json_object_set_new(*out, "opened", json_integer((json_int_t)found.opened));
    }
    host_key_import_done(&found);
    return ok;
}

int host_commands_import_keys(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    json_t *answer = NULL;
    bool is_typed = host_commands_flag(request, "from_passwords");
    bool ok = host_commands_organization(h, request, host_commands_text_or_empty(request, "org"),
                                         organization, &err) &&
              (is_typed ? ask_with_passwords(h, request, organization, &answer, &err)
                        : ask_with_file(h, request, organization, &answer, &err));
    if (!ok) {
        host_commands_log_refusal(h, request, "import of keys", &err);
        return host_commands_fail(reply, &err);
    }
    return finish(reply, answer, is_typed);
}
