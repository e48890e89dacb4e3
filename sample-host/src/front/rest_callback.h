/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /signin/callback: where Microsoft's page sends a person's browser back to. Without a bearer
 * token: the one-time state in it is what shows whose it is. */
#ifndef FRONT_REST_CALLBACK_H
#define FRONT_REST_CALLBACK_H

#include "sample-host/src/command.h"

#include <microhttpd.h>

#define FRONT_REST_CALLBACK_PATH "/signin/callback"

/* Takes code and state out of the query, into guarded memory, to whoever waits for them, and
 * answers with a sentence for the person. Writes the HTTP status. */
enum MHD_Result front_rest_callback(host *h, struct MHD_Connection *connection, const char *remote,
                                    unsigned *out_status);

#endif
