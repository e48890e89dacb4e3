/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /$batch. */
#ifndef SIM_BATCH_H
#define SIM_BATCH_H

#include "call.h"

void sim_batch_run(sim_call *call);

#endif
