/* SPDX-License-Identifier: Apache-2.0
 *
 * Running one command of the table: arguments and rights are checked here, for every front. */
#include "sample-host/src/command.h"

#include "sample-host/src/commands.h"
#include "sample-host/src/rights.h"

#include <stdio.h>
#include <string.h>

void host_reply_init(host_reply *reply)
{
    memset(reply, 0, sizeof *reply);
}

void host_reply_done(host_reply *reply)
{
    if (reply == NULL) {
        return;
    }
    json_decref(reply->body);
    host_secret_done(&reply->secret);
    memset(reply, 0, sizeof *reply);
}

const host_command *host_command_find(const char *name)
{
    size_t count = 0;
    const host_command *commands = host_commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool has_type(const host_option *option, const json_t *value)
{
    if ((option->flags & HOST_OPTION_REPEAT) != 0) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (!json_is_string(json_array_get(value, i))) {
                return false;
            }
        }
        return json_is_array(value) && json_array_size(value) > 0;
    }
    if ((option->flags & HOST_OPTION_FLAG) != 0) {
        return json_is_boolean(value);
    }
    return (option->flags & HOST_OPTION_INT) != 0 ? json_is_integer(value) : json_is_string(value);
}

static bool check_args(const host_command *command, const json_t *args, host_error *err)
{
    size_t known = 0;
    for (size_t i = 0; i < command->option_count; i++) {
        char name[64];
        const host_option *option = &command->options[i];
        host_command_arg_name(option, name, sizeof name);
        const json_t *value = json_object_get(args, name);
        known += value != NULL ? 1 : 0;
        if (value == NULL && (option->flags & HOST_OPTION_REQUIRED) != 0) {
            return host_error_set(
                err, DPH_E_INVALID, HOST_CODE_USAGE, "%s wants %s%s.", command->name,
                (option->flags & HOST_OPTION_POSITIONAL) != 0 ? "" : "--", option->name);
        }
        if (value != NULL && !has_type(option, value)) {
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                  "The value of %s is not of its kind.", option->name);
        }
    }
    if (known != json_object_size(args)) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "%s was given something that it does not know.", command->name);
    }
    return true;
}

static bool check_needs(host *h, const host_command *command, const host_request *request,
                        host_error *err)
{
    if (h == NULL && (command->flags & HOST_COMMAND_NO_DATA) == 0) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "%s wants --data DIR.",
                              command->name);
    }
    bool has_users = h != NULL && (command->flags & HOST_COMMAND_BARE) == 0;
    if (!has_users && request->actor.as_user != NULL) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "%s knows no users: it works without the store.", command->name);
    }
    bool is_missing = request->secret == NULL || request->secret->len == 0;
    return is_missing && host_command_wants_secret(command, request->args) == HOST_SECRET_MUST
               ? host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                                "%s wants one line with the secret on standard input.",
                                command->name)
               : true;
}

/* From here on the request is the user's own: name, role and what exists for that user. */
static int run_as(host *h, const host_command *command, const host_request *request,
                  host_reply *reply)
{
    host_error err = {0};
    host_viewer viewer;
    host_request own = *request;
    if (!host_viewer_load(h, &request->actor, &viewer, &err)) {
        return host_commands_fail(reply, &err);
    }
    own.viewer = &viewer;
    own.actor.role = viewer.role;
    if (viewer.id[0] != '\0') {
        own.actor.kind = DPH_ACTOR_USER;
        own.actor.name = viewer.name;
    }
    int exit_code = HOST_EXIT_REFUSED;
    if (host_rights_check(&viewer, command->name, &err)) {
        exit_code = command->run(h, &own, reply);
    } else {
        host_commands_log_refusal(h, &own, command->name, &err);
        exit_code = host_commands_fail(reply, &err);
    }
    host_viewer_done(&viewer);
    return exit_code;
}

int host_command_run(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const host_command *command = host_command_find(request->command);
    if (command == NULL) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE, "There is no command \"%s\".",
                             request->command);
        return host_commands_fail(reply, &err);
    }
    if (!check_args(command, request->args, &err) || !check_needs(h, command, request, &err)) {
        return host_commands_fail(reply, &err);
    }
    if (h == NULL) {
        return command->run(h, request, reply);
    }
    if ((command->flags & HOST_COMMAND_WAITS) != 0) {
        return run_as(h, command, request, reply);
    }
    unsigned ticket = host_grace_enter(h->grace);
    int code = run_as(h, command, request, reply);
    host_grace_leave(h->grace, ticket);
    return code;
}
