/* SPDX-License-Identifier: Apache-2.0
 *
 * The login host's token endpoint. */
#ifndef SIM_SIGNIN_H
#define SIM_SIGNIN_H

#include "call.h"

/* POST /{tenant}/oauth2/v2.0/token; call->captured is the tenant segment. */
void sim_signin_token(sim_call *call);

#endif
