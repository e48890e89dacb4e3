/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of Entra's devices: changed, softly deleted, restored, gone with their keys. Each change
 * is noted for delta. */
#ifndef SIM_OBJECTS_H
#define SIM_OBJECTS_H

#include "world.h"

#define SIM_OBJECTS_KEPT_MS (INT64_C(30) * 86400000)

/* Notes a change of the object: `reason` NULL for a new or changed one, else "changed" (softly
 * deleted) or "deleted". */
void sim_objects_note(sim_tenant *tenant, const char *id, const char *reason);
/* Soft deletion, by object id or deviceId: keys are kept, but not shown. False when there is no
 * such device. */
bool sim_objects_delete(sim_world *world, sim_tenant *tenant, const char *id);
/* Brings a softly deleted one back. */
bool sim_objects_restore(sim_tenant *tenant, const char *id);
/* Hard deletion of a device, softly deleted or not: its keys go too. */
bool sim_objects_destroy(sim_world *world, sim_tenant *tenant, const char *id);
/* Destroys what was softly deleted more than 30 days ago. */
void sim_objects_purge(sim_world *world, sim_tenant *tenant);

#endif
