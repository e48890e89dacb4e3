/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of permissions per route. Must not know how tokens are made or read. */
#define _GNU_SOURCE
#include "permission.h"

#include "errors.h"

#include <string.h>
#include <strings.h>

/* Any one of the permissions is enough. */
static const struct {
    const char *any[8];
    bool intune;
} table[SIM_ROUTE_COUNT] = {
    [SIM_ROUTE_MANAGED_DEVICES] = {{"DeviceManagementManagedDevices.Read.All",
                                    "DeviceManagementManagedDevices.ReadWrite.All",
                                    "DeviceManagementConfiguration.Read.All",
                                    "DeviceManagementConfiguration.ReadWrite.All"},
                                   true},
    [SIM_ROUTE_RECOVERY_KEYS_LIST] = {{"BitlockerKey.ReadBasic.All", "BitlockerKey.Read.All"},
                                      false},
    [SIM_ROUTE_RECOVERY_KEY_GET_METADATA] = {{"BitlockerKey.ReadBasic.All",
                                              "BitlockerKey.Read.All"},
                                             false},
    [SIM_ROUTE_RECOVERY_KEY_GET_SECRET] = {{"BitlockerKey.Read.All"}, false},
};

bool sim_permission_has(const char *list, const char *word)
{
    size_t len = strlen(word);
    while (*list != '\0') {
        size_t item = strcspn(list, " ");
        if (item == len && strncasecmp(list, word, len) == 0)
            return true;
        list += item + strspn(list + item, " ");
    }
    return false;
}

static bool has_any(const sim_call *call)
{
    for (size_t i = 0; table[call->route].any[i] != NULL; i++)
        if (sim_permission_has(call->claims->permissions, table[call->route].any[i]))
            return true;
    return false;
}

bool sim_permission_check(sim_call *call)
{
    if (table[call->route].any[0] == NULL)
        return true;
    bool needs_role = !table[call->route].intune && !call->claims->application &&
                      call->world->switches.values[SIM_SWITCH_ROLE_REQUIRED] != 0;
    if (has_any(call) && (!needs_role || call->claims->role))
        return true;
    if (table[call->route].intune)
        sim_errors_intune_scope(call->world, call->response, table[call->route].any[0]);
    else
        (void)sim_errors_named(call->world, call->response, "bitlocker_403");
    return false;
}
