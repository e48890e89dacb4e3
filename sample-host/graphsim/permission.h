/* SPDX-License-Identifier: Apache-2.0
 *
 * Which permissions and roles a call needs, and how each service says no. */
#ifndef SIM_PERMISSION_H
#define SIM_PERMISSION_H

#include "call.h"

/* True when the call's claims suffice for its route; else the refusal is in its answer. */
bool sim_permission_check(sim_call *call);
/* True when `word` is one of the words of `list`. */
bool sim_permission_has(const char *list, const char *word);

#endif
