/* SPDX-License-Identifier: Apache-2.0
 *
 * What the last tokens said, so that a busy client's token is not taken apart on every request. */
#ifndef SIM_TOKEN_CACHE_H
#define SIM_TOKEN_CACHE_H

#include "tenant.h"

#define SIM_TOKEN_CACHE_SIZE 32

typedef struct sim_claims {
    char *text;         /* the whole token */
    char *permissions;  /* one space between */
    sim_tenant *tenant; /* NULL: of no known tenant */
    int64_t expires_s;
    bool application; /* idtyp "app": permissions come from roles, else from scp */
    bool role;        /* wids hold a directory role that may read keys */
    uint32_t roles;   /* one bit per sim_role (permission.h) */
    bool cae;         /* the client takes claims challenges */
    int64_t asked_s;  /* the nbf that its token request named, 0: none */
    char user_id[64];
    char user_name[128];
    char app_id[64];
    char audience[128];
} sim_claims;

typedef struct sim_token_cache {
    sim_claims entries[SIM_TOKEN_CACHE_SIZE];
    size_t next; /* the entry to be replaced next */
} sim_token_cache;

/* NULL when the token is not there. Valid until the next put. */
const sim_claims *sim_token_cache_find(const sim_token_cache *cache, const char *text);
/* Takes over the claims' texts; returns where they are now. */
const sim_claims *sim_token_cache_put(sim_token_cache *cache, const sim_claims *claims);
void sim_token_cache_done(sim_token_cache *cache);

#endif
