/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims challenges: Graph refuses a token and says what a new one must claim, in the header
 * WWW-Authenticate. Pure; must not know where headers come from nor where claims go. */
#ifndef BKEY_CHALLENGE_H
#define BKEY_CHALLENGE_H

#include "support/buffer.h"

/* What every token request says: this client answers challenges. */
#define BKEY_CHALLENGE_ABLE "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"
#define BKEY_CHALLENGE_SIZE 2048u /* bytes of a challenge's base64 text and a zero byte */

/* Finds the base64 text of the claims that one header value asks for (error insufficient_claims),
 * wherever in the line the challenge stands. False when there is none or it is too long. */
bool bkey_challenge_find(const char *value, size_t len, char out[BKEY_CHALLENGE_SIZE]);
/* Appends the JSON of claims for a token request: those that were asked for, and that we answer
 * them. False when the text makes no sense or does not fit. */
bool bkey_challenge_claims(const char *base64, sup_buffer *out);

#endif
