/* SPDX-License-Identifier: Apache-2.0
 *
 * One command through the server that owns the data directory. */
#ifndef FRONT_CLIENT_H
#define FRONT_CLIENT_H

#include "sample-host/src/command.h"

/* Sends the request over a connected socket and fills an initialized reply; tells progress while it
 * waits. Closes `fd`. False with err when no answer came: the command may have run or not. */
bool front_client_run(int fd, const host_request *request, host_reply *reply, host_error *err);

#endif
