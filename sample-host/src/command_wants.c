/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command wants of who calls it: how its arguments are named, and whether a secret comes
 * with them. Must not know what it does. */
#include "sample-host/src/command.h"

#include <stdio.h>
#include <string.h>

void host_command_arg_name(const host_option *option, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s", option->name);
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '-' ? '_' : *c;
    }
}

/* A tenant id is one however it is written. */
static bool is_same_id(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && (a[i] == b[i] || ((a[i] ^ b[i]) == 0x20 && (a[i] | 0x20) >= 'a' &&
                                             (a[i] | 0x20) <= 'z'))) {
        i++;
    }
    return a[i] == b[i];
}

/* A person who signs in brings none, unless the app has one of its own; neither does a customer,
 * who uses its partner's. */
static bool grant_wants_secret(const json_t *args)
{
    const char *grant = json_string_value(json_object_get(args, "grant"));
    const char *partner = json_string_value(json_object_get(args, "partner"));
    const char *tenant = json_string_value(json_object_get(args, "tenant"));
    if (json_is_true(json_object_get(args, "app_secret"))) {
        return true;
    }
    if (json_object_get(args, "customers") != NULL) {
        return false;
    }
    if (grant != NULL) {
        return strcmp(grant, "device") != 0 && strcmp(grant, "code") != 0;
    }
    return partner == NULL || (tenant != NULL && is_same_id(partner, tenant));
}

/* With a sign-in that is yet to come the app's own secret is the only one. */
bool host_command_wants_two(const host_command *command, const json_t *args)
{
    const char *grant = json_string_value(json_object_get(args, "grant"));
    return (command->flags & HOST_COMMAND_SECRET_BY_GRANT) != 0 &&
           json_is_true(json_object_get(args, "app_secret")) &&
           (grant == NULL || strcmp(grant, "refresh") == 0);
}

int host_command_wants_secret(const host_command *command, const json_t *args)
{
    bool is_asked =
        (command->flags & HOST_COMMAND_READS_SECRET) != 0 ||
        ((command->flags & HOST_COMMAND_SECRET_BY_GRANT) != 0 && grant_wants_secret(args));
    for (size_t i = 0; i < command->option_count; i++) {
        char name[64];
        const host_option *option = &command->options[i];
        host_command_arg_name(option, name, sizeof name);
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
