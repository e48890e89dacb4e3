/* SPDX-License-Identifier: Apache-2.0
 *
 * People, their licences and devices. */
#ifndef SIM_USERS_H
#define SIM_USERS_H

#include "call.h"

/* GET /users and /users/{id or userPrincipalName} */
void sim_users_list(sim_call *call);
void sim_users_get(sim_call *call);
/* GET /users/{id}/licenseDetails */
void sim_users_licenses(sim_call *call);
/* GET /users/{id}/ownedDevices and registeredDevices */
void sim_users_owned(sim_call *call);
void sim_users_registered(sim_call *call);

#endif
