/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.action/1: the table of actions and the way of their results. No rule lives here. */
#include "hooks/hook_action.h"

#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hooks.h"

#define RESULT_MAX 4194304u

typedef struct named_action {
    const char *id;
    bkey_hook_action *run;
} named_action;

/* NULL when there is none of that name. */
static const named_action *find_action(const dph_str *id)
{
    static const named_action actions[] = {
        {"connect", bkey_hook_action_connect},
        {"job_status", bkey_hook_action_job_status},
        {"signin_cancel", bkey_hook_action_signin_cancel},
        {"signin_code", bkey_hook_action_signin_code},
        {"device_safe_to_delete", bkey_hook_action_device_guard},
        {"device_status", bkey_hook_action_device_status},
        {"audit_list", bkey_hook_action_audit_list},
        {"audit_verify", bkey_hook_action_audit_verify},
        {"audit_acknowledge", bkey_hook_action_audit_acknowledge},
        {"audit_merge", bkey_hook_action_audit_merge},
        {"doctor_state", bkey_hook_action_doctor_state},
        {"doctor_findings", bkey_hook_action_doctor_findings},
        {"keyring_rotated", bkey_hook_action_keyring_rotated},
        {"reveal_refused", bkey_hook_action_reveal_refused},
        {"match_list", bkey_hook_action_match_list},
        {"match_set", bkey_hook_action_match_set},
        {"match_create", bkey_hook_action_match_create},
        {"match_ignore", bkey_hook_action_match_ignore},
        {"match_undo", bkey_hook_action_match_undo},
        {"key_find", bkey_hook_action_key_find},
        {"import_keys", bkey_hook_action_import_keys}};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (id->len == strlen(actions[i].id) && memcmp(id->ptr, actions[i].id, id->len) == 0)
            return &actions[i];
    }
    return NULL;
}

static dph_status DPH_CALL invoke(dph_plugin *face, const dph_call *call, const dph_str *action_id,
                                  const dph_params *params, const dph_action_sink *sink,
                                  dph_error *err)
{
    char detail[BKEY_HOOK_DETAIL_SIZE] = "";
    bkey_host_call host_call;
    sup_buffer json;
    if (action_id == NULL || params == NULL || !DPH_HAS(params, items) || sink == NULL ||
        !DPH_HAS(sink, result))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    const named_action *found = find_action(action_id);
    if (found == NULL)
        return bkey_hook_error_text(err, DPH_E_NOT_FOUND, 0, "There is no such action.");
    bkey_host_call_init(&host_call, call);
    sup_buffer_init(&json, RESULT_MAX);
    bkey_err result = found->run(bkey_plugin_of(face), &host_call.call, params, &json, detail);
    const char *said = bkey_call_said(&host_call.call, result);
    dph_status status = bkey_hook_error_say(err, result, said != NULL ? said : detail);
    if (status == DPH_OK) {
        const dph_str text = {sup_buffer_text(&json), json.len};
        status = sink->result(sink->context, &text);
    }
    sup_buffer_done(&json);
    return status;
}

const dph_hook_action_v1 *bkey_hook_action_table(void)
{
    static const dph_hook_action_v1 table = {sizeof table, 0, invoke};
    return &table;
}
