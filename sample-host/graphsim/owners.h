/* SPDX-License-Identifier: Apache-2.0
 *
 * Registered owners and users of Entra's devices: user ids in the hidden members registeredOwners
 * and registeredUsers of a row. */
#ifndef SIM_OWNERS_H
#define SIM_OWNERS_H

#include "call.h"

/* GET /devices/{id}/registeredOwners and registeredUsers */
void sim_owners_list(sim_call *call);
void sim_owners_list_users(sim_call *call);
/* POST .../$ref */
void sim_owners_add(sim_call *call);
void sim_owners_add_user(sim_call *call);
/* DELETE .../{user}/$ref */
void sim_owners_remove(sim_call *call);
void sim_owners_remove_user(sim_call *call);
/* True when the signed-in user owns the device whose key (by id, or by a filter on its deviceId) is
 * asked for, and the tenant's policy lets owners read. */
bool sim_owners_may_read(const sim_call *call);
/* True when the device at that position has the user in that member. */
bool sim_owners_has(const sim_tenant *tenant, size_t position, const char *member,
                    const char *user);

#endif
