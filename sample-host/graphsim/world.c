/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts and ends the simulated cloud's state. Must not know requests. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool init_tenants(sim_world *world, json_t *list, const sim_options *options, char err[256])
{
    size_t count = list != NULL ? json_array_size(list) : options->tenants;
    world->tenants = calloc(count > 0 ? count : 1, sizeof *world->tenants);
    if (world->tenants == NULL) {
        (void)snprintf(err, 256, "out of memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        sim_gen gen;
        sim_tenant *tenant = &world->tenants[i];
        tenant->index = i;
        sim_gen_init(options->seed, (uint32_t)i, options->devices, options->keys, &gen);
        json_t *object = list != NULL ? json_incref(json_array_get(list, i)) : json_object();
        world->tenant_count = i + 1;
        bool good = sim_tenant_init(tenant, object, &gen, options->seed, err);
        json_decref(object);
        if (!good)
            return false;
    }
    return true;
}

/* The tenants of a data file: its "tenants", or the file itself as the only one. */
static json_t *load_tenants(sim_world *world, const char *path, char err[256])
{
    json_error_t problem;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        (void)snprintf(err, 256, "%.80s: line %d: %.120s", path, problem.line, problem.text);
        return NULL;
    }
    json_t *list = json_object_get(root, "tenants");
    bool good = json_is_object(root) && (list == NULL || json_is_array(list));
    for (size_t i = 0; good && i < json_array_size(list); i++)
        good = json_is_object(json_array_get(list, i));
    if (!good)
        (void)snprintf(err, 256, "%.80s: not an object with a list of tenants", path);
    if (good)
        sim_cloud_change(&world->cloud, json_object_get(root, "cloudHosts"));
    json_t *out = !good ? NULL : list != NULL ? json_incref(list) : json_pack("[O]", root);
    json_decref(root);
    return out;
}

bool sim_world_init(sim_world *world, const sim_options *options, char err[256])
{
    *world = (sim_world){.seed = options->seed};
    (void)sim_cloud_find("global", &world->cloud);
    if (options->cloud != NULL && !sim_cloud_find(options->cloud, &world->cloud)) {
        (void)snprintf(err, 256, "--cloud is one of global, usgov, dod, china");
        return false;
    }
    sim_switches_init(&world->switches);
    sim_ids_key(options->seed, 0, "request", world->id_key);
    world->switches.values[SIM_SWITCH_LATENCY_MS] = options->latency_ms;
    if (options->page_size > 0) {
        world->switches.values[SIM_SWITCH_PAGE_SIZE] = options->page_size;
        world->switches.values[SIM_SWITCH_KEYS_PAGE_SIZE] = options->page_size;
    }
    world->initial = world->switches;
    json_t *list = options->data != NULL ? load_tenants(world, options->data, err) : NULL;
    if (options->data != NULL && list == NULL)
        return false;
    bool good = init_tenants(world, list, options, err);
    json_decref(list);
    if (!good)
        return false;
    if (sim_counts_init(&world->counts, world->tenant_count) && sim_log_init(&world->log))
        return true;
    (void)snprintf(err, 256, "out of memory");
    return false;
}

void sim_world_done(sim_world *world)
{
    for (size_t i = 0; i < world->tenant_count; i++)
        sim_tenant_done(&world->tenants[i]);
    free(world->tenants);
    sim_counts_done(&world->counts);
    sim_log_done(&world->log);
    sim_audits_done(&world->audits);
    sim_token_cache_done(&world->tokens);
    sim_flows_done(&world->flows);
    sim_throttle_done(&world->throttle);
    *world = (sim_world){0};
}

sim_tenant *sim_world_tenant(sim_world *world, const char *segment)
{
    for (size_t i = 0; i < world->tenant_count; i++)
        if (sim_tenant_is(&world->tenants[i], segment))
            return &world->tenants[i];
    return NULL;
}

void sim_world_new_id(sim_world *world, char out[SUP_GUID_TEXT_LEN + 1])
{
    sim_ids_make(world->id_key, world->id_sequence++, out);
}

int64_t sim_world_now(const sim_world *world)
{
    return sim_clock_now(&world->clock);
}
