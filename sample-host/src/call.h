/* SPDX-License-Identifier: Apache-2.0
 *
 * The context that goes with every call to a plugin, and back with every service it calls. */
#ifndef HOST_CALL_H
#define HOST_CALL_H

#include "sample-host/src/host.h"

#define HOST_CALL_HOOK_NS UINT64_C(30000000000) /* longest a hook may take */

typedef struct host_call {
    dph_call abi; /* host_context points to the whole */
    host *owner;
    host_actor actor;
    const host_viewer *viewer; /* NULL = the host itself */
    int (*cancelled)(void *context);
    void *cancel_ctx;
} host_call;

/* In place; the actor's texts and `organization_id` must outlive it. deadline_ns 0 = none. */
void host_call_init(host_call *call, host *h, const host_actor *actor, uint32_t lane,
                    const char *organization_id);
/* The same, cancelled with the request, with the deadline of a hook. */
void host_call_for_request(host_call *call, host *h, const host_request *request,
                           const char *organization_id);
/* The actor of the host's own clock. */
host_actor host_call_scheduler(void);
/* OK, CANCELLED or DEADLINE. NULL is never over. */
dph_status host_call_state(const dph_call *call);

#endif
