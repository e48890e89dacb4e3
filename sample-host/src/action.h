/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking a plugin for one of the actions of its manifest. Knows no action by name. */
#ifndef HOST_ACTION_H
#define HOST_ACTION_H

#include "sample-host/src/call.h"

#include "dph/hook_action.h"

#define HOST_ACTION_PARAMS_MAX 64

/* Starts with count 0. Texts and bytes are borrowed until the action was invoked. */
typedef struct host_action_params {
    dph_param items[HOST_ACTION_PARAMS_MAX];
    const dph_param *pointers[HOST_ACTION_PARAMS_MAX];
    uint32_t count;
} host_action_params;

/* True when the plugin's manifest has that action. */
bool host_action_has(const host_plugin *plugin, const char *action);
/* Adds one parameter; flags DPH_PARAM_*. TOO_LARGE. */
bool host_action_add(host_action_params *params, const char *name, dph_bytes value, uint32_t flags,
                     host_error *err);
/* Adds a text; nothing for NULL. */
bool host_action_add_text(host_action_params *params, const char *name, const char *text,
                          host_error *err);
/* Runs it; the plugin has the hook. *out is the answer (an object) or NULL for none, the caller's.
 */
bool host_action_invoke(const host_plugin *plugin, const host_call *call, const char *action,
                        const host_action_params *params, json_t **out, host_error *err);

#endif
