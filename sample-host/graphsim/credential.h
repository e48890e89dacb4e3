/* SPDX-License-Identifier: Apache-2.0
 *
 * How an application proves itself at the token endpoint. */
#ifndef SIM_CREDENTIAL_H
#define SIM_CREDENTIAL_H

#include "call.h"

typedef enum sim_credential {
    SIM_CREDENTIAL_NONE,
    SIM_CREDENTIAL_SECRET,
    SIM_CREDENTIAL_CERTIFICATE
} sim_credential;

/* Checks secret or assertion against the tenant where the application is registered. A tenant's
 * fact "publicClient" true refuses a secret, false demands a credential, absent takes either.
 * False, and the refusal in the answer, when the proof fails. */
bool sim_credential_check(sim_call *call, const sim_params *form, const sim_tenant *owner,
                          sim_credential *out);

#endif
