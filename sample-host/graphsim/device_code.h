/* SPDX-License-Identifier: Apache-2.0
 *
 * The device authorization grant. */
#ifndef SIM_DEVICE_CODE_H
#define SIM_DEVICE_CODE_H

#include "signin.h"

/* POST /{tenant}/oauth2/v2.0/devicecode */
void sim_device_code_start(sim_call *call);
/* The token endpoint's part. */
void sim_device_code_poll(sim_signin *signin);

#endif
