/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of routes. Must not know their paths. */
#include "route.h"

const char *sim_route_name(sim_route route)
{
    static const char *const names[SIM_ROUTE_COUNT] = {
        [SIM_ROUTE_TOKEN] = "token",
        [SIM_ROUTE_MANAGED_DEVICES] = "managed_devices",
        [SIM_ROUTE_RECOVERY_KEYS_LIST] = "recovery_keys_list",
        [SIM_ROUTE_RECOVERY_KEY_GET_METADATA] = "recovery_key_get_metadata",
        [SIM_ROUTE_RECOVERY_KEY_GET_SECRET] = "recovery_key_get_secret",
        [SIM_ROUTE_UNKNOWN] = "unknown",
    };
    return names[route];
}
