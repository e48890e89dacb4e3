/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything a running simulator holds. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "audits.h"
#include "clock.h"
#include "cloud.h"
#include "counts.h"
#include "faults.h"
#include "flows.h"
#include "log.h"
#include "options.h"
#include "switches.h"
#include "tenant.h"
#include "throttle.h"
#include "token_cache.h"

typedef struct sim_world {
    uint64_t seed;
    sim_tenant *tenants;
    size_t tenant_count;
    sim_cloud cloud;
    sim_switches switches;
    sim_switches initial; /* as the command line left them */
    sim_clock clock;
    sim_faults faults;
    sim_log log;
    sim_counts counts;
    sim_audits audits;
    sim_token_cache tokens;
    sim_flows flows;
    sim_throttle throttle;
    uint8_t id_key[SIM_IDS_KEY_SIZE];
    uint32_t id_sequence;
} sim_world;

/* Loads or generates the tenants. False, with one sentence in `err`, when the data is unusable;
 * the world may be freed in either case. */
bool sim_world_init(sim_world *world, const sim_options *options, char err[256]);
void sim_world_done(sim_world *world);
/* By id or domain; NULL when there is none. */
sim_tenant *sim_world_tenant(sim_world *world, const char *segment);
/* A new GUID for request ids, trace ids and the like. */
void sim_world_new_id(sim_world *world, char out[SUP_GUID_TEXT_LEN + 1]);
int64_t sim_world_now(const sim_world *world);

#endif
