/* SPDX-License-Identifier: Apache-2.0
 *
 * Access tokens in the shape of unsigned JSON Web Tokens, and refresh tokens. */
#ifndef SIM_TOKEN_H
#define SIM_TOKEN_H

#include "world.h"

/* Why a token was refused; the text is Graph's message. */
typedef enum sim_token_state {
    SIM_TOKEN_GOOD,
    SIM_TOKEN_MISSING,
    SIM_TOKEN_MALFORMED,
    SIM_TOKEN_EXPIRED,
    SIM_TOKEN_WRONG_AUDIENCE,
    SIM_TOKEN_UNKNOWN_TENANT,
    SIM_TOKEN_STATE_COUNT
} sim_token_state;

/* What an access token says. */
typedef struct sim_token_facts {
    const sim_tenant *tenant;
    const char *app_id;
    bool application;
    int credential;          /* 0 none, 1 secret, 2 certificate */
    const char *permissions; /* scopes or roles, one space between */
    const json_t *wids;      /* NULL: Helpdesk Administrator */
    const sim_tenant *home;  /* whose user signed in */
    const char *audience;
    int64_t lifetime_s;
    bool cae;
    int64_t asked_s; /* nbf of the claims parameter */
} sim_token_facts;

/* What a token of the tenant's own app says, for that audience. */
sim_token_facts sim_token_own(const sim_tenant *tenant, bool application, const char *audience);
/* Adds the access token. */
void sim_token_write(sim_world *world, const sim_token_facts *facts, sup_buffer *out);
/* Reads "Bearer <token>" (NULL: header absent). `origin` is the audience that counts besides
 * https://graph.microsoft.com. The claims are written for SIM_TOKEN_GOOD only and stay valid until
 * the next read. */
sim_token_state sim_token_read(sim_world *world, const char *authorization, const char *origin,
                               const sim_claims **out);
const char *sim_token_message(sim_token_state state);

/* Adds the tenant's next refresh token. */
void sim_token_write_refresh(sim_world *world, sim_tenant *tenant, sup_buffer *out);
typedef enum sim_refresh_state {
    SIM_REFRESH_UNKNOWN,
    SIM_REFRESH_GOOD,
    SIM_REFRESH_REVOKED,
    SIM_REFRESH_UNUSED_TOO_LONG
} sim_refresh_state;

/* Good are the first refresh token of the tenant and each that was issued since, for 90 days. */
sim_refresh_state sim_token_refresh_state(const sim_world *world, const sim_tenant *tenant,
                                          const char *text);

#endif
