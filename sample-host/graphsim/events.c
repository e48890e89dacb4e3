/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of events. Must not know how rows are stored or shown. */
#include "events.h"

#include "events_cloud.h"
#include "json.h"
#include "objects.h"

#include <stdio.h>
#include <string.h>

static const char *add_key(sim_world *world, sim_tenant *tenant, json_t *event)
{
    (void)world;
    json_t *row = json_object_get(event, "key");
    if (!json_is_object(row) || !sim_rows_add(&tenant->keys, json_incref(row)))
        return "\"key\" must be an object with an id of its own";
    return NULL;
}

static const char *remove_key(sim_world *world, sim_tenant *tenant, json_t *event)
{
    (void)world;
    size_t position;
    if (!sim_tenant_find_key(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such key";
    sim_rows_remove(&tenant->keys, position);
    return NULL;
}

static const char *set_key(sim_world *world, sim_tenant *tenant, json_t *event)
{
    (void)world;
    size_t position;
    if (!sim_tenant_find_key(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such key";
    json_t *row = sim_tenant_own_key(tenant, &position);
    json_t *text = json_object_get(event, "key");
    if (row == NULL)
        return "out of memory";
    if (text != NULL)
        (void)json_object_set(row, "key", text);
    (void)json_object_update(row, json_object_get(event, "fields"));
    return NULL;
}

/* A managed device is registered in Entra too, unless that is so already. */
static void add_directory_device(sim_world *world, sim_tenant *tenant, const json_t *managed)
{
    size_t position;
    char id[SUP_GUID_TEXT_LEN + 1];
    const char *device = sim_json_text(managed, "azureADDeviceId", "");
    if (*device == '\0' || strncmp(device, "00000000-0000-0000", 18) == 0 ||
        sim_tenant_find_object(tenant, device, &position))
        return;
    sim_world_new_id(world, id);
    if (sim_rows_add(&tenant->directory, sim_tenant_derive_object(managed, id)))
        sim_objects_note(tenant, id, NULL);
}

static const char *add_device(sim_world *world, sim_tenant *tenant, json_t *event)
{
    json_t *row = json_object_get(event, "device");
    if (!json_is_object(row) || !sim_rows_add(&tenant->devices, json_incref(row)))
        return "\"device\" must be an object with an id of its own";
    add_directory_device(world, tenant, row);
    return NULL;
}

static void remove_keys_of(sim_tenant *tenant, const char *device)
{
    size_t at = 0;
    while (sim_tenant_next_key(tenant, at, device, &at))
        sim_rows_remove(&tenant->keys, at++);
}

static const char *remove_device(sim_world *world, sim_tenant *tenant, json_t *event)
{
    size_t position;
    if (!sim_tenant_find_device(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such device";
    json_t *row = sim_tenant_own_device(tenant, &position);
    if (row == NULL)
        return "out of memory";
    if (json_is_true(json_object_get(event, "keys"))) {
        remove_keys_of(tenant, sim_json_text(row, "azureADDeviceId", ""));
        (void)sim_objects_destroy(world, tenant, sim_json_text(row, "azureADDeviceId", ""));
    }
    sim_rows_remove(&tenant->devices, position);
    return NULL;
}

static void rename_object(sim_tenant *tenant, const char *device, json_t *name)
{
    size_t position;
    json_t *row = *device != '\0' && sim_tenant_find_object(tenant, device, &position)
                      ? sim_tenant_own_object(tenant, &position)
                      : NULL;
    if (row == NULL)
        return;
    (void)json_object_set(row, "displayName", name);
    sim_objects_note(tenant, sim_json_text(row, "id", ""), NULL);
}

static const char *rename_device(sim_world *world, sim_tenant *tenant, json_t *event)
{
    (void)world;
    size_t position;
    if (!sim_tenant_find_device(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such device";
    json_t *row = sim_tenant_own_device(tenant, &position);
    json_t *name = json_object_get(event, "name");
    if (row == NULL)
        return "out of memory";
    if (name != NULL) {
        (void)json_object_set(row, "deviceName", name);
        rename_object(tenant, sim_json_text(row, "azureADDeviceId", ""), name);
    }
    (void)json_object_update(row, json_object_get(event, "fields"));
    return NULL;
}

static const struct {
    const char *type;
    sim_event_run *run;
} table[] = {
    {"add_key", add_key},       {"remove_key", remove_key},       {"set_key", set_key},
    {"add_device", add_device}, {"remove_device", remove_device}, {"rename_device", rename_device},
};

static const char *apply_one(sim_world *world, json_t *event)
{
    const char *type = sim_json_text(event, "type", "");
    const char *name = sim_json_text(event, "tenant", NULL);
    sim_tenant *tenant = name != NULL ? sim_world_tenant(world, name)
                                      : (world->tenant_count == 1 ? &world->tenants[0] : NULL);
    if (tenant == NULL)
        return "there is no such tenant";
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(type, table[i].type) == 0)
            return table[i].run(world, tenant, event);
    sim_event_run *run = sim_events_cloud_find(type);
    return run != NULL ? run(world, tenant, event) : "there is no such type of event";
}

bool sim_events_apply(sim_world *world, json_t *events, char err[256])
{
    json_t *list = json_is_array(events) ? json_incref(events) : json_pack("[O]", events);
    const char *problem = NULL;
    size_t i = 0;
    for (; problem == NULL && i < json_array_size(list); i++)
        problem = apply_one(world, json_array_get(list, i));
    if (problem != NULL)
        (void)snprintf(err, 256, "event %zu: %s", i, problem);
    json_decref(list);
    return problem == NULL;
}
