/* SPDX-License-Identifier: Apache-2.0
 *
 * What the identity platform's refusals mean; for token.c alone. */
#ifndef BKEY_TOKEN_ERRORS_H
#define BKEY_TOKEN_ERRORS_H

#include "base/ports.h"

/* Why an answer that is no token was given; never OK. */
BKEY_MUST_CHECK bkey_err bkey_token_errors_classify(int32_t status, bkey_bytes body);

#endif
