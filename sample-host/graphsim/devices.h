/* SPDX-License-Identifier: Apache-2.0
 *
 * Entra's devices. */
#ifndef SIM_DEVICES_H
#define SIM_DEVICES_H

#include "call.h"

/* GET /devices */
void sim_devices_list(sim_call *call);
/* GET /devices/{object id} and /devices(deviceId='...') */
void sim_devices_get(sim_call *call);
/* The position that the call's first segment names; else false and a 404 in the answer. */
bool sim_devices_find(sim_call *call, size_t *out_position);

#endif
