/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of paths. A further endpoint is one more row. Must not know what handlers do. */
#define _GNU_SOURCE
#include "paths.h"

#include "authorize.h"
#include "batch.h"
#include "delta.h"
#include "device_code.h"
#include "devices.h"
#include "directory_audits.h"
#include "managed_devices.h"
#include "organization.h"
#include "owners.h"
#include "partner.h"
#include "recovery_keys.h"
#include "rotation.h"
#include "signin.h"
#include "support/hex.h"
#include "users.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LOGIN SIM_AREA_LOGIN
#define GRAPH SIM_AREA_GRAPH
#define BETA SIM_AREA_BETA
#define KEYS "/informationProtection/bitlocker/recoveryKeys"
#define MANAGED "/deviceManagement/managedDevices"

static const sim_path table[] = {
    {SIM_ROUTE_RECOVERY_KEY_GET_METADATA, GRAPH, "GET", KEYS "/{}", sim_recovery_keys_get},
    {SIM_ROUTE_RECOVERY_KEYS_LIST, GRAPH, "GET", KEYS, sim_recovery_keys_list},
    {SIM_ROUTE_BATCH, GRAPH, "POST", "/$batch", sim_batch_run},
    {SIM_ROUTE_MANAGED_DEVICES, GRAPH, "GET", MANAGED, sim_managed_devices_list},
    {SIM_ROUTE_ROTATE, BETA, "POST", MANAGED "/{}/rotateBitLockerKeys", sim_rotation_start},
    {SIM_ROUTE_MANAGED_DEVICE, GRAPH, "GET", MANAGED "/{}", sim_managed_devices_get},
    {SIM_ROUTE_ENCRYPTION_STATES, BETA, "GET", "/deviceManagement/managedDeviceEncryptionStates",
     sim_managed_devices_encryption},
    {SIM_ROUTE_REMOTE_ACTIONS, BETA, "GET", "/deviceManagement/remoteActionAudits",
     sim_rotation_audits},
    {SIM_ROUTE_TOKEN, LOGIN, "POST", "/{}/oauth2/v2.0/token", sim_signin_token},
    {SIM_ROUTE_DEVICE_CODE, LOGIN, "POST", "/{}/oauth2/v2.0/devicecode", sim_device_code_start},
    {SIM_ROUTE_AUTHORIZE, LOGIN, "GET", "/{}/oauth2/v2.0/authorize", sim_authorize_page},
    {SIM_ROUTE_ADMIN_CONSENT, LOGIN, "GET", "/{}/adminconsent", sim_authorize_admin_consent},
    {SIM_ROUTE_ADMIN_CONSENT, LOGIN, "GET", "/{}/v2.0/adminconsent", sim_authorize_admin_consent},
    {SIM_ROUTE_OPENID, LOGIN, "GET", "/{}/v2.0/.well-known/openid-configuration",
     sim_signin_openid},
    {SIM_ROUTE_APPLICATION_CONSENTS, SIM_AREA_PARTNER, "POST",
     "/v1/customers/{}/applicationconsents", sim_partner_consent},
    {SIM_ROUTE_APPLICATION_CONSENTS, SIM_AREA_PARTNER, "DELETE",
     "/v1/customers/{}/applicationconsents/{}", sim_partner_consent},
    {SIM_ROUTE_DEVICES, GRAPH, "GET", "/devices", sim_devices_list},
    {SIM_ROUTE_DEVICES_DELTA, GRAPH, "GET", "/devices/delta", sim_delta_run},
    {SIM_ROUTE_DEVICES_DELTA, GRAPH, "GET", "/devices/delta()", sim_delta_run},
    {SIM_ROUTE_DEVICE, GRAPH, "GET", "/devices/{}", sim_devices_get},
    {SIM_ROUTE_OWNERS, GRAPH, "GET", "/devices/{}/registeredOwners", sim_owners_list},
    {SIM_ROUTE_OWNERS, GRAPH, "GET", "/devices/{}/registeredUsers", sim_owners_list_users},
    {SIM_ROUTE_OWNERS_CHANGE, GRAPH, "POST", "/devices/{}/registeredOwners/$ref", sim_owners_add},
    {SIM_ROUTE_OWNERS_CHANGE, GRAPH, "POST", "/devices/{}/registeredUsers/$ref",
     sim_owners_add_user},
    {SIM_ROUTE_OWNERS_CHANGE, GRAPH, "DELETE", "/devices/{}/registeredOwners/{}/$ref",
     sim_owners_remove},
    {SIM_ROUTE_OWNERS_CHANGE, GRAPH, "DELETE", "/devices/{}/registeredUsers/{}/$ref",
     sim_owners_remove_user},
    {SIM_ROUTE_USERS, GRAPH, "GET", "/users", sim_users_list},
    {SIM_ROUTE_USER, GRAPH, "GET", "/users/{}", sim_users_get},
    {SIM_ROUTE_LICENSE_DETAILS, GRAPH, "GET", "/users/{}/licenseDetails", sim_users_licenses},
    {SIM_ROUTE_USER_DEVICES, GRAPH, "GET", "/users/{}/ownedDevices", sim_users_owned},
    {SIM_ROUTE_USER_DEVICES, GRAPH, "GET", "/users/{}/registeredDevices", sim_users_registered},
    {SIM_ROUTE_SUBSCRIBED_SKUS, GRAPH, "GET", "/subscribedSkus", sim_organization_skus},
    {SIM_ROUTE_ORGANIZATION, GRAPH, "GET", "/organization", sim_organization_get},
    {SIM_ROUTE_DIRECTORY_AUDITS, GRAPH, "GET", "/auditLogs/directoryAudits",
     sim_directory_audits_list},
    {SIM_ROUTE_AUTHORIZATION_POLICY, GRAPH, "GET", "/policies/authorizationPolicy",
     sim_organization_policy},
    {SIM_ROUTE_AUTHORIZATION_POLICY, BETA, "GET",
     "/policies/authorizationPolicy/authorizationPolicy", sim_organization_policy},
    {SIM_ROUTE_AUTHORIZATION_POLICY_CHANGE, GRAPH, "PATCH", "/policies/authorizationPolicy",
     sim_organization_policy_change},
    {SIM_ROUTE_AUTHORIZATION_POLICY_CHANGE, BETA, "PATCH",
     "/policies/authorizationPolicy/authorizationPolicy", sim_organization_policy_change},
    {SIM_ROUTE_CUSTOMERS, GRAPH, "GET", "/tenantRelationships/delegatedAdminCustomers",
     sim_partner_customers},
    {SIM_ROUTE_CONTRACTS, GRAPH, "GET", "/contracts", sim_partner_contracts},
};

