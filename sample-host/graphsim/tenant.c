/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's facts and rows. Must not know requests, tokens or faults. */
#define _GNU_SOURCE
#include "tenant.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_SCOPES                                                                             \
    "BitlockerKey.Read.All DeviceManagementManagedDevices.Read.All Device.Read.All User.Read "     \
    "User.Read.All LicenseAssignment.Read.All Organization.Read.All Policy.Read.All "              \
    "AuditLog.Read.All DeviceManagementConfiguration.Read.All"
#define DEFAULT_ROLES                                                                              \
    "BitlockerKey.Read.All DeviceManagementManagedDevices.Read.All Device.Read.All "               \
    "User.Read.All LicenseAssignment.Read.All Organization.Read.All Policy.Read.All "              \
    "AuditLog.Read.All DeviceManagementConfiguration.Read.All"
#define PERMISSION_PREFIX "https://graph.microsoft.com/"
#define SPB "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
#define INTUNE_A "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"
#define AAD_PREMIUM "41781fb2-bc02-4b7c-bd55-b576c07bb09d"

static const char *const list_names[] = {"recoveryKeys", "managedDevices", "devices", "users",
                                         "subscribedSkus"};

static const char *fill(sim_tenant *tenant, const char *name, const char *value)
{
    const char *given = sim_json_text(tenant->facts, name, NULL);
    if (given != NULL)
        return given;
    (void)json_object_set_new(tenant->facts, name, json_string(value));
    (void)json_object_set_new(tenant->filled, name, json_string(value));
    return sim_json_text(tenant->facts, name, "");
}

static const char *fill_guid(sim_tenant *tenant, const char *name, uint64_t seed)
{
    uint8_t key[SIM_IDS_KEY_SIZE];
    char text[SUP_GUID_TEXT_LEN + 1];
    sim_ids_key(seed, 0, name, key);
    sim_ids_make(key, (uint32_t)tenant->index, text);
    return fill(tenant, name, text);
}

static const char *fill_secret(sim_tenant *tenant, const char *name, const char *form,
                               uint64_t seed)
{
    uint8_t key[SIM_IDS_KEY_SIZE];
    char text[128];
    sim_ids_key(seed, (uint32_t)tenant->index, name, key);
    (void)snprintf(text, sizeof text, "%s%016llx%016llx", form,
                   (unsigned long long)sim_ids_bits(key, 0, 0),
                   (unsigned long long)sim_ids_bits(key, 0, 1));
    return fill(tenant, name, text);
}

static void add_permission(sup_buffer *out, const char *word, size_t len)
{
    size_t prefix = sizeof PERMISSION_PREFIX - 1;
    if (len > prefix && strncasecmp(word, PERMISSION_PREFIX, prefix) == 0) {
        word += prefix;
        len -= prefix;
    }
    if (len == 0)
        return;
    if (out->len > 0)
        sup_buffer_add_str(out, " ");
    sup_buffer_add(out, word, len);
}

char *sim_tenant_permissions(const json_t *value)
{
    sup_buffer out;
    sup_buffer_init(&out, 65536);
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) if (json_is_string(item))
        add_permission(&out, json_string_value(item), json_string_length(item));
    const char *text = json_string_value(value);
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, " ");
        add_permission(&out, text, len);
        text += len + strspn(text + len, " ");
    }
    sup_buffer_add_str(&out, "");
    return sup_buffer_take(&out);
}

static char *fill_permissions(sim_tenant *tenant, const char *name, const char *otherwise)
{
    if (!json_is_array(json_object_get(tenant->facts, name)))
        (void)fill(tenant, name, otherwise);
    return sim_tenant_permissions(json_object_get(tenant->facts, name));
}

