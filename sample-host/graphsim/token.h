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

/* Adds an access token of that tenant. `audience` is the resource it is for. */
void sim_token_write(sim_world *world, const sim_tenant *tenant, bool application,
                     const char *audience, int64_t lifetime_s, sup_buffer *out);
/* Reads "Bearer <token>" (NULL: header absent). `origin` is the audience that counts besides
 * https://graph.microsoft.com. The claims are written for SIM_TOKEN_GOOD only and stay valid until
 * the next read. */
sim_token_state sim_token_read(sim_world *world, const char *authorization, const char *origin,
                               const sim_claims **out);
const char *sim_token_message(sim_token_state state);

/* Adds the tenant's next refresh token. */
void sim_token_write_refresh(sim_tenant *tenant, sup_buffer *out);
/* True for the first refresh token of the tenant and each that was issued since. */
bool sim_token_is_refresh(const sim_tenant *tenant, const char *text);

#endif
