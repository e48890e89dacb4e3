/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes or replaces the connection of one tenant: checks what a person gave, seals it, writes it.
 * Never touches the network; whether Microsoft accepts the credential shows at the next tick. */
#ifndef BKEY_CONNECT_H
#define BKEY_CONNECT_H

#include "base/ports.h"
#include "state/vault.h"
#include "support/buffer.h"
#include "usecase/busy.h"

/* Text is terminated; NULL = not given. */
typedef struct bkey_connect_request {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    bkey_busy *busy;
    const char *tenant;    /* tenant id, a GUID */
    const char *client_id; /* of the app registration, a GUID */
    const char *login_url; /* origin; default by cloud */
    const char *graph_url;
    const char *cloud;    /* default "global" */
    const char *grant;    /* "refresh" (default), "secret", "cert", "device" or "code" */
    const char *partner;  /* tenant whose sign-in reaches this customer; its own = is a partner */
    const char *redirect; /* "code": where Microsoft's page leads back to */
    const char *const *organizations; /* ids or exact names */
    size_t organization_count;
    /* Refresh token, client secret or PEM; for "device" and "code" the app's own, or NULL.
     * Borrowed. */
    bkey_secret *secret;
    bkey_secret *app; /* beside a refresh token: the app's own secret or PEM, or NULL. Borrowed. */
    bool check_only;  /* write nothing */
} bkey_connect_request;

#define BKEY_CONNECT_DETAIL_SIZE 256u

/* [hook] One connection per tenant: a second one replaces the credential and the fields that are
 * given. Appends one JSON object {tenant, organizations, grant, replaced} to out_json. On failure
 * out_detail, when not "", is the sentence to show. Errors: PARAMETER, URL, PERM_TYPE, LIMIT,
 * UNIT_BUSY (an organization would go while a tick may write to it), and those of the store and of
 * sealing. Never waits for a tick. */
BKEY_MUST_CHECK bkey_err bkey_connect_run(const bkey_connect_request *request, sup_buffer *out_json,
                                          char out_detail[BKEY_CONNECT_DETAIL_SIZE]);

#endif
