/* SPDX-License-Identifier: Apache-2.0
 *
 * Error answers in the dialects of Graph's services and of the login host. */
#ifndef SIM_ERRORS_H
#define SIM_ERRORS_H

#include "http.h"
#include "world.h"

/* Graph's ordinary form: {"error":{"code","message","innerError"}}. Replaces the answer. */
void sim_errors_graph(sim_world *world, sim_response *response, int status, const char *code,
                      const char *message);
/* Intune's 403: the message is itself JSON text that names the missing scope. */
void sim_errors_intune_scope(sim_world *world, sim_response *response, const char *scope);
/* The login host's form for an AADSTS number; `detail` (may be NULL) stands for the table's text.
 * An unknown number becomes a plain invalid_request. */
void sim_errors_aadsts(sim_world *world, sim_response *response, int number, const char *detail);
/* The 401 that asks for a token whose request named an nbf of at least that second. */
void sim_errors_challenge(sim_world *world, sim_response *response, int64_t nbf_s);
/* Replaces Retry-After, in the style that the switch tells. */
void sim_errors_retry_after(sim_world *world, sim_response *response, int64_t seconds);
/* An error by the name a fault rule uses: "throttled", "no_intune", "bitlocker_403",
 * "directory_403", "intune_403", "intune_401", "intune_rbac", "intune_license", "expired", "cae",
 * "identity_not_found", "unavailable", "gateway_timeout", "bandwidth", "throttled_old", "internal",
 * "page_token" or "token:<AADSTS number>". False, and the answer untouched, for any other. */
bool sim_errors_named(sim_world *world, sim_response *response, const char *name);

#endif
