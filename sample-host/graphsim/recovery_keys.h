/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /informationProtection/bitlocker/recoveryKeys and one of them. */
#ifndef SIM_RECOVERY_KEYS_H
#define SIM_RECOVERY_KEYS_H

#include "call.h"

void sim_recovery_keys_list(sim_call *call);
/* With or without the key, as the query asks; reading it counts and leaves an audit record. */
void sim_recovery_keys_get(sim_call *call);
/* True when the query asks for the key: $select names `key` and nothing else. */
bool sim_recovery_keys_wants_secret(const sim_params *query);

#endif
