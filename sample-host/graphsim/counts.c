/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters. Must not know what a request is about beyond its route and tenant. */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sim_counts_init(sim_counts *counts, size_t tenants)
{
    *counts = (sim_counts){.tenant_count = tenants};
    counts->tenants = calloc(tenants + 1, sizeof *counts->tenants);
    return counts->tenants != NULL;
}

void sim_counts_done(sim_counts *counts)
{
    free(counts->tenants);
    *counts = (sim_counts){0};
}

void sim_counts_reset(sim_counts *counts)
{
    sim_counts fresh = {.tenants = counts->tenants,
                        .tenant_count = counts->tenant_count,
                        .in_flight = counts->in_flight,
                        .most_in_flight = counts->in_flight};
    memset(fresh.tenants, 0, (fresh.tenant_count + 1) * sizeof *fresh.tenants);
    *counts = fresh;
}

static sim_tenant_counts *of_tenant(sim_counts *counts, size_t tenant)
{
    return &counts->tenants[tenant < counts->tenant_count ? tenant : counts->tenant_count];
}

void sim_counts_request(sim_counts *counts, sim_route route, size_t tenant, int status,
                        size_t bytes)
{
    of_tenant(counts, tenant)->routes[route]++;
    counts->bytes += bytes;
    if (status >= 0 && status < 600)
        counts->statuses[status]++;
}

void sim_counts_key_read(sim_counts *counts, size_t tenant, uint32_t reads)
{
    sim_tenant_counts *entry = of_tenant(counts, tenant);
    entry->key_reads++;
    if (reads > entry->most_reads_of_one_key)
        entry->most_reads_of_one_key = reads;
}

void sim_counts_begin(sim_counts *counts)
{
    if (++counts->in_flight > counts->most_in_flight)
        counts->most_in_flight = counts->in_flight;
}

void sim_counts_end(sim_counts *counts)
{
    counts->in_flight--;
}

static void set(json_t *out, const char *name, uint64_t value)
{
    (void)json_object_set_new(out, name, json_integer((json_int_t)value));
}

static json_t *describe(const sim_tenant_counts *entry)
{
    json_t *out = json_object();
    uint64_t total = 0;
    for (int i = 0; i < SIM_ROUTE_COUNT; i++) {
        set(out, sim_route_name((sim_route)i), entry->routes[i]);
        total += entry->routes[i];
    }
    set(out, "total", total);
    set(out, "key_reads", entry->key_reads);
    set(out, "most_reads_of_one_key", entry->most_reads_of_one_key);
    return out;
}

json_t *sim_counts_describe_tenant(const sim_counts *counts, size_t tenant)
{
    return describe(&counts->tenants[tenant]);
}

static json_t *describe_statuses(const sim_counts *counts)
{
    json_t *out = json_object();
    char name[16];
    for (int i = 0; i < 600; i++) {
        (void)snprintf(name, sizeof name, "%d", i);
        if (counts->statuses[i] > 0)
            set(out, name, counts->statuses[i]);
    }
    return out;
}

json_t *sim_counts_describe(const sim_counts *counts)
{
    sim_tenant_counts sum = {0};
    for (size_t t = 0; t <= counts->tenant_count; t++) {
        const sim_tenant_counts *entry = &counts->tenants[t];
        for (size_t i = 0; i < SIM_ROUTE_COUNT; i++)
            sum.routes[i] += entry->routes[i];
        sum.key_reads += entry->key_reads;
        if (entry->most_reads_of_one_key > sum.most_reads_of_one_key)
            sum.most_reads_of_one_key = entry->most_reads_of_one_key;
    }
    json_t *out = describe(&sum);
    set(out, "bytes", counts->bytes);
    set(out, "faults", counts->faults);
    set(out, "in_flight", counts->in_flight);
    set(out, "most_in_flight", counts->most_in_flight);
    (void)json_object_set_new(out, "statuses", describe_statuses(counts));
    return out;
}
