/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of routes. Must not know their paths. */
#include "route.h"

const char *sim_route_name(sim_route route)
{
    static const char *const names[SIM_ROUTE_COUNT] = {
        [SIM_ROUTE_TOKEN] = "token",
        [SIM_ROUTE_DEVICE_CODE] = "device_code",
        [SIM_ROUTE_AUTHORIZE] = "authorize",
        [SIM_ROUTE_ADMIN_CONSENT] = "admin_consent",
        [SIM_ROUTE_OPENID] = "openid",
        [SIM_ROUTE_APPLICATION_CONSENTS] = "application_consents",
        [SIM_ROUTE_MANAGED_DEVICES] = "managed_devices",
        [SIM_ROUTE_MANAGED_DEVICE] = "managed_device",
        [SIM_ROUTE_ENCRYPTION_STATES] = "encryption_states",
        [SIM_ROUTE_ROTATE] = "rotate",
        [SIM_ROUTE_REMOTE_ACTIONS] = "remote_actions",
        [SIM_ROUTE_RECOVERY_KEYS_LIST] = "recovery_keys_list",
        [SIM_ROUTE_RECOVERY_KEY_GET_METADATA] = "recovery_key_get_metadata",
        [SIM_ROUTE_RECOVERY_KEY_GET_SECRET] = "recovery_key_get_secret",
        [SIM_ROUTE_DEVICES] = "devices",
        [SIM_ROUTE_DEVICE] = "device",
        [SIM_ROUTE_DEVICES_DELTA] = "devices_delta",
        [SIM_ROUTE_OWNERS] = "owners",
        [SIM_ROUTE_OWNERS_CHANGE] = "owners_change",
        [SIM_ROUTE_USERS] = "users",
        [SIM_ROUTE_USER] = "user",
        [SIM_ROUTE_USER_DEVICES] = "user_devices",
        [SIM_ROUTE_LICENSE_DETAILS] = "license_details",
        [SIM_ROUTE_SUBSCRIBED_SKUS] = "subscribed_skus",
        [SIM_ROUTE_ORGANIZATION] = "organization",
        [SIM_ROUTE_DIRECTORY_AUDITS] = "directory_audits",
        [SIM_ROUTE_AUTHORIZATION_POLICY] = "authorization_policy",
        [SIM_ROUTE_AUTHORIZATION_POLICY_CHANGE] = "authorization_policy_change",
        [SIM_ROUTE_CUSTOMERS] = "customers",
        [SIM_ROUTE_CONTRACTS] = "contracts",
        [SIM_ROUTE_BATCH] = "batch",
        [SIM_ROUTE_UNKNOWN] = "unknown",
    };
    return names[route];
}