static void read_changeable(sim_tenant *tenant)
{
    tenant->scopes = fill_permissions(tenant, "scopes", DEFAULT_SCOPES);
    tenant->roles = fill_permissions(tenant, "roles", DEFAULT_ROLES);
    tenant->intune = !json_is_false(json_object_get(tenant->facts, "intune"));
    tenant->owners_may_read =
        !json_is_false(json_object_get(tenant->facts, "allowedToReadBitlockerKeysForOwnedDevice"));
}

static void fill_facts(sim_tenant *tenant, uint64_t seed)
{
    char text[64];
    tenant->id = fill_guid(tenant, "tenantId", seed);
    (void)snprintf(text, sizeof text, "Tenant %zu", tenant->index + 1);
    (void)fill(tenant, "displayName", text);
    (void)snprintf(text, sizeof text, "tenant%zu.example", tenant->index + 1);
    tenant->domain = fill(tenant, "domain", text);
    tenant->client_id = fill_guid(tenant, "clientId", seed);
    tenant->client_secret = fill_secret(tenant, "clientSecret", "sim~", seed);
    tenant->refresh_token = fill_secret(tenant, "refreshToken", "1.SIM-", seed);
    tenant->user_id = fill(tenant, "userId", "f6732670-8556-4d87-a9b4-776954c997f4");
    tenant->user_name = fill(tenant, "userPrincipalName", "tech@harborbyte.example");
    read_changeable(tenant);
}

void sim_tenant_set_facts(sim_tenant *tenant, json_t *fields)
{
    static const char *const fixed[] = {"tenantId", "clientId",     "clientSecret",     "domain",
                                        "userId",   "refreshToken", "userPrincipalName"};
    json_t *changed = json_copy(fields);
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        (void)json_object_del(changed, fixed[i]);
    (void)json_object_update(tenant->facts, changed);
    json_decref(changed);
    free(tenant->scopes);
    free(tenant->roles);
    read_changeable(tenant);
}

/* A file without Entra devices gets one for each managed device that names one. */
static json_t *derive_directory(const sim_tenant *tenant, json_t *managed)
{
    json_t *out = json_array();
    size_t i;
    json_t *row;
    json_array_foreach(managed, i, row)
    {
        char id[SUP_GUID_TEXT_LEN + 1];
        const char *device = sim_json_text(row, "azureADDeviceId", "");
        if (*device == '\0' || strncmp(device, "00000000-0000-0000", 18) == 0)
            continue;
        sim_ids_make(tenant->gen.object_ids, (uint32_t)i, id);
        (void)json_array_append_new(out, sim_tenant_derive_object(row, id));
    }
    return out;
}

