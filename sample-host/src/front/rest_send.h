/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers on their way to the HTTP library, with the headers that all of them carry. */
#ifndef FRONT_REST_SEND_H
#define FRONT_REST_SEND_H

#include "sample-host/src/command.h"
#include "sample-host/src/front/rest_answer.h"

#include <microhttpd.h>

/* Sends status and JSON; `allow` is the Allow header of a 405, or NULL. An answer without JSON (no
 * memory) ends the connection. */
enum MHD_Result front_rest_send_json(struct MHD_Connection *connection,
                                     const front_rest_answer *answer, const char *allow);
/* Sends plain text, copied. */
enum MHD_Result front_rest_send_text(struct MHD_Connection *connection, unsigned status,
                                     const char *text);
/* What an export gave, as a file of its own: its CSV, or its rows as a JSON array. */
enum MHD_Result front_rest_send_file(struct MHD_Connection *connection, const json_t *body);
/* Sends 200 with the secret as data.password. The answer lives in guarded memory that is wiped when
 * the library has sent it. */
enum MHD_Result front_rest_send_secret(struct MHD_Connection *connection,
                                       const host_secret *secret);

#endif
