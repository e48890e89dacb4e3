/* SPDX-License-Identifier: Apache-2.0
 *
 * Intune's managedDevice (declared in kind.h). Must not know queries or permissions. */
#include "kind.h"

/* Order as Graph lists them; the operators are those of the service's metadata. */
static const sim_property properties[] = {
    {"id", NULL, "null", SIM_EQUAL},
    {"userId", "\"\"", "\"\"", 0},
    {"deviceName", NULL, "\"\"", SIM_EQUAL | SIM_CONTAINS},
    {"managedDeviceName", "\"\"", "\"\"", 0},
    {"managedDeviceOwnerType", "\"company\"", "\"company\"", 0},
    {"enrolledDateTime", NULL, "\"0001-01-01T00:00:00Z\"", SIM_LESS},
    {"lastSyncDateTime", NULL, "\"0001-01-01T00:00:00Z\"", SIM_LESS},
    {"operatingSystem", "\"Windows\"", "\"Windows\"", SIM_EQUAL},
    {"complianceState", "\"compliant\"", "\"unknown\"", SIM_EQUAL},
    {"managementAgent", "\"mdm\"", "\"mdm\"", SIM_EQUAL},
    {"managementState", "\"managed\"", "\"managed\"", 0},
    {"osVersion", NULL, "\"\"", SIM_CONTAINS},
    {"azureADRegistered", "true", "null", 0},
    {"azureADDeviceId", NULL, "\"00000000-0000-0000-0000-000000000000\"", SIM_EQUAL},
    {"deviceEnrollmentType", "\"windowsAzureADJoin\"", "\"unknown\"", 0},
    {"deviceRegistrationState", "\"registered\"", "\"unknown\"", 0},
    {"deviceCategoryDisplayName", "\"\"", "\"\"", 0},
    {"isSupervised", "false", "false", 0},
    {"isEncrypted", "true", "false", 0},
    {"emailAddress", "\"\"", "\"\"", SIM_CONTAINS},
    {"userPrincipalName", "\"\"", "\"\"", SIM_EQUAL | SIM_UNEQUAL},
    {"userDisplayName", "\"\"", "\"\"", 0},
    {"model", NULL, "\"\"", SIM_EQUAL | SIM_CONTAINS},
    {"manufacturer", NULL, "\"\"", SIM_EQUAL},
    {"serialNumber", NULL, "\"\"", SIM_EQUAL},
    {"imei", "\"\"", "\"\"", 0},
    {"phoneNumber", "\"\"", "\"\"", 0},
    {"wiFiMacAddress", "\"\"", "\"\"", 0},
    {"ethernetMacAddress", NULL, "null", SIM_SINGLE},
    {"totalStorageSpaceInBytes", "256060514304", "0", 0},
    {"freeStorageSpaceInBytes", "128030257152", "0", 0},
    {"physicalMemoryInBytes", "17179869184", "0", SIM_SINGLE},
    {"partnerReportedThreatState", "\"unknown\"", "\"unknown\"", 0},
    {"notes", "null", "null", SIM_SINGLE},
    {"udid", "null", "null", SIM_SINGLE},
    {"iccid", "null", "null", SIM_SINGLE},
    {"deviceHealthAttestationState", "null", "null", 0},
    {"deviceActionResults", "[]", "[]", 0},
};

static const sim_rows *rows_of(const sim_tenant *tenant)
{
    return &tenant->devices;
}

static bool generate(const sim_tenant *tenant, uint32_t index, const char *property,
                     sup_buffer *out)
{
    return sim_gen_device_value(&tenant->gen, index, property, out);
}

const sim_kind sim_kind_managed_device = {
    .type = "managedDevice",
    .properties = properties,
    .count = sizeof properties / sizeof properties[0],
    .always_id = true,
    .rows = rows_of,
    .generate = generate,
};
