/* SPDX-License-Identifier: Apache-2.0
 *
 * The login host's token endpoint. */
#ifndef SIM_SIGNIN_H
#define SIM_SIGNIN_H

#include "call.h"
#include "credential.h"

/* One token request after tenant, application and credential were found good. */
typedef struct sim_signin {
    sim_call *call;
    const sim_params *form;
    sim_tenant *home;    /* whose user signs in: the tenant itself, or a partner */
    const json_t *entry; /* what the tenant lists about that partner; NULL for its own app */
    sim_credential credential;
    bool offline; /* a refresh token is due */
    bool open_id; /* an id token is due */
    bool fresh;   /* a person was there just now, so no claims challenge is open */
} sim_signin;

/* POST /{tenant}/oauth2/v2.0/token; call->captured is the tenant segment. */
void sim_signin_token(sim_call *call);
/* Answers with the tokens for that audience. */
void sim_signin_grant(const sim_signin *signin, bool application, const char *audience);
/* Answers with an error. */
void sim_signin_refuse(const sim_signin *signin, int number, const char *detail);
/* The tenant that a request at /{segment}/ of this application is about: by id or domain, or for
 * common and organizations where the application is registered. NULL when there is none. */
sim_tenant *sim_signin_tenant(sim_world *world, const char *segment, const char *client);
/* GET /{tenant}/v2.0/.well-known/openid-configuration */
void sim_signin_openid(sim_call *call);

#endif
