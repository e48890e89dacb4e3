/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of permissions per route. Must not know how tokens are made or read. */
#define _GNU_SOURCE
#include "permission.h"

#include "errors.h"
#include "owners.h"

#include <string.h>
#include <strings.h>

#define BIT(role) (1U << SIM_ROLE_##role)
#define KEY_READERS                                                                                \
    (BIT(GLOBAL_ADMINISTRATOR) | BIT(CLOUD_DEVICE_ADMINISTRATOR) | BIT(HELPDESK_ADMINISTRATOR) |   \
     BIT(INTUNE_ADMINISTRATOR) | BIT(SECURITY_ADMINISTRATOR) | BIT(SECURITY_READER) |              \
     BIT(GLOBAL_READER))
#define AUDIT_READERS                                                                              \
    (BIT(GLOBAL_ADMINISTRATOR) | BIT(REPORTS_READER) | BIT(SECURITY_READER) |                      \
     BIT(SECURITY_ADMINISTRATOR) | BIT(GLOBAL_READER))
#define OWNER_CHANGERS                                                                             \
    (BIT(GLOBAL_ADMINISTRATOR) | BIT(INTUNE_ADMINISTRATOR) | BIT(WINDOWS_365_ADMINISTRATOR))
#define POLICY_CHANGERS (BIT(GLOBAL_ADMINISTRATOR) | BIT(PRIVILEGED_ROLE_ADMINISTRATOR))

static const char *const role_ids[SIM_ROLE_COUNT] = {
    [SIM_ROLE_GLOBAL_ADMINISTRATOR] = "62e90394-69f5-4237-9190-012177145e10",
    [SIM_ROLE_CLOUD_DEVICE_ADMINISTRATOR] = "7698a772-787b-4ac8-901f-60d6b08affd2",
    [SIM_ROLE_HELPDESK_ADMINISTRATOR] = "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    [SIM_ROLE_INTUNE_ADMINISTRATOR] = "3a2c62db-5318-420d-8d74-23affee5d9d5",
    [SIM_ROLE_SECURITY_ADMINISTRATOR] = "194ae4cb-b126-40b2-bd5b-6091b380977d",
    [SIM_ROLE_SECURITY_READER] = "5d6b6bb7-de71-4623-b4af-96380a352509",
    [SIM_ROLE_GLOBAL_READER] = "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    [SIM_ROLE_REPORTS_READER] = "4a5d8f65-41da-4de4-8968-e035b65339cf",
    [SIM_ROLE_PRIVILEGED_ROLE_ADMINISTRATOR] = "e8611ab8-c189-46e8-94e1-60213ab1f814",
    [SIM_ROLE_WINDOWS_365_ADMINISTRATOR] = "11451d60-acb2-45eb-a7d6-43d0f0125c13",
};

typedef enum dialect { DIRECTORY, KEYS, INTUNE } dialect;

#define KEY_METADATA                                                                               \
    {                                                                                              \
        "BitlockerKey.ReadBasic.All", "BitlockerKey.Read.All"                                      \
    }
#define MANAGED_READ                                                                               \
    {                                                                                              \
        "DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All", \
            "DeviceManagementConfiguration.Read.All",                                              \
            "DeviceManagementConfiguration.ReadWrite.All"                                          \
    }
#define DEVICE_READ                                                                                \
    {                                                                                              \
        "Device.Read.All", "Directory.Read.All", "Directory.AccessAsUser.All"                      \
    }
#define USER_READ                                                                                  \
    {                                                                                              \
        "User.ReadBasic.All", "User.Read.All", "Directory.Read.All"                                \
    }
#define LICENSE_READ                                                                               \
    {                                                                                              \
        "LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"                \
    }

