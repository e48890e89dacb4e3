/* SPDX-License-Identifier: Apache-2.0
 *
 * Our errors in the ABI's words: status by category, code = reason, one sentence. */
#ifndef BKEY_HOOK_ERROR_H
#define BKEY_HOOK_ERROR_H

#include "base/error.h"
#include "dph/dph.h"

/* Both fill *err (NULL allowed, short structs respected) and return the status. */
dph_status bkey_hook_error_fill(dph_error *err, bkey_err reason);
/* `detail` is used instead of the reason's own text unless it is NULL or empty. */
dph_status bkey_hook_error_say(dph_error *err, bkey_err reason, const char *detail);
dph_status bkey_hook_error_text(dph_error *err, dph_status status, uint32_t code,
                                const char *message);

#endif
