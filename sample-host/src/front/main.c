/* SPDX-License-Identifier: Apache-2.0
 *
 * dochost: the sample documentation host. Chooses between help, server and one command. */
#include "sample-host/src/base/json_memory.h"
#include "sample-host/src/front/run.h"
#include "sample-host/src/front/serve.h"
#include "sample-host/src/front/usage.h"

#include <stdio.h>

#define HELP_MAX 65536

static int show_help(const front_table *table, const host_command *command, FILE *where)
{
    sup_buffer text;
    sup_buffer_init(&text, HELP_MAX);
    if (command != NULL)
        front_usage_command(command, &text);
    else
        front_usage_all(table, &text);
    (void)fputs(sup_buffer_text(&text), where);
    sup_buffer_done(&text);
    return fflush(where) == 0 ? HOST_EXIT_DONE : HOST_EXIT_REFUSED;
}

static int run_parsed(const front_table *table, const front_options *options)
{
    host_error err;
    if (options->version) {
        (void)printf("dochost %s\n", PRODUCT_VERSION);
        return fflush(stdout) == 0 ? HOST_EXIT_DONE : HOST_EXIT_REFUSED;
    }
    if (options->help)
        return show_help(table, options->command, stdout);
    if (options->command != &front_serve_command)
        return front_run_command(options);
    int code = front_serve_run(options, &err);
    if (code != HOST_EXIT_DONE)
        front_run_complain(err.message);
    return code;
}

int main(int argc, char **argv)
{
    host_error err;
    front_options options;
    front_table table = {.extra = &front_serve_command};
    table.commands = host_commands(&table.count);
    if (!host_process_prepare(&err)) {
        front_run_complain(err.message);
        return HOST_EXIT_REFUSED;
    }
    host_json_memory_use();
    int code = HOST_EXIT_USAGE;
    if (front_options_parse(&table, argv + (argc > 0), &options, &err)) {
        code = run_parsed(&table, &options);
    } else {
        front_run_complain(err.message);
        if (options.command != NULL)
            show_help(&table, options.command, stderr);
        else
            (void)fputs("usage: dochost --data DIR COMMAND ...; see dochost --help\n", stderr);
    }
    front_options_done(&options);
    return code;
}
