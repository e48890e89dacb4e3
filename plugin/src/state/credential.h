/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'T': the credential of a connection, apart from it so that renewing a token writes
 * only this. Place: (tenant, no organization). The token's bytes are in guarded memory only. */
#ifndef BKEY_CREDENTIAL_H
#define BKEY_CREDENTIAL_H

#include "state/connection.h"

/* The longest token or client secret that fits into a sealed row. */
#define BKEY_CREDENTIAL_MAX (BKEY_SEAL_PLAIN_MAX - 64u)

typedef struct bkey_credential {
    bkey_secret *token; /* refresh token, client secret, or PEM of key and certificate */
    bkey_secret *app;   /* beside a refresh token: the app's own secret or PEM; NULL = public app */
    bkey_grant grant;
    int64_t sealed_ms;    /* when it was stored; set by sealing */
    int64_t cert_ends_ms; /* when the certificate in token or app ends; 0 = there is none */
    uint64_t revision;
} bkey_credential;

/* Seals it as the successor of credential->revision (0 = first). LIMIT when it is too long. */
BKEY_MUST_CHECK bkey_err bkey_credential_seal(const bkey_place *place,
                                              const bkey_credential *credential,
                                              bkey_sealed *out_sealed);

/* NO_STATE when there is none. */
BKEY_MUST_CHECK bkey_err bkey_credential_get(const bkey_place *place,
                                             bkey_credential *out_credential);
void bkey_credential_done(bkey_credential *credential); /* NULL-safe; frees what get gave */
/* The revision that the next sealing must follow: 0 when there was never one, a removed one's too.
 */
BKEY_MUST_CHECK bkey_err bkey_credential_revision(const bkey_place *place, uint64_t *out_revision);
/* The row's key, for removing it. */
void bkey_credential_key(const bkey_place *place, uint8_t out[BKEY_STATE_KEY_LEN]);

#endif
