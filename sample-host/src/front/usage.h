/* SPDX-License-Identifier: Apache-2.0
 *
 * The help texts, made from the command table. Prints nothing itself. */
#ifndef FRONT_USAGE_H
#define FRONT_USAGE_H

#include "sample-host/src/front/options.h"
#include "support/buffer.h"

/* Appends the one-line usage of a command and one line per option. */
void front_usage_command(const host_command *command, sup_buffer *out);
/* Appends what the program is called with, and one line per command. */
void front_usage_all(const front_table *table, sup_buffer *out);

#endif
