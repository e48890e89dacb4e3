/* SPDX-License-Identifier: Apache-2.0
 *
 * Client assertions: JSON Web Tokens signed with a certificate's key. */
#ifndef SIM_ASSERTION_H
#define SIM_ASSERTION_H

#include "call.h"

/* 0 when the assertion proves that the client holds the key of a certificate of the tenant's
 * "certificates" (a PEM text or a list of them). Else the AADSTS number, with one sentence in
 * `problem`. */
int sim_assertion_check(sim_call *call, const sim_tenant *owner, const char *assertion,
                        char problem[256]);

#endif
