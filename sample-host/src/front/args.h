/* SPDX-License-Identifier: Apache-2.0
 *
 * One argument of a command, from text to the JSON object that the core reads. Shared by the
 * command line and the REST API. Knows no argv, no HTTP. */
#ifndef FRONT_ARGS_H
#define FRONT_ARGS_H

#include "sample-host/src/command.h"

#define FRONT_ARGS_NAME_SIZE 64

/* The option of that name, written with '-' or '_'; NULL when the command has none. */
const host_option *front_args_find(const host_command *command, const char *name);
/* The key under which that option stands in the arguments: '-' becomes '_'. */
void front_args_key(const host_option *option, char out[FRONT_ARGS_NAME_SIZE]);
/* Puts one value: appended for a repeated option, true for a flag (`value` is then NULL), an
 * integer or a string otherwise. Fails with DPH_E_INVALID: given twice, not a number, not UTF-8.
 * The message names the option and never the value. */
bool front_args_put(json_t *args, const host_option *option, const char *value, host_error *err);
/* Puts a JSON value, as front_args_put: null is left out, false leaves a flag out, an array is for
 * a repeated option. Fails with DPH_E_INVALID when the type does not fit. */
bool front_args_put_json(json_t *args, const host_option *option, const json_t *value,
                         host_error *err);
/* Names an option the way a person writes it: "--org", or "KEY" for one given by place. */
void front_args_spell(const host_option *option, char out[FRONT_ARGS_NAME_SIZE]);

#endif