/* Any one of the permissions is enough; `roles` matter to delegated calls only. */
static const struct {
    const char *any[5];
    dialect dialect;
    uint32_t roles;
    bool delegated_only;
} table[SIM_ROUTE_COUNT] = {
    [SIM_ROUTE_MANAGED_DEVICES] = {MANAGED_READ, INTUNE, 0, false},
    [SIM_ROUTE_MANAGED_DEVICE] = {MANAGED_READ, INTUNE, 0, false},
    [SIM_ROUTE_REMOTE_ACTIONS] = {MANAGED_READ, INTUNE, 0, false},
    [SIM_ROUTE_ENCRYPTION_STATES] = {{"DeviceManagementConfiguration.Read.All",
                                      "DeviceManagementConfiguration.ReadWrite.All"},
                                     INTUNE,
                                     0,
                                     false},
    [SIM_ROUTE_RECOVERY_KEYS_LIST] = {KEY_METADATA, KEYS, KEY_READERS, false},
    [SIM_ROUTE_RECOVERY_KEY_GET_METADATA] = {KEY_METADATA, KEYS, KEY_READERS, false},
    [SIM_ROUTE_RECOVERY_KEY_GET_SECRET] = {{"BitlockerKey.Read.All"}, KEYS, KEY_READERS, false},
    [SIM_ROUTE_DEVICES] = {DEVICE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_DEVICE] = {DEVICE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_DEVICES_DELTA] = {DEVICE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_OWNERS] = {DEVICE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_OWNERS_CHANGE] = {{"Directory.AccessAsUser.All"}, DIRECTORY, OWNER_CHANGERS, true},
    [SIM_ROUTE_USERS] = {USER_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_USER] = {USER_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_USER_DEVICES] = {{"User.Read.All", "Directory.Read.All"}, DIRECTORY, 0, false},
    [SIM_ROUTE_LICENSE_DETAILS] = {LICENSE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_SUBSCRIBED_SKUS] = {LICENSE_READ, DIRECTORY, 0, false},
    [SIM_ROUTE_ORGANIZATION] = {{"Organization.Read.All", "Directory.Read.All"},
                                DIRECTORY,
                                0,
                                false},
    [SIM_ROUTE_DIRECTORY_AUDITS] = {{"AuditLog.Read.All"}, DIRECTORY, AUDIT_READERS, false},
    [SIM_ROUTE_AUTHORIZATION_POLICY] = {{"Policy.Read.All", "Policy.ReadWrite.Authorization"},
                                        DIRECTORY,
                                        0,
                                        false},
    [SIM_ROUTE_AUTHORIZATION_POLICY_CHANGE] = {{"Policy.ReadWrite.Authorization"},
                                               DIRECTORY,
                                               POLICY_CHANGERS,
                                               false},
    [SIM_ROUTE_CUSTOMERS] = {{"DelegatedAdminRelationship.Read.All",
                              "DelegatedAdminRelationship.ReadWrite.All"},
                             DIRECTORY,
                             0,
                             false},
    [SIM_ROUTE_CONTRACTS] = {{"Directory.Read.All"}, DIRECTORY, 0, false},
};

/* Which of these the service really wants is open: a switch decides. */
static const char *const rotation_permissions[] = {
    "DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementManagedDevices.PrivilegedOperations.All"};

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

uint32_t sim_permission_roles(const json_t *wids)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < json_array_size(wids); i++) {
        const char *id = json_string_value(json_array_get(wids, i));
        for (size_t role = 0; id != NULL && role < SIM_ROLE_COUNT; role++)
            if (strcasecmp(id, role_ids[role]) == 0)
                bits |= 1U << role;
    }
    return bits;
}

bool sim_permission_reads_keys(uint32_t roles)
{
    return (roles & KEY_READERS) != 0;
}

static bool has_any(const sim_call *call)
{
    for (size_t i = 0; i < 5 && table[call->route].any[i] != NULL; i++)
        if (sim_permission_has(call->claims->permissions, table[call->route].any[i]))
            return true;
    return call->route == SIM_ROUTE_ORGANIZATION && !call->claims->application &&
           sim_permission_has(call->claims->permissions, "User.Read");
}

static bool may_rotate(sim_call *call)
{
    int64_t wanted = call->world->switches.values[SIM_SWITCH_ROTATION_PERMISSION];
    const char *held = call->claims->permissions;
    bool good = wanted != 0 ? sim_permission_has(held, rotation_permissions[wanted - 1])
                            : sim_permission_has(held, rotation_permissions[0]) ||
                                  sim_permission_has(held, rotation_permissions[1]);
    bool trusted = call->claims->application ||
                   !json_is_false(json_object_get(call->tenant->facts, "rotateRbac"));
    if (!good)
        sim_errors_intune_scope(call->world, call->response,
                                rotation_permissions[wanted != 0 ? wanted - 1 : 0]);
    else if (!trusted)
        (void)sim_errors_named(call->world, call->response, "intune_rbac");
    return good && trusted;
}

/* Owners may read the keys of their devices unless the tenant's policy forbids it. */
static bool has_role(const sim_call *call)
{
    uint32_t roles = table[call->route].roles;
    if (call->claims->application || roles == 0 || (call->claims->roles & roles) != 0 ||
        call->world->switches.values[SIM_SWITCH_ROLE_REQUIRED] == 0)
        return true;
    return table[call->route].dialect == KEYS && sim_owners_may_read(call);
}

bool sim_permission_check(sim_call *call)
{
    if (call->route == SIM_ROUTE_ROTATE)
        return may_rotate(call);
    if (table[call->route].any[0] == NULL)
        return true;
    bool kind = !table[call->route].delegated_only || !call->claims->application;
    if (kind && has_any(call) && has_role(call))
        return true;
    if (table[call->route].dialect == INTUNE)
        sim_errors_intune_scope(call->world, call->response, table[call->route].any[0]);
    else
        (void)sim_errors_named(call->world, call->response,
                               table[call->route].dialect == KEYS ? "bitlocker_403"
                                                                  : "directory_403");
    return false;
}
