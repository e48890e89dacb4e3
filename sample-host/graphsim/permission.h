/* SPDX-License-Identifier: Apache-2.0
 *
 * Which permissions and roles a call needs, and how each service says no. */
#ifndef SIM_PERMISSION_H
#define SIM_PERMISSION_H

#include "call.h"

/* Directory roles, as bits of sim_claims.roles. */
typedef enum sim_role {
    SIM_ROLE_GLOBAL_ADMINISTRATOR,
    SIM_ROLE_CLOUD_DEVICE_ADMINISTRATOR,
    SIM_ROLE_HELPDESK_ADMINISTRATOR,
    SIM_ROLE_INTUNE_ADMINISTRATOR,
    SIM_ROLE_SECURITY_ADMINISTRATOR,
    SIM_ROLE_SECURITY_READER,
    SIM_ROLE_GLOBAL_READER,
    SIM_ROLE_REPORTS_READER,
    SIM_ROLE_PRIVILEGED_ROLE_ADMINISTRATOR,
    SIM_ROLE_WINDOWS_365_ADMINISTRATOR,
    SIM_ROLE_COUNT
} sim_role;

/* True when the call's claims suffice for its route; else the refusal is in its answer. */
bool sim_permission_check(sim_call *call);
/* True when `word` is one of the words of `list`. */
bool sim_permission_has(const char *list, const char *word);
/* The roles of a wids claim. */
uint32_t sim_permission_roles(const json_t *wids);
/* True when one of the roles may read BitLocker keys. */
bool sim_permission_reads_keys(uint32_t roles);

#endif
