/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading an action's parameters. Must not know any action. */
#include "hooks/hook_params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_text.h"

#define NUMBER_SIZE 24u

const dph_param *bkey_hook_params_find(const dph_params *params, const char *name)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i < params->count; i++) {
        const dph_param *param = params->items[i];
        if (param != NULL && DPH_HAS(param, value) && param->name.len == len &&
            memcmp(param->name.ptr, name, len) == 0)
            return param;
    }
    return NULL;
}

bool bkey_hook_params_text(const dph_params *params, const char *name, char *out, size_t cap)
{
    const dph_param *param = bkey_hook_params_find(params, name);
    out[0] = '\0';
    if (param == NULL)
        return true;
    const dph_str text = {(const char *)param->value.ptr, param->value.len};
    return bkey_hook_text_copy(&text, out, cap);
}

bool bkey_hook_params_number(const dph_params *params, const char *name, uint64_t *out)
{
    char text[NUMBER_SIZE];
    char *end = NULL;
    if (!bkey_hook_params_text(params, name, text, sizeof text))
        return false;
    *out = 0;
    if (text[0] == '\0')
        return true;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

bkey_err bkey_hook_params_refuse(char detail[BKEY_HOOK_DETAIL_SIZE], const char *name)
{
    (void)snprintf(detail, BKEY_HOOK_DETAIL_SIZE, "The parameter \"%s\" cannot be used.", name);
    return bkey_fail(BKEY_E_PARAMETER);
}

bkey_err bkey_hook_params_none(const dph_params *params, char detail[BKEY_HOOK_DETAIL_SIZE])
{
    if (params->count == 0)
        return bkey_ok();
    (void)snprintf(detail, BKEY_HOOK_DETAIL_SIZE, "This action takes no parameters.");
    return bkey_fail(BKEY_E_PARAMETER);
}

bool bkey_hook_params_is_host(const bkey_call *call)
{
    return call->actor_kind == DPH_ACTOR_LOCAL || call->actor_kind == DPH_ACTOR_SCHEDULER;
}

bkey_err bkey_hook_params_administrator(const bkey_call *call)
{
    bool may = bkey_hook_params_is_host(call) ||
               (call->actor_kind == DPH_ACTOR_USER && call->actor_role == DPH_ROLE_ADMINISTRATOR);
    return may ? bkey_ok() : bkey_fail(BKEY_E_ROLE);
}

bkey_err bkey_hook_params_manager(const bkey_call *call)
{
    return call->actor_kind == DPH_ACTOR_USER && call->actor_role == DPH_ROLE_MANAGER
               ? bkey_ok()
               : bkey_hook_params_administrator(call);
}

/* A pasted token or secret ends in a line end more often than not. */
bkey_err bkey_hook_params_secret(bkey_slab *slab, const dph_param *param, bkey_secret **out)
{
    size_t len = param->value.len;
    while (len > 0 && (param->value.ptr[len - 1] == '\n' || param->value.ptr[len - 1] == '\r'))
        len--;
    bkey_secret_free(out);
    return bkey_secret_dup(slab, param->value.ptr, len, out);
}

bkey_err bkey_hook_params_scope(const dph_params *params, bkey_scope *out,
                                char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const dph_param *param = bkey_hook_params_find(params, "organizations");
    const bkey_bytes text = {param != NULL ? param->value.ptr : NULL,
                             param != NULL ? param->value.len : 0};
    bkey_err err = bkey_scope_read(text, out);
    return bkey_is(err, BKEY_E_PARAMETER) ? bkey_hook_params_refuse(detail, "organizations") : err;
}
