/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files hook_action*.c share: every action of dph.hook.action/1, for the table in
 * hook_action.c alone. */
#ifndef BKEY_HOOK_ACTION_H
#define BKEY_HOOK_ACTION_H

#include "hooks/hook_params.h"
#include "plugin.h"
#include "support/buffer.h"

/* Appends one JSON object to `json`. On failure `detail`, when not "", is the sentence to show. */
typedef bkey_err bkey_hook_action(bkey_plugin *plugin, const bkey_call *call,
                                  const dph_params *params, sup_buffer *json,
                                  char detail[BKEY_HOOK_DETAIL_SIZE]);

/* hook_action_connect.c */
bkey_hook_action bkey_hook_action_connect;
/* hook_action_doctor.c */
bkey_hook_action bkey_hook_action_doctor_findings;
/* hook_action_signin.c */
bkey_hook_action bkey_hook_action_job_status, bkey_hook_action_signin_cancel,
    bkey_hook_action_signin_code;
/* hook_action_device.c */
bkey_hook_action bkey_hook_action_device_status, bkey_hook_action_device_guard;
/* hook_action_state.c */
bkey_hook_action bkey_hook_action_audit_list, bkey_hook_action_audit_verify,
    bkey_hook_action_audit_acknowledge, bkey_hook_action_audit_merge, bkey_hook_action_doctor_state,
    bkey_hook_action_keyring_rotated, bkey_hook_action_reveal_refused;

/* hook_action_import.c */
bkey_hook_action bkey_hook_action_import_keys;
/* hook_action_match.c */
bkey_hook_action bkey_hook_action_match_list, bkey_hook_action_match_set,
    bkey_hook_action_match_create, bkey_hook_action_match_ignore, bkey_hook_action_match_undo,
    bkey_hook_action_key_find;

#endif
