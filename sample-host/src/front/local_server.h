/* SPDX-License-Identifier: Apache-2.0
 *
 * Serves DIR/socket: one thread per connection, one request per connection, for this process's own
 * user and root, who act as the local administrator. */
#ifndef FRONT_LOCAL_SERVER_H
#define FRONT_LOCAL_SERVER_H

#include "sample-host/src/command.h"

typedef struct front_local_server front_local_server;

/* Starts listening on its own thread. `h` must outlive the server. */
bool front_local_server_start(host *h, front_local_server **out, host_error *err);
/* Cancels what runs, waits for it, removes the socket. NULL-safe. */
void front_local_server_stop(front_local_server *server);

#endif
