/* SPDX-License-Identifier: Apache-2.0
 *
 * Rotation by schedule: passwords that are due get a new secret through the one gate. */
#ifndef HOST_ROTATION_H
#define HOST_ROTATION_H

#include "sample-host/src/host.h"

#define HOST_ROTATION_DAYS_MAX 365

/* Rotates what is due at that time. What a guard refuses by now leaves the schedule. */
void host_rotation_run_due(host *h, int64_t now_ms);

#endif
