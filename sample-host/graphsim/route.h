/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of what can be asked for, as tests see them in counts, log and fault rules. */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

typedef enum sim_route {
    SIM_ROUTE_TOKEN,
    SIM_ROUTE_MANAGED_DEVICES,
    SIM_ROUTE_RECOVERY_KEYS_LIST,
    SIM_ROUTE_RECOVERY_KEY_GET_METADATA,
    SIM_ROUTE_RECOVERY_KEY_GET_SECRET,
    SIM_ROUTE_UNKNOWN,
    SIM_ROUTE_COUNT
} sim_route;

/* "token", "managed_devices", "recovery_keys_list", ... */
const char *sim_route_name(sim_route route);

#endif