static bool capture(char *out, size_t size, const char *text, size_t len)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool fits(const char *pattern, const char *path, sim_call *call)
{
    bool first = true;
    for (;;) {
        size_t plain = strcspn(pattern, "{");
        if (strncasecmp(pattern, path, plain) != 0)
            return false;
        pattern += plain;
        path += plain;
        if (*pattern == '\0')
            return *path == '\0';
        size_t len = strcspn(path, "/");
        bool held = first ? capture(call->captured, sizeof call->captured, path, len)
                          : capture(call->second, sizeof call->second, path, len);
        if (!held)
            return false;
        first = false;
        pattern += 2;
        path += len;
    }
}

/* Percent signs decoded, key parentheses turned into segments. */
static void normalize(const char *path, char *out, size_t size)
{
    size_t used = 0;
    for (; *path != '\0' && used + 2 < size; path++) {
        char c = *path;
        int high = c == '%' ? sup_hex_digit(path[1]) : -1;
        int low = high >= 0 ? sup_hex_digit(path[2]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            path += 2;
        }
        out[used++] = c;
    }
    out[used] = '\0';
    char *open = strchr(out, '(');
    char *quote = open != NULL ? strchr(open, '\'') : NULL;
    char *close = quote != NULL ? strstr(quote, "')") : NULL;
    if (close == NULL)
        return;
    char key[300];
    (void)snprintf(key, sizeof key, "/%.*s%.*s", (int)(quote - open - 1), open + 1,
                   (int)(close - quote - 1), quote + 1);
    char rest[300];
    (void)snprintf(rest, sizeof rest, "%s", close + 2);
    (void)snprintf(open, size - (size_t)(open - out), "%s%s", key, rest);
}

const sim_path *sim_paths_find(sim_call *call)
{
    char normal[600];
    normalize(call->path, normal, sizeof normal);
    const char *path = normal;
    bool graph = strncasecmp(path, "/v1.0/", 6) == 0 || strncasecmp(path, "/beta/", 6) == 0;
    if (graph) {
        (void)snprintf(call->version, sizeof call->version, "%.4s", path + 1);
        path += 5;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bool of_graph = table[i].area == SIM_AREA_GRAPH || table[i].area == SIM_AREA_BETA;
        if (of_graph != graph || strcmp(table[i].method, call->request->method) != 0 ||
            !fits(table[i].pattern, path, call))
            continue;
        call->route = table[i].route;
        if (call->route == SIM_ROUTE_RECOVERY_KEY_GET_METADATA &&
            sim_recovery_keys_wants_secret(&call->query))
            call->route = SIM_ROUTE_RECOVERY_KEY_GET_SECRET;
        return &table[i];
    }
    call->captured[0] = '\0';
    return NULL;
}
