/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/usage.h"

#include "sample-host/src/front/args.h"

#include <string.h>

static void add_option(const host_option *option, sup_buffer *out)
{
    char name[FRONT_ARGS_NAME_SIZE];
    front_args_spell(option, name);
    bool needed = (option->flags & HOST_OPTION_REQUIRED) != 0;
    bool bare = (option->flags & (HOST_OPTION_FLAG | HOST_OPTION_POSITIONAL)) != 0;
    const char *value = option->value_name == NULL ? "VALUE" : option->value_name;
    sup_buffer_printf(out, " %s%s%s%s%s%s", needed ? "" : "[", name, bare ? "" : " ",
                      bare ? "" : value, needed ? "" : "]",
                      (option->flags & HOST_OPTION_REPEAT) != 0 ? " ..." : "");
}

static void add_option_help(const host_option *option, sup_buffer *out)
{
    char name[FRONT_ARGS_NAME_SIZE];
    if (option->help == NULL || option->help[0] == '\0')
        return;
    front_args_spell(option, name);
    sup_buffer_printf(out, "  %-18s %s\n", name, option->help);
}

void front_usage_command(const host_command *command, sup_buffer *out)
{
    bool no_data = (command->flags & HOST_COMMAND_NO_DATA) != 0;
    sup_buffer_printf(out, "usage: dochost%s %s", no_data ? "" : " --data DIR", command->name);
    for (size_t i = 0; i < command->option_count; i++)
        add_option(&command->options[i], out);
    sup_buffer_add_str(out, "\n");
    if (command->help != NULL)
        sup_buffer_printf(out, "%s\n", command->help);
    bool reads_file = (command->flags & HOST_COMMAND_READS_FILE) != 0;
    if ((command->flags & (HOST_COMMAND_READS_SECRET | HOST_COMMAND_SECRET_BY_GRANT)) != 0 &&
        !reads_file)
        sup_buffer_add_str(out, "One line on standard input holds the secret.\n");
    if ((command->flags & HOST_COMMAND_MAY_READ_SECRET) != 0)
        sup_buffer_add_str(out, "One line on standard input may hold the secret.\n");
    for (size_t i = 0; i < command->option_count; i++)
        add_option_help(&command->options[i], out);
}

void front_usage_all(const front_table *table, sup_buffer *out)
{
    sup_buffer_add_str(out, "usage: dochost --data DIR [--key-file FILE] [--passphrase-file FILE]\n"
                            "               [--json] COMMAND ...\n"
                            "       dochost COMMAND --help\n"
                            "       dochost --version\n\ncommands:\n");
    const host_command *command = NULL;
    for (size_t i = 0; (command = front_options_at(table, i)) != NULL; i++)
        sup_buffer_printf(out, "  %-20s %s\n", command->name,
                          command->help == NULL ? "" : command->help);
    sup_buffer_add_str(out, "\nExit status: 0 done, 1 refused or failed, 2 wrong usage.\n");
}
