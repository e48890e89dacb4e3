/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of events. Must not know how rows are stored or shown. */
#include "events.h"

#include "json.h"

#include <stdio.h>
#include <string.h>

static const char *add_key(sim_tenant *tenant, json_t *event)
{
    json_t *row = json_object_get(event, "key");
    if (!json_is_object(row) || !sim_rows_add(&tenant->keys, json_incref(row)))
        return "\"key\" must be an object with an id of its own";
    return NULL;
}

static const char *remove_key(sim_tenant *tenant, json_t *event)
{
    size_t position;
    if (!sim_tenant_find_key(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such key";
    sim_rows_remove(&tenant->keys, position);
    return NULL;
}

static const char *set_key(sim_tenant *tenant, json_t *event)
{
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

static const char *add_device(sim_tenant *tenant, json_t *event)
{
    json_t *row = json_object_get(event, "device");
    if (!json_is_object(row) || !sim_rows_add(&tenant->devices, json_incref(row)))
        return "\"device\" must be an object with an id of its own";
    return NULL;
}

static void remove_keys_of(sim_tenant *tenant, const char *device)
{
    size_t at = 0;
    while (sim_tenant_next_key(tenant, at, device, &at))
        sim_rows_remove(&tenant->keys, at++);
}

static const char *remove_device(sim_tenant *tenant, json_t *event)
{
    size_t position;
    if (!sim_tenant_find_device(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such device";
    json_t *row = sim_tenant_own_device(tenant, &position);
    if (row == NULL)
        return "out of memory";
    if (json_is_true(json_object_get(event, "keys")))
        remove_keys_of(tenant, sim_json_text(row, "azureADDeviceId", ""));
    sim_rows_remove(&tenant->devices, position);
    return NULL;
}

static const char *rename_device(sim_tenant *tenant, json_t *event)
{
    size_t position;
    if (!sim_tenant_find_device(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such device";
    json_t *row = sim_tenant_own_device(tenant, &position);
    json_t *name = json_object_get(event, "name");
    if (row == NULL)
        return "out of memory";
    if (name != NULL)
        (void)json_object_set(row, "deviceName", name);
    (void)json_object_update(row, json_object_get(event, "fields"));
    return NULL;
}

static const struct {
    const char *type;
    const char *(*run)(sim_tenant *tenant, json_t *event);
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
            return table[i].run(tenant, event);
    return "there is no such type of event";
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
