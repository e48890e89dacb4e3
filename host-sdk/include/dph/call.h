/* SPDX-License-Identifier: Apache-2.0
 *
 * The context of a call: on whose behalf, how long, from where. First argument after the object in
 * every hook and every service that may take time. */
#ifndef DPH_CALL_H
#define DPH_CALL_H

#include "dph/error.h"

#define DPH_LANE_CONTROL 1u
#define DPH_LANE_SYNC 2u
#define DPH_LANE_HOOK 3u

/* Who acts. An unknown kind has no rights. */
#define DPH_ACTOR_USER 1u      /* a signed-in user of the host; actor_role holds the role */
#define DPH_ACTOR_LOCAL 2u     /* administrator at the host's command line; os_uid is recorded */
#define DPH_ACTOR_SCHEDULER 3u /* the host's own clock */
#define DPH_ACTOR_PLUGIN 4u    /* a plugin; actor_id is its id */

/* Roles of the documentation host (S1.109). 0 = none. */
#define DPH_ROLE_ADMINISTRATOR 1u
#define DPH_ROLE_MANAGER 2u
#define DPH_ROLE_EDITOR 3u
#define DPH_ROLE_CREATOR 4u
#define DPH_ROLE_READ_ONLY 5u
#define DPH_ROLE_LITE 6u

/* Where the request came in (S2.33). */
#define DPH_SOURCE_UI 1u
#define DPH_SOURCE_API 2u
#define DPH_SOURCE_CLI 3u
#define DPH_SOURCE_SELF_SERVICE 4u
#define DPH_SOURCE_TICK 5u
#define DPH_SOURCE_PLUGIN 6u
#define DPH_SOURCE_BREAK_GLASS 7u

#define DPH_UID_UNKNOWN UINT32_MAX

typedef struct dph_call dph_call;
struct dph_call {
    uint32_t struct_size;    /* bytes */
    uint32_t lane;           /* DPH_LANE_* */
    uint64_t call_id;        /* unique in this host process; for logs */
    uint64_t deadline_ns;    /* absolute, on dph.clock/1 mono_ns; 0 = none */
    dph_str organization_id; /* organization the call is about; empty when it is about none */
    dph_str actor_id;        /* user name, plugin id, or empty for the scheduler */
    dph_str remote_address;  /* numeric address of the client, empty when local */
    uint32_t actor_kind;     /* DPH_ACTOR_* */
    uint32_t actor_role;     /* DPH_ROLE_* for users, 0 otherwise */
    uint32_t source;         /* DPH_SOURCE_* */
    uint32_t os_uid;         /* uid of the local process that asked, DPH_UID_UNKNOWN otherwise */
    /* [any] Non-zero when the caller no longer wants the answer. Never blocks. May be NULL: never
     * cancelled. */
    int32_t(DPH_CALL *is_cancelled)(const dph_call *call);
    void *host_context; /* the host's own; a plugin passes it on untouched */
};

#endif
