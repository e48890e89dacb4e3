/* SPDX-License-Identifier: Apache-2.0
 *
 * What the doctor says of a sign-in that waits for somebody. Must not use the network, nor open a
 * secret. */
#ifndef BKEY_FINDINGS_SIGNIN_H
#define BKEY_FINDINGS_SIGNIN_H

#include "state/signin.h"
#include "usecase/findings_view.h"

#define BKEY_FINDINGS_SIGNIN_SIZE 1024u

/* Text of `text` is static or in `what`. */
typedef struct bkey_findings_signin {
    bkey_preflight_text text;
    char what[BKEY_FINDINGS_SIGNIN_SIZE];
} bkey_findings_signin;

/* *out_found false: no sign-in of the tenant is open, and *out is as it was. A first one is an
 * error, because nothing syncs without it; one beside a connection is a note. */
BKEY_MUST_CHECK bkey_err bkey_findings_signin_find(const bkey_findings_query *query,
                                                   const sup_guid *tenant,
                                                   bkey_findings_signin *out, bool *out_found);

#endif
