/* SPDX-License-Identifier: Apache-2.0
 *
 * From argv to one command with its arguments. Pure: reads no file, prints nothing, knows no
 * command by name. */
#ifndef FRONT_OPTIONS_H
#define FRONT_OPTIONS_H

#include "sample-host/src/command.h"

/* The commands to choose from: the core's table and those that are fronts themselves. */
typedef struct front_table {
    const host_command *commands;
    size_t count;
    const host_command *extra; /* one more, or NULL */
} front_table;

typedef struct front_options {
    const char *data_dir; /* all four point into argv; NULL when not given */
    const char *key_file;
    const char *passphrase_file; /* "-" = standard input */
    const char *as_user;
    bool json;
    bool help;
    bool version;
    const host_command *command; /* NULL when none was named */
    json_t *args;                /* object, owned */
} front_options;

/* The command at `index` (the extra one last), or NULL behind the end. */
const host_command *front_options_at(const front_table *table, size_t index);
/* Reads `words`, argv without the program's name, up to its NULL. On failure (DPH_E_INVALID, with
 * one sentence that repeats no value) *out is set as far as it was understood, so that the usage of
 * the right command can be shown. End *out with front_options_done in either case. */
bool front_options_parse(const front_table *table, char *const *words, front_options *out,
                         host_error *err);
/* Drops the arguments. NULL-safe. */
void front_options_done(front_options *options);

#endif
