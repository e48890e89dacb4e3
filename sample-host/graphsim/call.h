/* SPDX-License-Identifier: Apache-2.0
 *
 * One request on its way through a handler. */
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "http.h"
#include "params.h"
#include "route.h"
#include "token.h"
#include "world.h"

typedef struct sim_call {
    sim_world *world;
    const sim_request *request;
    sim_response *response;
    sim_route route;
    char path[512];     /* decoded, without query */
    char version[8];    /* "v1.0" or "beta"; "" outside Graph */
    char captured[256]; /* what stood for the first {} of the route */
    char second[128];   /* and for the second */
    sim_params query;
    sim_tenant *tenant; /* NULL when none is named or signed in */
    sim_token_state token;
    const sim_claims *claims; /* of a good token, else NULL */
    bool secret;              /* the answer holds a recovery password or a token */
} sim_call;

#endif
