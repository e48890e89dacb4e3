/* SPDX-License-Identifier: Apache-2.0
 *
 * How often what was asked for, so that a test can say "exactly n key reads". */
#ifndef SIM_COUNTS_H
#define SIM_COUNTS_H

#include "route.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_tenant_counts {
    uint64_t routes[SIM_ROUTE_COUNT];
    uint64_t key_reads;
    uint32_t most_reads_of_one_key;
} sim_tenant_counts;

typedef struct sim_counts {
    sim_tenant_counts *tenants; /* and one more at the end: requests of no known tenant */
    size_t tenant_count;
    uint64_t statuses[600];
    uint64_t faults;
    uint64_t bytes;
    uint64_t in_flight;
    uint64_t most_in_flight;
} sim_counts;

bool sim_counts_init(sim_counts *counts, size_t tenants);
void sim_counts_done(sim_counts *counts);
/* Everything to zero, except requests that are under way. */
void sim_counts_reset(sim_counts *counts);
/* A request was answered; `tenant` may be SIZE_MAX. */
void sim_counts_request(sim_counts *counts, sim_route route, size_t tenant, int status,
                        size_t bytes);
/* A key was handed out; `reads` = how often this one so far. */
void sim_counts_key_read(sim_counts *counts, size_t tenant, uint32_t reads);
void sim_counts_begin(sim_counts *counts);
void sim_counts_end(sim_counts *counts);
/* {"token":n, ..., "total":n, "key_reads":n, "most_reads_of_one_key":n, ...} without "tenants"; the
 * caller owns the object. */
json_t *sim_counts_describe(const sim_counts *counts);
/* The same members for one tenant. */
json_t *sim_counts_describe_tenant(const sim_counts *counts, size_t tenant);

#endif
