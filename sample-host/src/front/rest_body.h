/* SPDX-License-Identifier: Apache-2.0
 *
 * A request's body while it comes in, in guarded memory because it may hold a secret, and its way
 * to a command's arguments. */
#ifndef FRONT_REST_BODY_H
#define FRONT_REST_BODY_H

#include "sample-host/src/command.h"

#define FRONT_REST_BODY_MAX 1048576u

/* Appends; false when the body becomes longer than FRONT_REST_BODY_MAX or memory runs out. Starts
 * from an all-zero secret; end it with host_secret_done. */
bool front_rest_body_add(host_secret *body, const char *bytes, size_t len);
/* Takes a secret out of the body into *out_secret (empty when there is none, ended by
 * host_secret_done) and puts all other members into `args`. An empty body is an empty object. Fails
 * with DPH_E_INVALID; messages name members of the command's table only. Wipes the body. */
bool front_rest_body_read(host_secret *body, const host_command *command, json_t *args,
                          host_secret *out_secret, host_error *err);

#endif
