/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages that a browser visits: sign-in for a code, and admin consent. The simulated user signs
 * in and agrees without being asked; redirects are answered as Microsoft does. */
#ifndef SIM_AUTHORIZE_H
#define SIM_AUTHORIZE_H

#include "signin.h"

/* GET /{tenant}/oauth2/v2.0/authorize */
void sim_authorize_page(sim_call *call);
/* GET /{tenant}/adminconsent */
void sim_authorize_admin_consent(sim_call *call);
/* The token endpoint's part: redeems a code. */
void sim_authorize_redeem(sim_signin *signin);

#endif
