/* SPDX-License-Identifier: Apache-2.0
 *
 * Partners and their customers. A customer lists its partners:
 *   "partners": [{"tenantId":..., "scopes":[...], "roles":[...], "wids":[...]}]
 * scopes and roles are what was consented to there, wids what the relationship grants. */
#ifndef SIM_PARTNER_H
#define SIM_PARTNER_H

#include "call.h"

/* The tenant with that application whose refresh token this is; without a token, one that the
 * customer lists, else any with that application. May be the customer itself. NULL when there is
 * none. */
sim_tenant *sim_partner_find(sim_world *world, const sim_tenant *customer, const char *client,
                             const char *refresh_token);
/* What the customer lists about the partner, NULL when it does not. */
const json_t *sim_partner_entry(const sim_tenant *customer, const sim_tenant *partner);

/* GET /tenantRelationships/delegatedAdminCustomers and /contracts */
void sim_partner_customers(sim_call *call);
void sim_partner_contracts(sim_call *call);
/* POST and DELETE /v1/customers/{tenant}/applicationconsents of Partner Center */
void sim_partner_consent(sim_call *call);

#endif
