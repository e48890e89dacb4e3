/* SPDX-License-Identifier: Apache-2.0
 *
 * Rotation of BitLocker keys by Intune: queued at once, done later on the simulator's clock. */
#ifndef SIM_ROTATION_H
#define SIM_ROTATION_H

#include "call.h"

/* POST /deviceManagement/managedDevices/{id}/rotateBitLockerKeys */
void sim_rotation_start(sim_call *call);
/* GET /deviceManagement/remoteActionAudits */
void sim_rotation_audits(sim_call *call);
/* Lets what is due by now happen: actions end, new keys are escrowed. */
void sim_rotation_settle(sim_world *world, sim_tenant *tenant);
/* Fills deviceActionResults of an answer about that device, when it has them. */
void sim_rotation_show(sim_call *call, const char *device);
/* Decides how a rotation ends that is under way or comes next: one of sim_rotation_outcome. False
 * when there is no such device. */
bool sim_rotation_decide(sim_tenant *tenant, const char *device, int outcome);

#endif
