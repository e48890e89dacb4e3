/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON with a secret in it, without ordinary memory: the only place that writes one into an answer
 * and the only one that takes one out of a request's body. */
#ifndef HOST_SECRET_JSON_H
#define HOST_SECRET_JSON_H

#include "sample-host/src/command.h"

/* Makes {"data":{"password":"..."},"meta":{},"success":true} around `secret`, which must be UTF-8,
 * in sodium_malloc memory. False when it is not UTF-8 or memory runs out. */
bool host_secret_json_answer(const host_secret *secret, host_secret *out);
/* Looks through the members of the JSON object in `body`. When one named "secret" or "password" is
 * a string, its characters move to *out (unescaped) and are blanked in `body`, which stays valid
 * JSON. *out stays empty when there is none. Fails with DPH_E_INVALID for two of them, for names
 * with escapes, for a secret with broken escapes, a zero character or no length, and for text that
 * is no object. Whether `body` is valid JSON otherwise is for the parser to say. */
bool host_secret_json_take(char *body, size_t len, host_secret *out, host_error *err);

#endif
