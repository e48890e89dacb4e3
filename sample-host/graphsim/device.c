/* SPDX-License-Identifier: Apache-2.0
 *
 * managedDevice rows as JSON text. Must not know queries, paging or permissions. */
#include "device.h"

#include "json.h"

#include <string.h>

/* Order as Graph lists them; `generated` is what every generated device says, `otherwise` what a
 * row of a file says that leaves the property out. */
static const struct {
    const char *name;
    const char *generated;
    const char *otherwise;
} table[] = {
    {"id", NULL, "null"},
    {"userId", "\"\"", "\"\""},
    {"deviceName", NULL, "\"\""},
    {"managedDeviceName", "\"\"", "\"\""},
    {"managedDeviceOwnerType", "\"company\"", "\"company\""},
    {"enrolledDateTime", NULL, "\"0001-01-01T00:00:00Z\""},
    {"lastSyncDateTime", NULL, "\"0001-01-01T00:00:00Z\""},
    {"operatingSystem", "\"Windows\"", "\"Windows\""},
    {"complianceState", "\"compliant\"", "\"unknown\""},
    {"managementAgent", "\"mdm\"", "\"mdm\""},
    {"managementState", "\"managed\"", "\"managed\""},
    {"osVersion", NULL, "\"\""},
    {"azureADRegistered", "true", "null"},
    {"azureADDeviceId", NULL, "\"00000000-0000-0000-0000-000000000000\""},
    {"deviceEnrollmentType", "\"windowsAzureADJoin\"", "\"unknown\""},
    {"deviceRegistrationState", "\"registered\"", "\"unknown\""},
    {"deviceCategoryDisplayName", "\"\"", "\"\""},
    {"isSupervised", "false", "false"},
    {"isEncrypted", "true", "false"},
    {"emailAddress", "\"\"", "\"\""},
    {"userPrincipalName", "\"\"", "\"\""},
    {"userDisplayName", "\"\"", "\"\""},
    {"model", NULL, "\"\""},
    {"manufacturer", NULL, "\"\""},
    {"serialNumber", NULL, "\"\""},
    {"imei", "\"\"", "\"\""},
    {"phoneNumber", "\"\"", "\"\""},
    {"wiFiMacAddress", "\"\"", "\"\""},
    {"ethernetMacAddress", "null", "null"},
    {"totalStorageSpaceInBytes", "256060514304", "0"},
    {"freeStorageSpaceInBytes", "128030257152", "0"},
    {"physicalMemoryInBytes", "0", "0"},
    {"partnerReportedThreatState", "\"unknown\"", "\"unknown\""},
    {"notes", "null", "null"},
    {"udid", "null", "null"},
    {"iccid", "null", "null"},
    {"deviceHealthAttestationState", "null", "null"},
    {"deviceActionResults", "[]", "[]"},
};

#define COUNT (sizeof table / sizeof table[0])

const char *const *sim_device_properties(void)
{
    static const char *names[COUNT + 1];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = table[i].name;
    return names;
}

int sim_device_property(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
            return (int)i;
    return -1;
}

void sim_device_write_value(const sim_tenant *tenant, size_t position, int property,
                            sup_buffer *out)
{
    const char *name = table[property].name;
    const json_t *row = sim_rows_object(&tenant->devices, position);
    if (row != NULL) {
        const json_t *value = json_object_get(row, name);
        if (value != NULL)
            sim_json_value(out, value);
        else
            sup_buffer_add_str(out, table[property].otherwise);
    } else if (table[property].generated != NULL) {
        sup_buffer_add_str(out, table[property].generated);
    } else if (!sim_gen_device_value(&tenant->gen, (uint32_t)position, name, out)) {
        sup_buffer_add_str(out, table[property].otherwise);
    }
}

void sim_device_write(const sim_tenant *tenant, size_t position, uint64_t selected, sup_buffer *out)
{
    const char *before = "{\"";
    for (size_t i = 0; i < COUNT; i++) {
        if (i > 0 && (selected >> i & 1) == 0)
            continue;
        sup_buffer_add_str(out, before);
        sup_buffer_add_str(out, table[i].name);
        sup_buffer_add_str(out, "\":");
        sim_device_write_value(tenant, position, (int)i, out);
        before = ",\"";
    }
    sup_buffer_add_str(out, "}");
}