json_t *sim_tenant_derive_object(const json_t *managed, const char *id)
{
    json_t *out =
        json_pack("{s:s, s:O}", "id", id, "deviceId", json_object_get(managed, "azureADDeviceId"));
    static const char *const same[][2] = {{"displayName", "deviceName"},
                                          {"operatingSystem", "operatingSystem"},
                                          {"operatingSystemVersion", "osVersion"},
                                          {"approximateLastSignInDateTime", "lastSyncDateTime"},
                                          {"manufacturer", "manufacturer"},
                                          {"model", "model"}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (json_object_get(managed, same[i][1]) != NULL)
            (void)json_object_set(out, same[i][0], json_object_get(managed, same[i][1]));
    return out;
}

static json_t *default_skus(const sim_tenant *tenant)
{
    char id[128];
    (void)snprintf(id, sizeof id, "%.60s_" SPB, tenant->id);
    return json_pack(
        "[{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:[], s:{s:i, s:i, s:i, s:i}, s:[{s:s, s:s, "
        "s:s, s:s}, {s:s, s:s, s:s, s:s}]}]",
        "accountName", tenant->domain, "accountId", tenant->id, "appliesTo", "User",
        "capabilityStatus", "Enabled", "consumedUnits", (int)tenant->gen.users, "id", id, "skuId",
        SPB, "skuPartNumber", "SPB", "subscriptionIds", "prepaidUnits", "enabled",
        (int)tenant->gen.users + 1, "suspended", 0, "warning", 0, "lockedOut", 0, "servicePlans",
        "servicePlanId", INTUNE_A, "servicePlanName", "INTUNE_A", "provisioningStatus", "Success",
        "appliesTo", "User", "servicePlanId", AAD_PREMIUM, "servicePlanName", "AAD_PREMIUM",
        "provisioningStatus", "Success", "appliesTo", "User");
}

static bool init_rows(sim_tenant *tenant, json_t *object)
{
    const sim_gen *gen = &tenant->gen;
    json_t *managed = json_object_get(object, "managedDevices");
    json_t *devices = json_object_get(object, "devices");
    json_t *skus = json_object_get(object, "subscribedSkus");
    devices = devices != NULL ? json_incref(devices) : derive_directory(tenant, managed);
    tenant->skus = skus != NULL ? json_copy(skus) : default_skus(tenant);
    tenant->deleted = json_array();
    tenant->changes = json_array();
    tenant->actions = json_array();
    bool good = sim_rows_init(&tenant->devices, gen->devices, managed) &&
                sim_rows_init(&tenant->directory, gen->devices, devices) &&
                sim_rows_init(&tenant->users, gen->users, json_object_get(object, "users")) &&
                sim_rows_init(&tenant->keys, gen->keys, json_object_get(object, "recoveryKeys"));
    json_decref(devices);
    return good;
}

bool sim_tenant_init(sim_tenant *tenant, json_t *object, const sim_gen *gen, uint64_t seed,
                     char err[256])
{
    tenant->facts = json_copy(object);
    tenant->filled = json_object();
    tenant->gen = *gen;
    for (size_t i = 0; i < sizeof list_names / sizeof list_names[0]; i++) {
        const json_t *list = json_object_get(object, list_names[i]);
        if (list != NULL && !json_is_array(list)) {
            (void)snprintf(err, 256, "\"%s\" is not a list", list_names[i]);
            return false;
        }
        (void)json_object_del(tenant->facts, list_names[i]);
    }
    fill_facts(tenant, seed);
    if (!init_rows(tenant, object)) {
        (void)snprintf(err, 256, "tenant %s: every device, user and key needs an id of its own",
                       tenant->id);
        return false;
    }
    return tenant->scopes != NULL && tenant->roles != NULL;
}

void sim_tenant_done(sim_tenant *tenant)
{
    json_decref(tenant->facts);
    json_decref(tenant->filled);
    json_decref(tenant->skus);
    json_decref(tenant->deleted);
    json_decref(tenant->changes);
    json_decref(tenant->actions);
    sim_rows_done(&tenant->devices);
    sim_rows_done(&tenant->directory);
    sim_rows_done(&tenant->users);
    sim_rows_done(&tenant->keys);
    free(tenant->scopes);
    free(tenant->roles);
    free(tenant->key_reads);
    *tenant = (sim_tenant){0};
}

static size_t count_live(const sim_rows *rows)
{
    size_t live = 0;
    for (size_t i = 0; i < sim_rows_end(rows); i++)
        live += sim_rows_alive(rows, i);
    return live;
}

json_t *sim_tenant_describe(const sim_tenant *tenant, bool all)
{
    json_t *out = json_object();
    (void)json_object_set_new(out, "tenantId", json_string(tenant->id));
    (void)json_object_set(out, "displayName", json_object_get(tenant->facts, "displayName"));
    (void)json_object_update(out, all ? tenant->facts : tenant->filled);
    (void)json_object_set_new(out, "devices",
                              json_integer((json_int_t)count_live(&tenant->devices)));
    (void)json_object_set_new(out, "keys", json_integer((json_int_t)count_live(&tenant->keys)));
    return out;
}

bool sim_tenant_is(const sim_tenant *tenant, const char *segment)
{
    return strcasecmp(segment, tenant->id) == 0 || strcasecmp(segment, tenant->domain) == 0;
}
