/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.settings/1: a change of settings in two phases. */
#ifndef DPH_HOOK_SETTINGS_H
#define DPH_HOOK_SETTINGS_H

#include "dph/plugin.h"

#define DPH_HOOK_SETTINGS_ID "dph.hook.settings/1"

#define DPH_SETTINGS_VALIDATE 1u
#define DPH_SETTINGS_APPLY 2u

typedef struct dph_setting {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    dph_str key;
    dph_str value; /* integers in decimal, booleans as "true" or "false" */
} dph_setting;

typedef struct dph_settings_change {
    uint32_t struct_size; /* bytes */
    uint32_t phase;       /* DPH_SETTINGS_VALIDATE or _APPLY */
    uint64_t generation;  /* that the change has or would get */
    uint32_t count;
    uint32_t reserved0; /* 0 */
    const dph_setting *const *items;
} dph_settings_change;

typedef struct dph_problem_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_str *key, const dph_str *message);
} dph_problem_sink;

typedef struct dph_hook_settings_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] VALIDATE names every problem at once, per field, and returns INVALID when there is
     * one. APPLY follows only a clean VALIDATE and tells that the settings are in force; a running
     * tick keeps the generation it began with. */
    dph_status(DPH_CALL *on_change)(dph_plugin *plugin, const dph_call *call,
                                    const dph_settings_change *change,
                                    const dph_problem_sink *problems, dph_error *err);
} dph_hook_settings_v1;

#endif
