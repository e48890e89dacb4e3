/* SPDX-License-Identifier: Apache-2.0
 *
 * The world of a life, and its steps. */
#define _GNU_SOURCE
#include "tests/support/life.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_CLOUD = 0, /* devices and keys come, change and go */
    STEP_LIE,       /* how Microsoft answers */
    STEP_DESK,      /* configurations, records, settings */
    STEP_WORD,      /* a person's word on a match */
    STEP_IMPORT,
    STEP_CONNECT,
    STEP_SYNC,
    STEP_REST,
    STEP_COUNT
};

static const char *const names[STEP_COUNT] = {"cloud",  "lie",     "desk", "word",
                                              "import", "connect", "sync", "rest"};

/* Of 32: how often each step comes. */
static const uint32_t shares[STEP_COUNT] = {9, 3, 5, 2, 1, 1, 8, 3};

static uint64_t draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t draw_kind(uint64_t *state)
{
    uint32_t at = (uint32_t)(draw(state) % 32u);
    uint32_t kind = 0;
    while (at >= shares[kind])
        at -= shares[kind++];
    return kind;
}

void life_draw(uint64_t seed, life_step *out, uint32_t count)
{
    uint64_t state = seed * 0x2545f4914f6cdd1du + 1;
    for (uint32_t i = 0; i < count; i++) {
        out[i].kind = draw_kind(&state);
        /* Most of it befalls one tenant, so that things meet. */
        out[i].tenant = (uint32_t)(draw(&state) % (LIFE_TENANTS + 2u));
        out[i].tenant = out[i].tenant < LIFE_TENANTS ? out[i].tenant : 0;
        out[i].a = (uint32_t)draw(&state);
        out[i].b = (uint32_t)draw(&state);
        out[i].c = (uint32_t)draw(&state);
    }
}

void life_describe(const life_step *step, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s, tenant %u: %u %u %u", names[step->kind], step->tenant, step->a,
                   step->b, step->c);
}

bool life_fail(life *l, const char *format, ...)
{
    va_list args;
    if (l->failure[0] != '\0')
        return false;
    va_start(args, format);
    (void)vsnprintf(l->failure, sizeof l->failure, format, args);
    va_end(args);
    return false;
}

static void begin_tenant(life *l, uint32_t index)
{
    static const char *const ids[LIFE_TENANTS] = {"1a0e5b1c-6b8e-4f7a-9d1a-00000000aaaa",
                                                  "1a0e5b1c-6b8e-4f7a-9d1a-00000000bbbb",
                                                  "1a0e5b1c-6b8e-4f7a-9d1a-00000000cccc"};
    /* Two share an organization, one has a single one. */
    static const char *const first[LIFE_TENANTS][3] = {
        {"org-a", "org-b", NULL}, {"org-b", "org-c", NULL}, {"org-d", NULL, NULL}};
    life_tenant *t = &l->tenants[index];
    t->world.store = l->store;
    t->world.busy = l->busy;
    t->world.tenant = ids[index];
    t->world.graph = fake_graph_new(ids[index]);
    t->world.graph->directory = true;
    t->world.graph->report = true;
    (void)fake_graph_add_user(t->world.graph, "Ann Example", "ann@example.org");
    for (uint32_t i = 0; i < 3; i++)
        t->organizations[i] = first[index][i];
    if (!bkey_is_ok(sync_world_connect(&t->world, "refresh", t->organizations)))
        (void)life_fail(l, "the first connect of tenant %u", index);
}

void life_begin(life *l)
{
    static const char *const ids[LIFE_ORGANIZATIONS] = {"org-a", "org-b", "org-c", "org-d",
                                                        "org-e"};
    memset(l, 0, sizeof *l);
    l->store = fake_store_new();
    if (!bkey_is_ok(bkey_busy_new(&l->busy)))
        abort();
    for (uint32_t i = 0; i < LIFE_ORGANIZATIONS; i++)
        fake_store_add_organization(l->store, ids[i], ids[i]);
    for (uint32_t i = 0; i < LIFE_TENANTS; i++)
        begin_tenant(l, i);
}

void life_end(life *l)
{
    for (uint32_t i = 0; i < LIFE_TENANTS; i++) {
        bkey_recall_free(&l->tenants[i].world.recall);
        fake_graph_free(l->tenants[i].world.graph);
    }
    bkey_busy_free(&l->busy);
    fake_store_free(l->store);
}

bool life_live(life *l, const life_step *step)
{
    static void (*const acts[STEP_COUNT])(life *, const life_step *) = {
        life_cloud, life_lie, life_desk, life_word, life_import, life_connect, NULL, NULL};
    l->tenants[step->tenant].is_pristine = false;
    if (acts[step->kind] != NULL)
        acts[step->kind](l, step);
    else if (!(step->kind == STEP_SYNC ? life_sync(l, step) : life_rest(l, step)))
        return false;
    if (step->kind < STEP_WORD)
        return true;
    life_look(l);
    return life_check(l);
}
