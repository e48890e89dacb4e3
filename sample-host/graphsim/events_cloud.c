/* SPDX-License-Identifier: Apache-2.0
 *
 * Events of the cloud itself. Must not know how rows are stored or shown. */
#define _GNU_SOURCE
#include "events_cloud.h"

#include "json.h"
#include "objects.h"
#include "rotation.h"

#include <string.h>

static const char *set_tenant(sim_world *world, sim_tenant *tenant, json_t *event)
{
    json_t *fields = json_object_get(event, "fields");
    (void)world;
    if (!json_is_object(fields))
        return "\"fields\" must be an object";
    sim_tenant_set_facts(tenant, fields);
    return NULL;
}

static const char *set_skus(sim_world *world, sim_tenant *tenant, json_t *event)
{
    json_t *skus = json_object_get(event, "skus");
    (void)world;
    if (!json_is_array(skus))
        return "\"skus\" must be a list";
    json_decref(tenant->skus);
    tenant->skus = json_deep_copy(skus);
    return NULL;
}

static const char *add_user(sim_world *world, sim_tenant *tenant, json_t *event)
{
    json_t *row = json_object_get(event, "user");
    (void)world;
    if (!json_is_object(row) || !sim_rows_add(&tenant->users, json_incref(row)))
        return "\"user\" must be an object with an id of its own";
    return NULL;
}

static const char *add_object(sim_world *world, sim_tenant *tenant, json_t *event)
{
    json_t *row = json_object_get(event, "object");
    (void)world;
    if (!json_is_object(row) || !sim_rows_add(&tenant->directory, json_incref(row)))
        return "\"object\" must be an object with an id of its own";
    sim_objects_note(tenant, sim_json_text(row, "id", ""), NULL);
    return NULL;
}

static const char *set_object(sim_world *world, sim_tenant *tenant, json_t *event)
{
    size_t position;
    (void)world;
    if (!sim_tenant_find_object(tenant, sim_json_text(event, "id", ""), &position))
        return "there is no such device";
    json_t *row = sim_tenant_own_object(tenant, &position);
    if (row == NULL)
        return "out of memory";
    (void)json_object_update(row, json_object_get(event, "fields"));
    sim_objects_note(tenant, sim_json_text(row, "id", ""), NULL);
    return NULL;
}

static const char *delete_object(sim_world *world, sim_tenant *tenant, json_t *event)
{
    bool done = sim_objects_delete(world, tenant, sim_json_text(event, "id", ""));
    return done ? NULL : "there is no such device";
}

static const char *restore_object(sim_world *world, sim_tenant *tenant, json_t *event)
{
    sim_objects_purge(world, tenant);
    bool done = sim_objects_restore(tenant, sim_json_text(event, "id", ""));
    return done ? NULL : "there is no such deleted device";
}

static const char *destroy_object(sim_world *world, sim_tenant *tenant, json_t *event)
{
    bool done = sim_objects_destroy(world, tenant, sim_json_text(event, "id", ""));
    return done ? NULL : "there is no such device";
}

static const char *expire_delta(sim_world *world, sim_tenant *tenant, json_t *event)
{
    (void)world;
    (void)event;
    /* Tokens count changes, so that one more change makes those given out so far too old. */
    sim_objects_note(tenant, "", NULL);
    tenant->deltas_lost = json_array_size(tenant->changes);
    return NULL;
}

static const char *rotation(sim_world *world, sim_tenant *tenant, json_t *event)
{
    int outcome =
        sim_switches_word(SIM_SWITCH_ROTATION_OUTCOME, sim_json_text(event, "outcome", ""));
    if (outcome < 0)
        return "there is no such outcome";
    sim_rotation_settle(world, tenant);
    bool done = sim_rotation_decide(tenant, sim_json_text(event, "id", ""), outcome);
    return done ? NULL : "there is no such device";
}

static const char *device_code(sim_world *world, sim_tenant *tenant, json_t *event)
{
    int result = sim_switches_word(SIM_SWITCH_DEVICE_RESULT, sim_json_text(event, "result", ""));
    sim_flow *flow =
        sim_flows_find(&world->flows, SIM_FLOW_DEVICE, sim_json_text(event, "user_code", ""));
    if (result < 0 || flow == NULL || flow->tenant != tenant->index)
        return "there is no such code or result";
    flow->result = result;
    flow->pending = 0;
    return NULL;
}

static const char *challenge(sim_world *world, sim_tenant *tenant, json_t *event)
{
    int64_t now_s = sim_world_now(world) / 1000;
    (void)event;
    /* Two challenges within a second ask for two answers. */
    tenant->challenge_s = now_s > tenant->challenge_s ? now_s : tenant->challenge_s + 1;
    return NULL;
}

static const char *revoke_sessions(sim_world *world, sim_tenant *tenant, json_t *event)
{
    tenant->revoked = tenant->refresh_issued;
    tenant->first_is_revoked = true;
    return challenge(world, tenant, event);
}

sim_event_run *sim_events_cloud_find(const char *type)
{
    static const struct {
        const char *type;
        sim_event_run *run;
    } table[] = {
        {"set_tenant", set_tenant},
        {"set_skus", set_skus},
        {"add_user", add_user},
        {"add_object", add_object},
        {"set_object", set_object},
        {"delete_object", delete_object},
        {"restore_object", restore_object},
        {"destroy_object", destroy_object},
        {"expire_delta", expire_delta},
        {"rotation", rotation},
        {"device_code", device_code},
        {"challenge", challenge},
        {"revoke_sessions", revoke_sessions},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(type, table[i].type) == 0)
            return table[i].run;
    return NULL;
}
