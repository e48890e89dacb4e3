/* SPDX-License-Identifier: Apache-2.0
 *
 * A random long life of several tenants on one host, and what must hold in it whatever happens. A
 * life is a list of steps of plain numbers, so that any part of it can be played again. The model
 * knows nothing of how the product decides. For tests only. */
#ifndef LIFE_H
#define LIFE_H

#include "state/decision.h"
#include "state/held.h"
#include "tests/support/sync_world.h"

#define LIFE_TENANTS 3u
#define LIFE_ORGANIZATIONS 5u
#define LIFE_IMPORTS 32u
#define LIFE_KEYS (FAKE_GRAPH_KEYS + LIFE_IMPORTS)

/* The numbers mean what the step makes of them; every value means something in every world. */
typedef struct life_step {
    uint32_t kind, tenant, a, b, c;
} life_step;

/* A key that the tenant listed once, or that a file brought. */
typedef struct life_key {
    char id[40], device_id[40];
    char password[72]; /* what must be held */
    char given[72];    /* what the tenant gave to a read; "" = nothing, or nothing valid */
    bool told;         /* by a file, and not replaced by what the tenant gave */
    char told_serial[64], told_organization[72];
    bool held;           /* was ever seen in the store */
    uint32_t reads;      /* when it was looked at last */
    bool is_here;        /* now: in the store, in the place of `organization` */
    bool is_well_formed; /* now */
    char organization[72];
    char held_device[40];       /* now: the device that the store says */
    bool by_person;             /* a person archived the record */
    fake_record record, before; /* external_id "" = none */
} life_key;

typedef struct life_device {
    bkey_match_reason reason, before; /* 0 = nothing is decided */
    char configuration[72], organization[72];
    char configuration_before[72], organization_before[72];
    bkey_match_change_kind word; /* a person's last; 0 = none */
    char word_configuration[72]; /* "" = one that was created */
    char word_organization[72];
} life_device;

typedef struct life_tenant {
    sync_world world;
    const char *organizations[LIFE_ORGANIZATIONS + 1]; /* of the connection */
    life_key keys[LIFE_KEYS];
    uint32_t key_count;
    life_device devices[FAKE_GRAPH_DEVICES];
    bool is_pristine; /* the last step was an undisturbed sync that got done */
    int64_t synced_ms;
} life_tenant;

typedef struct life {
    fake_store *store;
    bkey_busy *busy; /* of the plugin as it runs */
    life_tenant tenants[LIFE_TENANTS];
    uint64_t now_ns; /* since the beginning; may go back */
    uint32_t serials, names;
    char failure[400]; /* "" = all is well */
} life;

/* ---- life.c ---- */
void life_begin(life *l);
void life_end(life *l);
/* Makes the steps of a seed. */
void life_draw(uint64_t seed, life_step *out, uint32_t count);
/* Does one step and checks what must hold. False: it does not; life->failure says what. */
bool life_live(life *l, const life_step *step);
/* What a step is, for people. */
void life_describe(const life_step *step, char *out, size_t cap);
/* Keeps the first failure; returns false. */
bool life_fail(life *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- life_cloud.c: what happens at Microsoft; life_desk.c: what people do at the host ---- */
void life_cloud(life *l, const life_step *step);
void life_lie(life *l, const life_step *step);
void life_desk(life *l, const life_step *step);
void life_word(life *l, const life_step *step);
void life_import(life *l, const life_step *step);
void life_connect(life *l, const life_step *step);
fake_configuration *life_configuration(life *l, const char *id);
bool life_has_organization(const life *l, const char *organization);
/* What became of it by merging. */
const char *life_organization_now(const life *l, const char *organization);
/* The tenant's connection names it, or names what was merged into it. */
bool life_is_open(const life *l, const life_tenant *t, const char *organization);
const char *life_serial(life *l, uint32_t draw);

/* ---- life_sync.c ---- */
bool life_sync(life *l, const life_step *step);
/* Two syncs without trouble; the second must change nothing. */
bool life_rest(life *l, const life_step *step);

/* ---- life_look.c: what the store holds, read as the product reads it ---- */
void life_look(life *l);
/* A device's row in the model; NULL: not one of the tenant's. */
life_device *life_device_of(life_tenant *t, const char *id);
/* The key of that id, made when it is new. */
life_key *life_key_of(life_tenant *t, const char *id);

/* ---- life_ask.c ---- */
/* Every key by the way that people get it; the doctor. At the end of a life. */
bool life_last(life *l);
/* The guard's word on each device, and what the list of keys without a record says. */
bool life_check_answers(life *l, life_tenant *t);

/* ---- life_rules.c, life_place.c: what must hold ---- */
bool life_check(life *l);
bool life_check_places(life *l, life_tenant *t);

#endif
