/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /devices/delta: a whole listing first, then what changed since. */
#ifndef SIM_DELTA_H
#define SIM_DELTA_H

#include "call.h"

/* Tokens are good for 7 days and until the event "expire_delta"; later ones get 410 with the
 * address of a fresh start. */
void sim_delta_run(sim_call *call);

#endif
