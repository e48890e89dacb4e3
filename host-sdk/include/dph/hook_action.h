/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.action/1: things a person may ask of a plugin beyond records: connect, later match and
 * rotate. The manifest lists actions, their parameters and the roles that may use them. */
#ifndef DPH_HOOK_ACTION_H
#define DPH_HOOK_ACTION_H

#include "dph/plugin.h"

#define DPH_HOOK_ACTION_ID "dph.hook.action/1"

#define DPH_PARAM_SECRET 1u /* bytes valid for the call; never logged, never stored by the host */

typedef struct dph_param {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_PARAM_* */
    dph_str name;         /* a name may occur more than once: a list */
    dph_bytes value;      /* UTF-8 text unless the manifest says otherwise */
} dph_param;

typedef struct dph_params {
    uint32_t struct_size; /* bytes */
    uint32_t count;
    const dph_param *const *items; /* count pointers */
} dph_params;

typedef struct dph_action_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* One JSON object in UTF-8, once, on success. Never a secret. */
    dph_status(DPH_CALL *result)(void *context, const dph_str *json);
} dph_action_sink;

typedef struct dph_hook_action_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] Never touches the network: slow work becomes a job that a tick runs. Errors: INVALID
     * (names the parameter), NOT_FOUND (unknown action), DENIED, UNSUPPORTED, UNAVAILABLE. */
    dph_status(DPH_CALL *invoke)(dph_plugin *plugin, const dph_call *call, const dph_str *action_id,
                                 const dph_params *params, const dph_action_sink *sink,
                                 dph_error *err);
} dph_hook_action_v1;

#endif
