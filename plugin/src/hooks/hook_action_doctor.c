/* SPDX-License-Identifier: Apache-2.0
 *
 * What the last checks of connections found. No rule lives here but who may ask: who may change
 * what is found. */
#include "hooks/hook_action.h"
#include "usecase/findings_view.h"

bkey_err bkey_hook_action_doctor_findings(bkey_plugin *plugin, const bkey_call *call,
                                          const dph_params *params, sup_buffer *json,
                                          char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_findings_query query = {&plugin->services.ports, call, plugin->vault};
    const bool may =
        bkey_hook_params_is_host(call) ||
        (call->actor_kind == DPH_ACTOR_USER &&
         (call->actor_role == DPH_ROLE_ADMINISTRATOR || call->actor_role == DPH_ROLE_MANAGER));
    (void)params;
    detail[0] = '\0';
    return may ? bkey_findings_view_list(&query, json) : bkey_fail(BKEY_E_ROLE);
}
