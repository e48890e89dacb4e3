/* SPDX-License-Identifier: Apache-2.0
 *
 * The command "serve": owns the data directory and answers on the network, on the local socket and
 * by its own clock until told to stop. */
#ifndef FRONT_SERVE_H
#define FRONT_SERVE_H

#include "sample-host/src/front/options.h"

/* Its entry for the table of commands; its `run` is NULL. */
extern const host_command front_serve_command;
/* Serves until SIGINT or SIGTERM; returns the exit code. On failure err holds the sentence. */
int front_serve_run(const front_options *options, host_error *err);

#endif
