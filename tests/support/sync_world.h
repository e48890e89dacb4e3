/* SPDX-License-Identifier: Apache-2.0
 *
 * A host's store and a Microsoft tenant, and ticks of the real use cases between them. For tests
 * only. */
#ifndef SYNC_WORLD_H
#define SYNC_WORLD_H

#include "state/device.h"
#include "tests/support/fake_graph.h"
#include "usecase/import_keys.h"
#include "usecase/match_change.h"
#include "usecase/sync_tick.h"

#define WORLD_TENANT "1a0e5b1c-6b8e-4f7a-9d1a-00000000aaaa"
#define WORLD_TENANT_2 "1a0e5b1c-6b8e-4f7a-9d1a-00000000cccc"
#define WORLD_CLIENT "2b1f6c2d-7c9f-4a8b-8e2b-00000000bbbb"

typedef struct sync_world {
    fake_store *store;
    fake_graph *graph;
    const char *settings[16]; /* key, value, ..., NULL: beside the defaults */
    const char *tenant;       /* whose ticks and connections these are */
    bkey_busy *busy;          /* NULL: a new one for each tick, as after a restart */
    bkey_recall *recall;      /* NULL: none, as after a restart */
    uint64_t later_ns;        /* how much later than the first tick it is */
    const char *argument;     /* of the scenario */
    const char *partner;      /* of the connection that is made next; NULL = none */
    bool not_entitled;
    bool dry_run;
    bool is_check;               /* a check instead of a sync */
    bkey_progress_sink progress; /* of every tick */
    bkey_preview_sink preview;   /* of a dry run */
    uint64_t deadline_ms;        /* of a tick; 0 = none */
} sync_world;

typedef struct sync_run {
    bkey_tick_result result;
    bkey_err error;
    uint64_t calls;       /* outside calls of the tick */
    uint64_t apply_calls; /* applies that it asked for */
    uint64_t waited_ms;
} sync_run;

typedef struct sync_fault {
    fake_fault kind;
    uint64_t at;       /* outside call */
    uint64_t apply_at; /* apply */
    uint32_t reason;
} sync_fault;

/* Two organizations "org-a" and "org-b", the tenant connected to both; no device, no key. */
void sync_world_init(sync_world *world);
/* Another tenant, connected to the same organizations of the same host. Free its graph alone. */
void sync_world_share(sync_world *partner, const sync_world *world);
void sync_world_done(sync_world *world);
/* Copies all rows, and the tenant. */
void sync_world_copy(sync_world *to, const sync_world *from);
/* One tick in a plugin of its own, as after a restart. fault may be NULL. */
sync_run sync_world_tick(const sync_world *world, const sync_fault *fault);
/* After a forked child used one: no two plugins draw the same random bytes. */
void sync_world_reseed(void);
/* Connects the tenant; organizations end with NULL. */
bkey_err sync_world_connect(const sync_world *world, const char *grant,
                            const char *const *organizations);
/* What job_status says of the tenant's sign-in. */
void sync_world_signin(const sync_world *world, char *out, size_t cap);
/* The way back from Microsoft's page, with that code, for the tenant's sign-in. */
bkey_err sync_world_answer(const sync_world *world, const char *code);
/* Adds a device, and a configuration with its serial number in `organization` unless NULL. */
fake_device *sync_world_device(sync_world *world, const char *name, const char *serial,
                               const char *organization);
/* A person's word on a device; `to` is a configuration, or, to create one, an organization. The
 * person may see the organizations of `scope`, a JSON array; "" = all. */
bkey_err sync_world_decide(const sync_world *world, bkey_match_change_kind kind, const char *device,
                           const char *to, const char *scope);
/* Imports a file for an organization as the local administrator; `fault` may be NULL. The answer,
 * to be freed, or NULL: why is on standard error. */
char *sync_world_import(const sync_world *world, const char *organization, const char *file,
                        bool dry_run, const sync_fault *fault);
/* What match_list, or with `part` the search for keys without a record, answers; to be freed. */
char *sync_world_ask(const sync_world *world, const char *state, const char *part,
                     const char *scope);
/* The record of a key of the tenant, or NULL. */
fake_record *sync_world_record(const sync_world *world, const fake_key *key);
/* What is remembered of a device; its text is not given. False: nothing. */
bool sync_world_tracked(const sync_world *world, const fake_device *device, bkey_tracked *out);
/* Rows of one kind in the plugin's state. */
uint32_t sync_world_state(const sync_world *world, char kind);

#endif
