/* SPDX-License-Identifier: Apache-2.0
 *
 * One command of the command line: opens the data itself, or asks the server that owns it. */
#ifndef FRONT_RUN_H
#define FRONT_RUN_H

#include "sample-host/src/front/options.h"

/* Reads what comes by standard input, runs the command, shows the reply; returns the exit code.
 * Prints reasons to standard error. */
int front_run_command(const front_options *options);
/* "dochost: " and the sentence, cleaned, to standard error. */
void front_run_complain(const char *sentence);

#endif
