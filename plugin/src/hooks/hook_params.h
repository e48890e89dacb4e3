/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading an action's parameters, and who asks: one place for all actions. */
#ifndef BKEY_HOOK_PARAMS_H
#define BKEY_HOOK_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ports.h"
#include "base/secret.h"
#include "dph/dph.h"
#include "usecase/scope.h"

#define BKEY_HOOK_DETAIL_SIZE 256u /* bytes of the sentence that says more than an error's text */

/* The first parameter of that name, NULL when there is none. */
const dph_param *bkey_hook_params_find(const dph_params *params, const char *name);
/* Copies a text parameter, "" when it was not given; false when it was and cannot be used. */
bool bkey_hook_params_text(const dph_params *params, const char *name, char *out, size_t cap);
/* Reads a decimal number, 0 when it was not given; false when it was and is none. */
bool bkey_hook_params_number(const dph_params *params, const char *name, uint64_t *out);
/* Copies a secret parameter into guarded memory without line ends behind it; *out is replaced. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_secret(bkey_slab *slab, const dph_param *param,
                                                 bkey_secret **out);
/* PARAMETER, with a sentence that names it. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_refuse(char detail[BKEY_HOOK_DETAIL_SIZE],
                                                 const char *name);
/* PARAMETER, with a sentence, when there is any. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_none(const dph_params *params,
                                               char detail[BKEY_HOOK_DETAIL_SIZE]);
/* True for the local administrator and for what the host does by itself. */
bool bkey_hook_params_is_host(const bkey_call *call);
/* ROLE unless an administrator asks, the local one and the host itself included. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_administrator(const bkey_call *call);

/* ROLE unless an administrator, as above, or a manager asks. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_manager(const bkey_call *call);

/* What the asker may see, from the parameter "organizations". Errors: those of bkey_scope_read,
 * with a sentence. */
BKEY_MUST_CHECK bkey_err bkey_hook_params_scope(const dph_params *params, bkey_scope *out,
                                                char detail[BKEY_HOOK_DETAIL_SIZE]);

#endif
