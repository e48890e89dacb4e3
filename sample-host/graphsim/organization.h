/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts about a tenant: itself, its subscriptions, its authorization policy. */
#ifndef SIM_ORGANIZATION_H
#define SIM_ORGANIZATION_H

#include "call.h"

/* GET /organization */
void sim_organization_get(sim_call *call);
/* GET /subscribedSkus */
void sim_organization_skus(sim_call *call);
/* GET and PATCH /policies/authorizationPolicy */
void sim_organization_policy(sim_call *call);
void sim_organization_policy_change(sim_call *call);

#endif
