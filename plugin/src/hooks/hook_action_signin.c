/* SPDX-License-Identifier: Apache-2.0
 *
 * The actions about a sign-in that was begun: how far it is, taking it back, and the answer of
 * Microsoft's page. No rule lives here. */
#include <stdio.h>
#include <string.h>

#include "hooks/hook_action.h"
#include "support/guid.h"
#include "usecase/signin_job.h"

#define TENANT_SIZE 64u

static bkey_signin_job job_of(bkey_plugin *plugin, const bkey_call *call)
{
    return (bkey_signin_job){&plugin->services.ports, call, plugin->vault};
}

static bkey_err take_tenant(const dph_params *params, sup_guid *out,
                            char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char text[TENANT_SIZE];
    if (!bkey_hook_params_text(params, "tenant", text, sizeof text) ||
        !sup_guid_parse(text, strlen(text), out))
        return bkey_hook_params_refuse(detail, "tenant");
    return bkey_ok();
}

bkey_err bkey_hook_action_job_status(bkey_plugin *plugin, const bkey_call *call,
                                     const dph_params *params, sup_buffer *json,
                                     char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_signin_job job = job_of(plugin, call);
    sup_guid tenant;
    bkey_err err = take_tenant(params, &tenant, detail);
    return bkey_is_ok(err) ? bkey_signin_job_status(&job, &tenant, json) : err;
}

bkey_err bkey_hook_action_signin_cancel(bkey_plugin *plugin, const bkey_call *call,
                                        const dph_params *params, sup_buffer *json,
                                        char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_signin_job job = job_of(plugin, call);
    sup_guid tenant;
    bkey_err err = take_tenant(params, &tenant, detail);
    if (bkey_is_ok(err))
        err = bkey_signin_job_cancel(&job, &tenant);
    return bkey_is_ok(err) ? bkey_signin_job_status(&job, &tenant, json) : err;
}

static bkey_err take_answer(bkey_slab *slab, const dph_params *params, bkey_signin_answer *out)
{
    const dph_param *state = bkey_hook_params_find(params, "state");
    const dph_param *code = bkey_hook_params_find(params, "code");
    if (state == NULL || state->value.len == 0)
        return bkey_fail(BKEY_E_PARAMETER);
    bkey_err err = bkey_hook_params_secret(slab, state, &out->state);
    if (bkey_is_ok(err) && code != NULL && code->value.len > 0)
        err = bkey_hook_params_secret(slab, code, &out->code);
    return err;
}

/* The host calls it for whoever comes back from the page: the state is what shows that it is the
 * person who was sent there. */
bkey_err bkey_hook_action_signin_code(bkey_plugin *plugin, const bkey_call *call,
                                      const dph_params *params, sup_buffer *json,
                                      char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_signin_job job = job_of(plugin, call);
    bkey_signin_answer answer = {.state = NULL};
    sup_guid tenant;
    char text[SUP_GUID_TEXT_LEN + 1];
    if (!bkey_hook_params_is_host(call))
        return bkey_fail(BKEY_E_ROLE);
    bkey_err err = take_answer(plugin->slab, params, &answer);
    if (bkey_is_ok(err))
        err = bkey_signin_job_answer(&job, &answer, &tenant);
    if (bkey_is_ok(err)) {
        sup_guid_format(&tenant, text);
        if (!sup_buffer_printf(json, "{\"tenant\":\"%s\"}", text))
            err = bkey_fail(BKEY_E_NOMEM);
    } else if (bkey_is(err, BKEY_E_PARAMETER)) {
        (void)snprintf(detail, BKEY_HOOK_DETAIL_SIZE,
                       "This sign-in is not waited for (any more): begin it again.");
    }
    bkey_secret_free(&answer.state);
    bkey_secret_free(&answer.code);
    return err;
}
