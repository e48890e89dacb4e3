/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries out a fault rule on an answer. */
#ifndef SIM_MISBEHAVE_H
#define SIM_MISBEHAVE_H

#include "call.h"

/* Before the handler: true when the rule gives the answer itself and no handler may run. */
bool sim_misbehave_instead(sim_call *call, const sim_fault *fault);
/* After the handler: changes the answer. */
void sim_misbehave_after(sim_call *call, const sim_fault *fault);

#endif
