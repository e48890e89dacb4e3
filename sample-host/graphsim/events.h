/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes to the data while the simulator runs. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "world.h"

/* Carries out one event or a list of them, in order, until one is refused:
 *   {"type":"add_key","key":{...}}             a row as in the data file
 *   {"type":"remove_key","id":...}
 *   {"type":"set_key","id":...,"key":text}     the password text; or "fields":{...} for any members
 *   {"type":"add_device","device":{...}}
 *   {"type":"remove_device","id":...,"keys":true}  id: Intune id or Entra device id; with "keys"
 *                                              its keys go too
 *   {"type":"rename_device","id":...,"name":text}  or "fields":{...}
 * {"type":"set_tenant","fields":{...}}       scopes, roles, wids, intune, partners, consented ...
 *   {"type":"add_user","user":{...}}           likewise "set_skus" with "skus":[...]
 *   {"type":"add_object","object":{...}}       an Entra device
 *   {"type":"set_object","id":...,"fields":{...}}  by object id or deviceId
 *   {"type":"delete_object","id":...}          softly: keys are hidden, not lost
 *   {"type":"restore_object","id":...}, {"type":"destroy_object","id":...}  hard: keys go
 *   {"type":"expire_delta"}                    delta tokens given out so far end in 410
 *   {"type":"rotation","id":...,"outcome":"done|failed|not_supported|stuck|no_key"}
 *   {"type":"device_code","user_code":...,"result":"approve|decline|expire|blocked"}
 *   {"type":"challenge"}                       tokens of clients that take it get a claims
 * challenge
 *   {"type":"revoke_sessions"}                 that, and refresh tokens given out so far end
 * "tenant" (id or domain) may be left out when there is one tenant only. False, with one sentence
 * in `err`, for the refused one. */
bool sim_events_apply(sim_world *world, json_t *events, char err[256]);

#endif
