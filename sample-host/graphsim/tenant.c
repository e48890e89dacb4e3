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
    "BitlockerKey.Read.All DeviceManagementManagedDevices.Read.All Device.Read.All User.Read"
#define DEFAULT_ROLES                                                                              \
    "BitlockerKey.Read.All DeviceManagementManagedDevices.Read.All Device.Read.All"
#define PERMISSION_PREFIX "https://graph.microsoft.com/"

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

/* A list of permissions is an array, or one text with spaces. */
static char *read_permissions(const json_t *value)
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
    return read_permissions(json_object_get(tenant->facts, name));
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
    tenant->scopes = fill_permissions(tenant, "scopes", DEFAULT_SCOPES);
    tenant->roles = fill_permissions(tenant, "roles", DEFAULT_ROLES);
    const json_t *intune = json_object_get(tenant->facts, "intune");
    tenant->intune = !json_is_false(intune);
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
    if (!sim_rows_init(&tenant->devices, gen->devices, json_object_get(object, "managedDevices")) ||
        !sim_rows_init(&tenant->keys, gen->keys, json_object_get(object, "recoveryKeys"))) {
        (void)snprintf(err, 256, "tenant %s: every device and key needs an id of its own",
                       tenant->id);
        return false;
    }
    return tenant->scopes != NULL && tenant->roles != NULL;
}

void sim_tenant_done(sim_tenant *tenant)
{
    json_decref(tenant->facts);
    json_decref(tenant->filled);
    sim_rows_done(&tenant->devices);
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
