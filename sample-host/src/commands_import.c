/* SPDX-License-Identifier: Apache-2.0
 *
 * import-keys: hands a file to the plugin that takes keys over. The host does not look into it. */
#include "sample-host/src/commands_match.h"

#include <stdio.h>

static bool add_params(const host_request *request, const char *organization,
                       host_action_params *params, host_error *err)
{
    if (request->secret == NULL || request->secret->len == 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "The file is missing.");
    }
    const dph_bytes file = {request->secret->ptr, request->secret->len};
    return host_action_add_text(params, "organization", organization, err) &&
           host_action_add_text(params, "connection", host_commands_text(request, "connection"),
                                err) &&
           host_action_add_text(params, "dry_run",
                                host_commands_flag(request, "dry_run") ? "yes" : NULL, err) &&
           host_action_add(params, "file", file, DPH_PARAM_SECRET, err);
}

static long long number(const json_t *answer, const char *name)
{
    return (long long)json_integer_value(json_object_get(answer, name));
}

/* A refused line means that the file is not what somebody thinks it is: nothing of it was taken. */
static int finish(host_reply *reply, json_t *answer)
{
    char text[HOST_MESSAGE_SIZE];
    bool is_dry = json_is_true(json_object_get(answer, "dry_run"));
    const long long refused = number(answer, "refused");
    if (refused > 0) {
        (void)snprintf(text, sizeof text, "Nothing was written: %lld of the lines are refused.",
                       refused);
        (void)host_commands_done(reply, answer, text);
        reply->status = DPH_E_INVALID;
        reply->exit_code = HOST_EXIT_REFUSED;
        return reply->exit_code;
    }
    (void)snprintf(text, sizeof text,
                   "%s: %lld new, %lld held already, %lld held with another password, which stays.",
                   is_dry ? "Nothing was written" : "Imported", number(answer, "new"),
                   number(answer, "same"), number(answer, "conflicts"));
    return host_commands_done(reply, answer, text);
}

int host_commands_import_keys(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_action_params params = {.count = 0};
    const host_match_question question = {"import_keys", &params, false};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    json_t *answer = NULL;
    bool ok = host_commands_organization(h, request, host_commands_text_or_empty(request, "org"),
                                         organization, &err) &&
              add_params(request, organization, &params, &err) &&
              host_commands_match_ask(h, request, &question, &answer, &err);
    if (!ok) {
        host_commands_log_refusal(h, request, "import of keys", &err);
        return host_commands_fail(reply, &err);
    }
    return finish(reply, answer);
}
