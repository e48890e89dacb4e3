/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes under /_sim/: what tests use to look at and to change the simulated cloud. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "call.h"

/* Answers any request whose path begins with /_sim/. */
void sim_control_handle(sim_call *call);

#endif
