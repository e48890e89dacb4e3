/* SPDX-License-Identifier: Apache-2.0
 *
 * Sign-ins under way: device codes that wait for a user, authorization codes that wait to be
 * redeemed, assertion ids that may not come twice. */
#ifndef SIM_FLOWS_H
#define SIM_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_FLOWS_MAX 512

typedef enum sim_flow_kind {
    SIM_FLOW_NONE,
    SIM_FLOW_DEVICE,
    SIM_FLOW_CODE,
    SIM_FLOW_ASSERTION
} sim_flow_kind;

typedef struct sim_flow {
    sim_flow_kind kind;
    char code[512];
    char user_code[16];
    char scope[1024];
    char redirect[512];
    char challenge[160]; /* "": no PKCE */
    bool plain;          /* the challenge is the verifier itself */
    size_t tenant;
    int64_t expires_ms;
    int64_t last_poll_ms;
    int64_t interval_s;
    int64_t pending; /* polls that are still answered "pending" */
    int result;      /* sim_device_result */
    bool used;
} sim_flow;

typedef struct sim_flows {
    sim_flow *ring; /* NULL until the first sign-in */
    size_t next;
} sim_flows;

/* A fresh flow in place of the oldest; NULL when memory ran out. */
sim_flow *sim_flows_add(sim_flows *flows, sim_flow_kind kind);
/* By code, or a device flow by user code; NULL when there is none. */
sim_flow *sim_flows_find(sim_flows *flows, sim_flow_kind kind, const char *code);
void sim_flows_done(sim_flows *flows);

#endif
