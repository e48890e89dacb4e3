/* SPDX-License-Identifier: Apache-2.0
 *
 * Client assertions: signed statements by which an application with a certificate proves who it is.
 * The only user of libcrypto in the plugin. No network here, and no clock of its own. */
#ifndef BKEY_ASSERTION_H
#define BKEY_ASSERTION_H

#include "base/ports.h"
#include "base/secret.h"

/* True when a part of the text begins like PEM, as a certificate with its key does and a client
 * secret does not. */
bool bkey_assertion_is_pem(bkey_secret *text);

/* Looks at a PEM of one RSA private key and the certificate that belongs to it, in any order. On
 * success *out_ends_ms is when the certificate ends. Else PARAMETER, and *out_problem is a static
 * sentence; NOMEM. An expired certificate is no problem of this function. */
BKEY_MUST_CHECK bkey_err bkey_assertion_check(bkey_secret *pem, int64_t *out_ends_ms,
                                              const char **out_problem);

typedef struct bkey_assertion {
    bkey_slab *slab;
    bkey_secret *pem;
    const char *client_id;
    const char *audience; /* the token endpoint's address */
    int64_t now_s;
    uint8_t id[16]; /* never used before */
    bool older;     /* RS256 and the SHA-1 thumbprint, where the newer form is refused */
} bkey_assertion;

/* The signed JWT, a secret for the caller to free: PS256 with x5t#S256, or the older form with both
 * thumbprints. The key's numbers are in libcrypto's heap meanwhile, which wipes them when it frees.
 * Errors: APP_CREDENTIAL when the PEM cannot sign, LIMIT, NOMEM, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_assertion_make(const bkey_assertion *wanted, bkey_secret **out_jwt);

#endif
