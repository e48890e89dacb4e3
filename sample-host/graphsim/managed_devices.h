/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /deviceManagement/managedDevices. */
#ifndef SIM_MANAGED_DEVICES_H
#define SIM_MANAGED_DEVICES_H

#include "call.h"

void sim_managed_devices_list(sim_call *call);

#endif
