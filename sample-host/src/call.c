/* SPDX-License-Identifier: Apache-2.0
 *
 * Call contexts. */
#include "sample-host/src/call.h"

#include "sample-host/src/base/os_clock.h"

#include <string.h>

static int32_t DPH_CALL ask_cancelled(const dph_call *abi)
{
    const host_call *call = abi->host_context;
    return call->cancelled != NULL && call->cancelled(call->cancel_ctx) != 0;
}

void host_call_init(host_call *call, host *h, const host_actor *actor, uint32_t lane,
                    const char *organization_id)
{
    memset(call, 0, sizeof *call);
    call->owner = h;
    call->actor = *actor;
    call->abi.struct_size = sizeof call->abi;
    call->abi.lane = lane;
    call->abi.call_id = atomic_fetch_add(&h->next_call_id, 1) + 1;
    call->abi.organization_id = host_str(organization_id);
    call->abi.actor_id = host_str(actor->name);
    call->abi.remote_address = host_str(actor->remote_address);
    call->abi.actor_kind = actor->kind;
    call->abi.actor_role = actor->role;
    call->abi.source = actor->source;
    call->abi.os_uid = actor->os_uid;
    call->abi.is_cancelled = ask_cancelled;
    call->abi.host_context = call;
}

void host_call_for_request(host_call *call, host *h, const host_request *request,
                           const char *organization_id)
{
    host_call_init(call, h, &request->actor, DPH_LANE_HOOK, organization_id);
    call->viewer = request->viewer;
    call->cancelled = request->cancelled;
    call->cancel_ctx = request->cancel_ctx;
    call->abi.deadline_ns = host_clock_mono_ns() + HOST_CALL_HOOK_NS;
}

host_actor host_call_scheduler(void)
{
    return (host_actor){.kind = DPH_ACTOR_SCHEDULER,
                        .source = DPH_SOURCE_TICK,
                        .os_uid = DPH_UID_UNKNOWN,
                        .name = "",
                        .remote_address = ""};
}

dph_status host_call_state(const dph_call *call)
{
    if (call == NULL) {
        return DPH_OK;
    }
    if (call->is_cancelled != NULL && call->is_cancelled(call) != 0) {
        return DPH_E_CANCELLED;
    }
    bool is_late = call->deadline_ns != 0 && host_clock_mono_ns() >= call->deadline_ns;
    return is_late ? DPH_E_DEADLINE : DPH_OK;
}
