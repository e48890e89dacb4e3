/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.access/1: notices of what people did with a record; no veto, and the host has written
 * the activity entry already. */
#ifndef DPH_HOOK_ACCESS_H
#define DPH_HOOK_ACCESS_H

#include "dph/plugin.h"

#define DPH_HOOK_ACCESS_ID "dph.hook.access/1"

#define DPH_ACCESS_OPENED 1u
#define DPH_ACCESS_SHOWN 2u
#define DPH_ACCESS_COPIED 3u
#define DPH_ACCESS_PRINTED 4u

typedef struct dph_access {
    uint32_t struct_size; /* bytes */
    uint32_t kind;        /* DPH_ACCESS_*; unknown ones are ignored */
    uint64_t event_id;    /* the same notice may come twice; the id tells */
    int64_t at_ms;        /* wall clock */
    dph_str record_id;
    dph_str external_id;
    dph_str organization_id;
} dph_access;

typedef struct dph_hook_access_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] An error is logged by the host and changes nothing. */
    dph_status(DPH_CALL *on_access)(dph_plugin *plugin, const dph_call *call,
                                    const dph_access *access, dph_error *err);
} dph_hook_access_v1;

#endif
