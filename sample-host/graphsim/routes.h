/* SPDX-License-Identifier: Apache-2.0
 *
 * From a request to its answer. */
#ifndef SIM_ROUTES_H
#define SIM_ROUTES_H

#include "http.h"
#include "world.h"

/* Answers any request. `response` is initialised by the caller. */
void sim_routes_handle(sim_world *world, const sim_request *request, sim_response *response);
/* Answers one item of a batch: counted, charged and logged like any request, never control. */
void sim_routes_handle_item(sim_world *world, const sim_request *request, sim_response *response);
/* True for the control API, which is neither counted nor delayed. */
bool sim_routes_is_control(const char *target);

#endif
