/* SPDX-License-Identifier: Apache-2.0
 *
 * A small ring of sign-ins. Must not judge them. */
#include "flows.h"

#include <stdlib.h>
#include <string.h>

sim_flow *sim_flows_add(sim_flows *flows, sim_flow_kind kind)
{
    if (flows->ring == NULL)
        flows->ring = calloc(SIM_FLOWS_MAX, sizeof *flows->ring);
    if (flows->ring == NULL)
        return NULL;
    sim_flow *flow = &flows->ring[flows->next++ % SIM_FLOWS_MAX];
    *flow = (sim_flow){.kind = kind};
    return flow;
}

sim_flow *sim_flows_find(sim_flows *flows, sim_flow_kind kind, const char *code)
{
    for (size_t i = 0; flows->ring != NULL && i < SIM_FLOWS_MAX; i++) {
        sim_flow *flow = &flows->ring[i];
        bool same = strcmp(flow->code, code) == 0 ||
                    (kind == SIM_FLOW_DEVICE && strcmp(flow->user_code, code) == 0);
        if (flow->kind == kind && same)
            return flow;
    }
    return NULL;
}

void sim_flows_done(sim_flows *flows)
{
    free(flows->ring);
    *flows = (sim_flows){0};
}
