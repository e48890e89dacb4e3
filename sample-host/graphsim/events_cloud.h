/* SPDX-License-Identifier: Apache-2.0
 *
 * The events about sign-in, the directory and rotations (events.h lists them all). */
#ifndef SIM_EVENTS_CLOUD_H
#define SIM_EVENTS_CLOUD_H

#include "world.h"

/* Carries out one event; NULL, or why not in one sentence. */
typedef const char *sim_event_run(sim_world *world, sim_tenant *tenant, json_t *event);

/* NULL for an unknown type. */
sim_event_run *sim_events_cloud_find(const char *type);

#endif
