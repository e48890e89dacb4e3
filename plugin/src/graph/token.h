/* SPDX-License-Identifier: Apache-2.0
 *
 * Token requests and answers of the Microsoft identity platform: form bodies, error classes, and a
 * soft look at an access token's claims. Tokens are in guarded memory only. No network here. */
#ifndef BKEY_TOKEN_H
#define BKEY_TOKEN_H

#include <stdbool.h>

#include "base/ports.h"
#include "base/secret.h"
#include "support/guid.h"

typedef enum bkey_token_kind {
    BKEY_TOKEN_REFRESH = 1, /* a user's refresh token */
    BKEY_TOKEN_CLIENT,      /* the application for itself */
    BKEY_TOKEN_DEVICE,      /* a device code, asked until somebody used it */
    BKEY_TOKEN_CODE         /* an authorization code with its verifier */
} bkey_token_kind;

typedef struct bkey_token_request {
    bkey_slab *slab;
    const char *client_id;
    const char *graph_url;
    bkey_token_kind kind;
    bkey_secret *credential; /* refresh token, device code or authorization code; NULL for CLIENT */
    bkey_secret *app;        /* the app's secret or assertion; NULL = a public app */
    bool is_assertion;       /* what app is */
    bkey_secret *verifier;   /* CODE alone */
    const char *redirect;    /* CODE alone */
    const char *claims;      /* JSON of bkey_challenge_claims; NULL = only that we answer them */
} bkey_token_request;

/* The application/x-www-form-urlencoded body, as a secret for the caller to free. LIMIT when the
 * credential is too long to be sent. */
BKEY_MUST_CHECK bkey_err bkey_token_body(const bkey_token_request *request, bkey_secret **out_body);

typedef struct bkey_token_answer {
    bkey_secret *access;  /* never NULL after success */
    bkey_secret *refresh; /* NULL when the answer has none: keep the old one */
    int64_t expires_in_s;
} bkey_token_answer;

/* Reads the answer to a token request. OK with *out_answer; else why there is no token, by the
 * AADSTS code where there is one: SIGN_IN, APP_CREDENTIAL, CONSENT, POLICY, TENANT, THROTTLED,
 * REMOTE_FAULT, BODY, STATUS. The body stays the caller's. */
BKEY_MUST_CHECK bkey_err bkey_token_read(bkey_slab *slab, int32_t status, bkey_bytes body,
                                         bkey_token_answer *out_answer);
/* Wipes. NULL-safe; leaves it empty. */
void bkey_token_answer_done(bkey_token_answer *answer);

/* The AADSTS number of an error answer, 0 when it has none: safe to show. */
uint32_t bkey_token_aadsts(bkey_bytes body);
/* What an AADSTS number means; 0 when we do not know it. */
uint32_t bkey_token_reason(uint32_t aadsts);

/* A refusal in words for people; both are whole sentences. */
typedef struct bkey_token_meaning {
    uint32_t reason;
    const char *happened;
    const char *fix; /* who can end it, and how */
} bkey_token_meaning;

/* The meaning of an AADSTS number; NULL when we do not know it. Static. */
const bkey_token_meaning *bkey_token_explain(uint32_t aadsts);

/* Permissions that an access token names. */
/* DeviceManagementManagedDevices or DeviceManagementConfiguration, .Read.All or .ReadWrite.All */
#define BKEY_PERM_DEVICES 1u
#define BKEY_PERM_KEY_LIST 2u   /* BitlockerKey.ReadBasic.All or .Read.All */
#define BKEY_PERM_KEY_READ 4u   /* BitlockerKey.Read.All */
#define BKEY_PERM_POLICY 8u     /* reads the authorization policy */
#define BKEY_PERM_DIRECTORY 32u /* reads the directory's devices */
#define BKEY_PERM_LICENCES 16u  /* reads the tenant's subscriptions */
#define BKEY_PERM_USERS 64u     /* reads users with their licences */

typedef struct bkey_token_claims {
    bool readable; /* false: opaque token, nothing below is known */
    bool has_tenant;
    bool has_permissions; /* it carries scp or roles at all */
    bool application;     /* an app-only token */
    uint32_t permissions; /* BKEY_PERM_* */
    sup_guid tenant;
} bkey_token_claims;

/* Looks into an access token; fails soft: whatever is odd gives readable = false. SLAB_FULL is the
 * only error. */
BKEY_MUST_CHECK bkey_err bkey_token_claims_read(bkey_slab *slab, bkey_secret *access,
                                                bkey_token_claims *out_claims);

#endif
