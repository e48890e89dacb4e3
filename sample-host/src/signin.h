/* SPDX-License-Identifier: Apache-2.0
 *
 * Sign-ins that a person has to complete: their steps, the way back from Microsoft's page, and the
 * list of a partner's customers. Knows no front. */
#ifndef HOST_SIGNIN_H
#define HOST_SIGNIN_H

#include "sample-host/src/command.h"

/* Where Microsoft's page leads back to on this server; NULL while none serves. */
const char *host_signin_callback(const host *h);
/* For `serve`, before anything is asked: that address is this. Copied. */
void host_signin_serve(host *h, const char *url);

/* One step of what waits for that tenant: a tick without a sync. When that completes a sign-in, all
 * that it reaches is tried at once. False when the step failed. */
bool host_signin_step(host *h, const host_request *request, const char *tenant, host_error *err);
/* An action of the plugin about the argument "tenant": "job_status" or "signin_cancel". *out is the
 * caller's. */
bool host_signin_act(host *h, const host_request *request, const char *action, json_t **out,
                     host_error *err);

/* Tries a connection at once, and those that its sign-in reaches: `body`, the plugin's answer about
 * it, names them as they are named in lists, however a person wrote them. NULL: nothing. */
void host_signin_wake(host *h, const json_t *body);

/* What came back from Microsoft's page; code empty = refused there. */
typedef struct host_signin_answer {
    host_secret state;
    host_secret code;
    const char *remote_address;
} host_signin_answer;
/* Takes it to the plugin and goes one step on. INVALID for everything that nobody waits for. True
 * with *out_state "done", "failed" ...; then *err may hold why it failed. */
bool host_signin_finish(host *h, const host_signin_answer *answer, json_t **out_status,
                        host_error *err);

/* Reads "tenant,organization" lines of a file: an array of {tenant, organizations, line}, one for
 * each tenant. A first line of just those words is a head. */
bool host_signin_customers(const char *path, json_t **out, host_error *err);

#endif
