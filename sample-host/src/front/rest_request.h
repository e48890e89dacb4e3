/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP request from its first header to its log line. Checks everything that needs no body
 * before the body is read. */
#ifndef FRONT_REST_REQUEST_H
#define FRONT_REST_REQUEST_H

#include "sample-host/src/command.h"
#include "sample-host/src/front/address.h"
#include "sample-host/src/front/rest_stats.h"

#include <microhttpd.h>
#include <stdatomic.h>

/* What all requests share. */
typedef struct front_rest_shared {
    host *h;
    front_address address;
    front_rest_stats stats;
    atomic_uint slow; /* requests to the network that run now */
    atomic_bool stopping;
} front_rest_shared;

/* The library's callbacks; `context` is a front_rest_shared. */
enum MHD_Result front_rest_request_handle(void *context, struct MHD_Connection *connection,
                                          const char *url, const char *method, const char *version,
                                          const char *upload, size_t *upload_size, void **slot);
void front_rest_request_end(void *context, struct MHD_Connection *connection, void **slot,
                            enum MHD_RequestTerminationCode why);
/* Leaves escapes as they are: paths are cut at '/' before theirs are resolved. */
size_t front_rest_request_keep(void *context, struct MHD_Connection *connection, char *text);

#endif
