/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions about stored state and its audit, for hook_action.c alone. */
#ifndef BKEY_HOOK_ACTION_STATE_H
#define BKEY_HOOK_ACTION_STATE_H

#include "plugin.h"
#include "support/buffer.h"
#include "usecase/connect.h"

typedef bkey_err bkey_hook_action(bkey_plugin *plugin, const bkey_call *call,
                                  const dph_params *params, sup_buffer *json,
                                  char detail[BKEY_CONNECT_DETAIL_SIZE]);

bkey_hook_action bkey_hook_action_audit_list, bkey_hook_action_audit_verify,
    bkey_hook_action_audit_merge, bkey_hook_action_doctor_state, bkey_hook_action_keyring_rotated,
    bkey_hook_action_reveal_refused;

#endif
