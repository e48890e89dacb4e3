/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener: HTTP/1.1 and HTTP/2 (by upgrade and by prior knowledge) on 127.0.0.1. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "options.h"
#include "world.h"

typedef struct sim_server sim_server;

/* Binds 127.0.0.1:port (0: any free port). With `tls`, a folder (tls.h), it serves HTTPS, both
 * versions of HTTP by ALPN, or with `http1` the older alone. NULL, with one sentence in `err`, when
 * that fails. The world must outlive the server. One server per process. */
sim_server *sim_server_new(sim_world *world, const sim_options *options, char err[256]);
uint16_t sim_server_port(const sim_server *server);
/* Serves until SIGTERM or SIGINT. */
void sim_server_run(sim_server *server);
/* NULL-safe. */
void sim_server_free(sim_server *server);

#endif
