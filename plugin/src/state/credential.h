/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'T': the credential of a connection, apart from it so that renewing a token writes
 * only this. Place: (tenant, no organization). The token's bytes are in guarded memory only. */
#ifndef BKEY_CREDENTIAL_H
#define BKEY_CREDENTIAL_H

#include "state/connection.h"

/* The longest token or client secret that fits into a sealed row. */
#define BKEY_CREDENTIAL_MAX (BKEY_SEAL_PLAIN_MAX - 64u)

/* Seals `token` as the successor of `revision` (0 = first). LIMIT when it is too long. */
BKEY_MUST_CHECK bkey_err bkey_credential_seal(const bkey_place *place, bkey_grant grant,
                                              bkey_secret *token, uint64_t revision,
                                              bkey_sealed *out_sealed);
typedef struct bkey_credential {
    bkey_secret *token; /* freed by bkey_credential_done */
    bkey_grant grant;
    int64_t sealed_ms; /* when it was stored */
    uint64_t revision;
} bkey_credential;

/* NO_STATE when there is none. */
BKEY_MUST_CHECK bkey_err bkey_credential_get(const bkey_place *place,
                                             bkey_credential *out_credential);
void bkey_credential_done(bkey_credential *credential); /* NULL-safe */

#endif
