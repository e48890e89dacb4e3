/* SPDX-License-Identifier: Apache-2.0
 *
 * The scope parameter of sign-ins. */
#ifndef SIM_SCOPE_H
#define SIM_SCOPE_H

#include "call.h"

/* Reads which resource the scopes are for: Graph of this cloud, this server's own origin, or
 * Partner Center. Application tokens take exactly one resource with /.default. False when there is
 * none or another host's. */
bool sim_scope_read(const sim_call *call, const char *scope, bool application, char audience[128]);

#endif
