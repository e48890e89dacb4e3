/* SPDX-License-Identifier: Apache-2.0
 *
 * Deletion in two steps. Must not know requests. */
#define _GNU_SOURCE
#include "objects.h"

#include "json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void sim_objects_note(sim_tenant *tenant, const char *id, const char *reason)
{
    json_t *change = json_pack("{s:s, s:s?}", "id", id, "reason", reason);
    (void)json_array_append_new(tenant->changes, change);
}

static void record(sim_world *world, const sim_tenant *tenant, sim_audit_activity activity,
                   const char *target)
{
    sim_audit audit = {
        .when_ms = sim_world_now(world), .tenant = tenant->index, .activity = activity};
    (void)snprintf(audit.target, sizeof audit.target, "%s", target);
    (void)snprintf(audit.user_id, sizeof audit.user_id, "%s", tenant->user_id);
    (void)snprintf(audit.user_name, sizeof audit.user_name, "%s", tenant->user_name);
    sim_audits_add(&world->audits, &audit);
}

static void remove_keys(sim_world *world, sim_tenant *tenant, const char *device)
{
    size_t at = 0;
    while (*device != '\0' && sim_tenant_next_key(tenant, at, device, &at)) {
        sim_key key;
        if (sim_tenant_read_key(tenant, at, &key))
            record(world, tenant, SIM_AUDIT_DELETE_KEY, key.id);
        sim_rows_remove(&tenant->keys, at++);
    }
}

static bool find_deleted(const sim_tenant *tenant, const char *id, size_t *out)
{
    for (size_t i = 0; i < json_array_size(tenant->deleted); i++) {
        const json_t *row = json_object_get(json_array_get(tenant->deleted, i), "row");
        if (strcasecmp(sim_json_text(row, "id", ""), id) == 0 ||
            strcasecmp(sim_json_text(row, "deviceId", ""), id) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool sim_objects_delete(sim_world *world, sim_tenant *tenant, const char *id)
{
    size_t position;
    if (!sim_tenant_find_object(tenant, id, &position))
        return false;
    json_t *row = sim_tenant_own_object(tenant, &position);
    if (row == NULL)
        return false;
    (void)json_array_append_new(tenant->deleted, json_pack("{s:O, s:I}", "row", row, "deleted_ms",
                                                           (json_int_t)sim_world_now(world)));
    sim_objects_note(tenant, sim_json_text(row, "id", ""), "changed");
    record(world, tenant, SIM_AUDIT_DELETE_DEVICE, sim_json_text(row, "id", ""));
    sim_rows_remove(&tenant->directory, position);
    return true;
}

bool sim_objects_restore(sim_tenant *tenant, const char *id)
{
    size_t at;
    if (!find_deleted(tenant, id, &at))
        return false;
    json_t *row = json_incref(json_object_get(json_array_get(tenant->deleted, at), "row"));
    (void)json_array_remove(tenant->deleted, at);
    sim_objects_note(tenant, sim_json_text(row, "id", ""), NULL);
    return sim_rows_add(&tenant->directory, row);
}

static void destroy_deleted(sim_world *world, sim_tenant *tenant, size_t at)
{
    json_t *row = json_incref(json_object_get(json_array_get(tenant->deleted, at), "row"));
    (void)json_array_remove(tenant->deleted, at);
    sim_objects_note(tenant, sim_json_text(row, "id", ""), "deleted");
    remove_keys(world, tenant, sim_json_text(row, "deviceId", ""));
    json_decref(row);
}

bool sim_objects_destroy(sim_world *world, sim_tenant *tenant, const char *id)
{
    size_t at;
    if (!find_deleted(tenant, id, &at) &&
        (!sim_objects_delete(world, tenant, id) || !find_deleted(tenant, id, &at)))
        return false;
    destroy_deleted(world, tenant, at);
    return true;
}

void sim_objects_purge(sim_world *world, sim_tenant *tenant)
{
    int64_t now = sim_world_now(world);
    for (size_t i = json_array_size(tenant->deleted); i-- > 0;) {
        const json_t *entry = json_array_get(tenant->deleted, i);
        if (now - sim_json_number(entry, "deleted_ms", 0) >= SIM_OBJECTS_KEPT_MS)
            destroy_deleted(world, tenant, i);
    }
}
