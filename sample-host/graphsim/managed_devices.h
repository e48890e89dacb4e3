/* SPDX-License-Identifier: Apache-2.0
 *
 * Intune's devices and its encryption report. */
#ifndef SIM_MANAGED_DEVICES_H
#define SIM_MANAGED_DEVICES_H

#include "call.h"

/* GET /deviceManagement/managedDevices */
void sim_managed_devices_list(sim_call *call);
/* GET /deviceManagement/managedDevices/{id} */
void sim_managed_devices_get(sim_call *call);
/* GET /deviceManagement/managedDeviceEncryptionStates, from each device's isEncrypted unless its
 * row has an "encryptionState" object */
void sim_managed_devices_encryption(sim_call *call);
/* False, and the refusal in the answer, when the tenant has no Intune. */
bool sim_managed_devices_licensed(sim_call *call);

#endif
