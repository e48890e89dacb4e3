/* SPDX-License-Identifier: Apache-2.0
 *
 * A small world that a plan can be made for and carried out in: what is listed, held, matched and
 * shown, in fixed arrays. For tests of planning alone. */
#ifndef TEST_PLAN_WORLD_H
#define TEST_PLAN_WORLD_H

#include "domain/plan.h"

#define WORLD_MAX 64
#define WORLD_TEXT 48
#define WORLD_CATEGORY "BitLocker Keys (via Network Glue)"

typedef struct world {
    bkey_listed_key listed[WORLD_MAX];
    bkey_held_key held[WORLD_MAX];
    bkey_device devices[WORLD_MAX];
    bkey_configuration configurations[WORLD_MAX];
    bkey_decision decisions[WORLD_MAX];
    bkey_evidence evidence[WORLD_MAX];
    bkey_record records[WORLD_MAX];
    size_t listed_count, held_count, device_count, configuration_count, decision_count,
        evidence_count, record_count;
    char names[WORLD_MAX][WORLD_TEXT]; /* of devices */
    sup_guid unreadable[WORLD_MAX];    /* keys whose secret the source does not give */
    size_t unreadable_count;
} world;

sup_guid world_guid(uint32_t kind, uint32_t number);
/* Each adds a row and returns it. */
bkey_listed_key *world_list(world *w, uint32_t key, uint32_t device, int64_t created_ms,
                            bkey_volume volume);
bkey_device *world_device(world *w, uint32_t device, const char *name, const char *serial);
bkey_configuration *world_configuration(world *w, const char *id, const char *serial,
                                        uint32_t organization);
void world_unlist(world *w, uint32_t key);
bkey_record *world_record(world *w, uint32_t key); /* NULL when there is none */
bkey_held_key *world_held(world *w, uint32_t key);

bkey_plan_input world_input(const world *w);
bkey_plan world_plan(const world *w);
const bkey_plan_key *world_find(const bkey_plan *plan, uint32_t key);
/* Fetches what the plan wants fetched, as a tick does before it plans again. */
void world_fetch(world *w, const bkey_plan *plan);
/* Carries out everything but FETCH. */
void world_publish(world *w, const bkey_plan *plan);
/* Plan, fetch, plan, publish. */
void world_tick(world *w);

#endif
