/* SPDX-License-Identifier: Apache-2.0
 *
 * Running one command of the table: arguments and rights are checked here, for every front. */
#include "sample-host/src/command.h"

#include "sample-host/src/commands.h"

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

/* An option's name as args have it: '-' written as '_'. */
static void arg_name(const host_option *option, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s", option->name);
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : *c;
    }
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
        arg_name(option, name, sizeof name);
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

/* The one place for rights: today every actor is an administrator. */
static bool may_run(const host_request *request, host_error *err)
{
    return request->actor.role == DPH_ROLE_ADMINISTRATOR
               ? true
               : host_error_set(err, DPH_E_DENIED, 0, "Only administrators may do that.");
}

int host_command_wants_secret(const host_command *command, const json_t *args)
{
    bool is_asked = (command->flags & HOST_COMMAND_READS_SECRET) != 0;
    for (size_t i = 0; i < command->option_count; i++) {
        char name[64];
        const host_option *option = &command->options[i];
        arg_name(option, name, sizeof name);
        bool is_given = json_object_get(args, name) != NULL;
        if (is_given && (option->flags & HOST_OPTION_SPARES_SECRET) != 0) {
            return HOST_SECRET_NONE;
        }
        is_asked = is_asked || (is_given && (option->flags & HOST_OPTION_ASKS_SECRET) != 0);
    }
    if (is_asked) {
        return HOST_SECRET_MUST;
    }
    return (command->flags & HOST_COMMAND_MAY_READ_SECRET) != 0 ? HOST_SECRET_MAY
                                                                : HOST_SECRET_NONE;
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
    if (!check_args(command, request->args, &err) || !may_run(request, &err)) {
        return host_commands_fail(reply, &err);
    }
    if (h == NULL && (command->flags & HOST_COMMAND_NO_DATA) == 0) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE, "%s wants --data DIR.",
                             command->name);
        return host_commands_fail(reply, &err);
    }
    if (host_command_wants_secret(command, request->args) == HOST_SECRET_MUST &&
        (request->secret == NULL || request->secret->len == 0)) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "%s wants one line with the secret on standard input.", command->name);
        return host_commands_fail(reply, &err);
    }
    if (h == NULL || (command->flags & HOST_COMMAND_WAITS) != 0) {
        return command->run(h, request, reply);
    }
    unsigned ticket = host_grace_enter(h->grace);
    int code = command->run(h, request, reply);
    host_grace_leave(h->grace, ticket);
    return code;
}
