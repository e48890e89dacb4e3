/* SPDX-License-Identifier: Apache-2.0
 *
 * Entra's device and user (declared in kind.h). Must not know queries or permissions. */
#include "kind.h"

#include <stdio.h>
#include <string.h>

#define SPB "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"

static const sim_property device_properties[] = {
    {"id", NULL, "null", SIM_EQUAL},
    {"deletedDateTime", "null", "null", SIM_UNLISTED},
    {"accountEnabled", "true", "true", SIM_EQUAL},
    {"alternativeSecurityIds", "[]", "[]", SIM_UNLISTED},
    {"approximateLastSignInDateTime", NULL, "null", SIM_EQUAL | SIM_RANGE},
    {"complianceExpirationDateTime", "null", "null", 0},
    {"deviceId", NULL, "null", SIM_EQUAL},
    {"deviceOwnership", "\"Company\"", "null", 0},
    {"deviceVersion", "2", "2", 0},
    {"displayName", NULL, "null", SIM_EQUAL | SIM_STARTS},
    {"enrollmentProfileName", "null", "null", 0},
    {"enrollmentType", "\"AzureDomainJoined\"", "null", 0},
    {"isCompliant", "true", "null", SIM_EQUAL},
    {"isManaged", "true", "null", SIM_EQUAL},
    {"isManagementRestricted", "null", "null", 0},
    {"isRooted", "false", "null", 0},
    {"managementType", "\"MDM\"", "null", 0},
    {"manufacturer", NULL, "null", 0},
    {"mdmAppId", "\"0000000a-0000-0000-c000-000000000000\"", "null", SIM_EQUAL},
    {"model", NULL, "null", 0},
    {"onPremisesLastSyncDateTime", "null", "null", 0},
    {"onPremisesSecurityIdentifier", "null", "null", SIM_UNLISTED},
    {"onPremisesSyncEnabled", "null", "null", SIM_EQUAL},
    {"operatingSystem", "\"Windows\"", "\"Windows\"", SIM_EQUAL | SIM_STARTS},
    {"operatingSystemVersion", NULL, "null", SIM_EQUAL | SIM_STARTS},
    {"physicalIds", "[]", "[]", 0},
    {"profileType", "\"RegisteredDevice\"", "\"RegisteredDevice\"", SIM_EQUAL},
    {"registrationDateTime", NULL, "null", SIM_RANGE},
    {"trustType", "\"AzureAd\"", "\"AzureAd\"", SIM_EQUAL},
};

static const sim_property user_properties[] = {
    {"id", NULL, "null", SIM_EQUAL},
    {"businessPhones", "[]", "[]", 0},
    {"displayName", NULL, "null", SIM_EQUAL | SIM_STARTS},
    {"givenName", "null", "null", SIM_EQUAL | SIM_STARTS},
    {"jobTitle", "null", "null", SIM_EQUAL | SIM_STARTS},
    {"mail", NULL, "null", SIM_EQUAL | SIM_STARTS},
    {"mobilePhone", "null", "null", 0},
    {"officeLocation", "null", "null", 0},
    {"preferredLanguage", "null", "null", 0},
    {"surname", "null", "null", SIM_EQUAL | SIM_STARTS},
    {"userPrincipalName", NULL, "null", SIM_EQUAL | SIM_STARTS},
    {"accountEnabled", "true", "true", SIM_EQUAL | SIM_UNLISTED},
    {"assignedLicenses", "[{\"disabledPlans\":[],\"skuId\":\"" SPB "\"}]", "[]", SIM_UNLISTED},
    {"userType", "\"Member\"", "\"Member\"", SIM_EQUAL | SIM_UNLISTED},
    {"otherMails", "[]", "[]", SIM_UNLISTED},
    {"proxyAddresses", "[]", "[]", SIM_UNLISTED},
    {"department", "null", "null", SIM_EQUAL | SIM_UNLISTED},
    {"companyName", "null", "null", SIM_EQUAL | SIM_UNLISTED},
    {"employeeId", "null", "null", SIM_EQUAL | SIM_UNLISTED},
    {"usageLocation", "null", "null", SIM_EQUAL | SIM_UNLISTED},
    {"createdDateTime", "\"2024-05-01T00:00:00Z\"", "null", SIM_RANGE | SIM_UNLISTED},
};

static const sim_rows *device_rows(const sim_tenant *tenant)
{
    return &tenant->directory;
}

static void write_id(const uint8_t *key, uint32_t index, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sim_ids_make(key, index, text);
    sup_buffer_printf(out, "\"%s\"", text);
}

static bool generate_device(const sim_tenant *tenant, uint32_t index, const char *property,
                            sup_buffer *out)
{
    static const char *const same[][2] = {
        {"deviceId", "azureADDeviceId"},
        {"displayName", "deviceName"},
        {"operatingSystemVersion", "osVersion"},
        {"approximateLastSignInDateTime", "lastSyncDateTime"},
        {"registrationDateTime", "enrolledDateTime"},
        {"manufacturer", "manufacturer"},
        {"model", "model"},
    };
    if (strcmp(property, "id") == 0) {
        write_id(tenant->gen.object_ids, index, out);
        return true;
    }
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(property, same[i][0]) == 0)
            return sim_gen_device_value(&tenant->gen, index, same[i][1], out);
    return false;
}

static const sim_rows *user_rows(const sim_tenant *tenant)
{
    return &tenant->users;
}

static bool generate_user(const sim_tenant *tenant, uint32_t index, const char *property,
                          sup_buffer *out)
{
    if (strcmp(property, "id") == 0)
        write_id(tenant->gen.user_ids, index, out);
    else if (strcmp(property, "displayName") == 0)
        sup_buffer_printf(out, "\"User %06u\"", index);
    else if (strcmp(property, "mail") == 0 || strcmp(property, "userPrincipalName") == 0)
        sup_buffer_printf(out, "\"user%06u@%s\"", index, tenant->domain);
    else
        return false;
    return true;
}

const sim_kind sim_kind_device = {
    .type = "device",
    .properties = device_properties,
    .count = sizeof device_properties / sizeof device_properties[0],
    .rows = device_rows,
    .generate = generate_device,
};

const sim_kind sim_kind_user = {
    .type = "user",
    .properties = user_properties,
    .count = sizeof user_properties / sizeof user_properties[0],
    .rows = user_rows,
    .generate = generate_user,
};
