/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/sync_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/settings.h"
#include "support/buffer.h"
#include "usecase/connect.h"
#include "usecase/find.h"
#include "usecase/signin_job.h"

static uint64_t next_seed = 1;

typedef struct plugin {
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    bkey_busy *busy;     /* in force */
    bkey_busy *own_busy; /* NULL when the world has one */
} plugin;

static void need(bool fine, const char *what)
{
    if (fine)
        return;
    (void)fprintf(stderr, "world: %s\n", what);
    abort();
}

static void open_plugin(const sync_world *world, plugin *p)
{
    fake_ports_init(&p->fake, world->store, next_seed++ * 7919);
    p->fake.mono_ns += world->later_ns;
    p->fake.wall_ms += (int64_t)(world->later_ns / 1000000u);
    fake_graph_plug(world->graph, &p->fake);
    for (size_t i = 0; i < bkey_settings_count(); i++)
        fake_ports_set(&p->fake, bkey_settings_at(i)->key, bkey_settings_at(i)->initial);
    for (size_t i = 0; world->settings[i] != NULL; i += 2)
        fake_ports_set(&p->fake, world->settings[i], world->settings[i + 1]);
    p->fake.entitled = !world->not_entitled;
    p->slab = NULL;
    p->vault = NULL;
    p->own_busy = NULL;
    if (world->busy == NULL)
        need(bkey_is_ok(bkey_busy_new(&p->own_busy)), "busy");
    p->busy = world->busy != NULL ? world->busy : p->own_busy;
    need(bkey_is_ok(bkey_slab_new(&p->slab)), "slab");
    need(bkey_is_ok(bkey_vault_new(&p->fake.ports, p->slab, &p->vault)), "vault");
}

static void close_plugin(plugin *p)
{
    bkey_vault_free(&p->vault);
    bkey_busy_free(&p->own_busy);
    need(bkey_slab_used(p->slab) == 0, "a secret was not freed");
    bkey_slab_free(&p->slab);
}

sync_run sync_world_tick(const sync_world *world, const sync_fault *fault)
{
    sync_run run;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    memset(&run, 0, sizeof run);
    open_plugin(world, p);
    p->fake.calls = 0;
    p->fake.apply_calls = 0;
    if (world->deadline_ms != 0)
        p->fake.deadline_ns = p->fake.mono_ns + world->deadline_ms * 1000000u;
    if (fault != NULL) {
        p->fake.fault = fault->kind;
        p->fake.fault_at = fault->at;
        p->fake.apply_fault_at = fault->apply_at;
        p->fake.fault_reason = fault->reason;
    }
    const bkey_tick tick = {.ports = &p->fake.ports,
                            .call = &p->fake.call,
                            .slab = p->slab,
                            .vault = p->vault,
                            .busy = p->busy,
                            .recall = world->recall,
                            .tenant = world->tenant,
                            .dry_run = world->dry_run,
                            .is_check = world->is_check,
                            .progress = world->progress,
                            .preview = world->preview};
    run.error = bkey_sync_tick_run(&tick, &run.result);
    run.calls = p->fake.calls;
    run.apply_calls = p->fake.apply_calls;
    run.waited_ms = p->fake.waited_ms;
    close_plugin(p);
    free(p);
    return run;
}

void sync_world_reseed(void)
{
    next_seed++;
}

bkey_err sync_world_connect(const sync_world *world, const char *grant,
                            const char *const *organizations)
{
    static const char token[] = "first-credential";
    char detail[BKEY_CONNECT_DETAIL_SIZE];
    sup_buffer json;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    sup_buffer_init(&json, 65536);
    bkey_connect_request request = {.ports = &p->fake.ports,
                                    .call = &p->fake.call,
                                    .vault = p->vault,
                                    .busy = p->busy,
                                    .tenant = world->tenant,
                                    .client_id = WORLD_CLIENT,
                                    .login_url = "https://login.example",
                                    .graph_url = "https://graph.example",
                                    .grant = grant,
                                    .partner = world->partner,
                                    .redirect = "http://localhost:1/back",
                                    .organizations = organizations};
    while (organizations[request.organization_count] != NULL)
        request.organization_count++;
    const bool brings = grant != NULL && strcmp(grant, "device") != 0 && strcmp(grant, "code") != 0;
    if (brings)
        need(bkey_is_ok(bkey_secret_dup(p->slab, token, sizeof token - 1, &request.secret)),
             "slab");
    bkey_err err = bkey_connect_run(&request, &json, detail);
    if (!bkey_is_ok(err))
        (void)fprintf(stderr, "connect: %s %s\n", bkey_err_name(err), detail);
    bkey_secret_free(&request.secret);
    sup_buffer_done(&json);
    close_plugin(p);
    free(p);
    return err;
}

void sync_world_signin(const sync_world *world, char *out, size_t cap)
{
    sup_guid tenant;
    sup_buffer json;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    sup_buffer_init(&json, 65536);
    const bkey_signin_job job = {&p->fake.ports, &p->fake.call, p->vault};
    need(sup_guid_parse(world->tenant, strlen(world->tenant), &tenant), "tenant");
    need(bkey_is_ok(bkey_signin_job_status(&job, &tenant, &json)), "status");
    (void)snprintf(out, cap, "%s", sup_buffer_text(&json));
    sup_buffer_done(&json);
    close_plugin(p);
    free(p);
}

bkey_err sync_world_answer(const sync_world *world, const char *code)
{
    static const char mark[] = "state=";
    char status[4096];
    bkey_signin_answer answer = {.state = NULL};
    sup_guid tenant;
    sync_world_signin(world, status, sizeof status);
    const char *state = strstr(status, mark);
    need(state != NULL, "a state");
    state += sizeof mark - 1;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    const bkey_signin_job job = {&p->fake.ports, &p->fake.call, p->vault};
    need(bkey_is_ok(bkey_secret_dup(p->slab, state, strcspn(state, "&\""), &answer.state)), "slab");
    need(bkey_is_ok(bkey_secret_dup(p->slab, code, strlen(code), &answer.code)), "slab");
    bkey_err err = bkey_signin_job_answer(&job, &answer, &tenant);
    bkey_secret_free(&answer.state);
    bkey_secret_free(&answer.code);
    close_plugin(p);
    free(p);
    return err;
}

static bkey_match_query open_query(plugin *p, const char *scope_text, bkey_scope *scope)
{
    need(bkey_is_ok(
             bkey_scope_read((bkey_bytes){(const uint8_t *)scope_text, strlen(scope_text)}, scope)),
         "scope");
    return (bkey_match_query){.ports = &p->fake.ports,
                              .call = &p->fake.call,
                              .vault = p->vault,
                              .scope = scope,
                              .tenant = "",
                              .organization_id = "",
                              .state = ""};
}

bkey_err sync_world_decide(const sync_world *world, bkey_match_change_kind kind, const char *device,
                           const char *to, const char *scope_text)
{
    char detail[BKEY_MATCH_CHANGE_DETAIL_SIZE] = "";
    bkey_scope scope;
    sup_buffer json;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    sup_buffer_init(&json, 65536);
    bkey_match_change change = {.query = open_query(p, scope_text, &scope),
                                .kind = kind,
                                .device = device,
                                .configuration = to,
                                .organization = to};
    change.query.tenant = world->tenant;
    bkey_err err = bkey_match_change_run(&change, &json, detail);
    bkey_scope_done(&scope);
    sup_buffer_done(&json);
    close_plugin(p);
    free(p);
    return err;
}

char *sync_world_import(const sync_world *world, const char *organization, const char *file,
                        bool dry_run, const sync_fault *fault)
{
    char detail[BKEY_IMPORT_KEYS_DETAIL_SIZE] = "";
    const bkey_scope scope = {.all = true};
    sup_buffer json;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    p->fake.calls = 0;
    p->fake.apply_calls = 0;
    if (fault != NULL) {
        p->fake.fault = fault->kind;
        p->fake.fault_at = fault->at;
        p->fake.apply_fault_at = fault->apply_at;
        p->fake.fault_reason = fault->reason;
    }
    sup_buffer_init(&json, 1u << 20);
    const bkey_import_request request = {.ports = &p->fake.ports,
                                         .call = &p->fake.call,
                                         .vault = p->vault,
                                         .slab = p->slab,
                                         .scope = &scope,
                                         .organization_id = organization,
                                         .tenant = "",
                                         .file = {(const uint8_t *)file, strlen(file)},
                                         .origin = BKEY_ORIGIN_AD,
                                         .dry_run = dry_run};
    bkey_err err = bkey_import_keys_run(&request, &json, detail);
    if (!bkey_is_ok(err))
        (void)fprintf(stderr, "import: %s %s\n", bkey_err_name(err), detail);
    char *text = bkey_is_ok(err) ? sup_buffer_take(&json) : NULL;
    sup_buffer_done(&json);
    close_plugin(p);
    free(p);
    return text;
}

char *sync_world_ask(const sync_world *world, const char *state, const char *part,
                     const char *scope_text)
{
    bkey_scope scope;
    sup_buffer json;
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    open_plugin(world, p);
    sup_buffer_init(&json, 1u << 20);
    bkey_match_query query = open_query(p, scope_text, &scope);
    query.state = state;
    const bkey_find_query find = {&p->fake.ports, &p->fake.call, p->vault, &scope, part};
    need(bkey_is_ok(part != NULL ? bkey_find_write(&find, &json)
                                 : bkey_match_list_write(&query, &json)),
         "list");
    bkey_scope_done(&scope);
    char *text = sup_buffer_take(&json);
    close_plugin(p);
    free(p);
    return text;
}

void sync_world_init(sync_world *world)
{
    static const char *const both[] = {"org-a", "Org B", NULL};
    memset(world, 0, sizeof *world);
    world->store = fake_store_new();
    world->tenant = WORLD_TENANT;
    world->graph = fake_graph_new(WORLD_TENANT);
    fake_store_add_organization(world->store, "org-a", "Org A");
    fake_store_add_organization(world->store, "org-b", "Org B");
    need(bkey_is_ok(sync_world_connect(world, "refresh", both)), "connect");
}

void sync_world_share(sync_world *partner, const sync_world *world)
{
    static const char *const both[] = {"org-a", "org-b", NULL};
    *partner = *world;
    partner->tenant = WORLD_TENANT_2;
    partner->graph = fake_graph_new(WORLD_TENANT_2);
    need(bkey_is_ok(sync_world_connect(partner, "refresh", both)), "connect");
}

void sync_world_done(sync_world *world)
{
    fake_graph_free(world->graph);
    fake_store_free(world->store);
}

void sync_world_copy(sync_world *to, const sync_world *from)
{
    fake_store *store = to->store;
    fake_graph *graph = to->graph;
    *to = *from;
    to->store = store;
    to->graph = graph;
    fake_store_copy(store, from->store);
    *graph = *from->graph;
}

fake_device *sync_world_device(sync_world *world, const char *name, const char *serial,
                               const char *organization)
{
    char id[64];
    fake_device *device = fake_graph_add_device(world->graph, name, serial);
    (void)snprintf(id, sizeof id, "%s-%u",
                   strcmp(world->tenant, WORLD_TENANT) == 0 ? "conf" : "else",
                   world->graph->device_count);
    if (organization != NULL)
        (void)fake_store_add_configuration(world->store, organization, id, name, serial);
    return device;
}

fake_record *sync_world_record(const sync_world *world, const fake_key *key)
{
    char external_id[128];
    (void)snprintf(external_id, sizeof external_id, "%s:%s", world->tenant, key->id);
    return fake_store_record(world->store, external_id);
}

typedef struct looking {
    sup_guid id;
    bkey_tracked *out;
    bool found;
} looking;

static bkey_err take_tracked(void *context, const bkey_tracked *row)
{
    looking *to = context;
    if (sup_guid_equal(&row->id, &to->id)) {
        *to->out = *row;
        to->out->name = to->out->serial = to->out->organization_id = "";
        to->found = true;
    }
    return bkey_ok();
}

bool sync_world_tracked(const sync_world *world, const fake_device *device, bkey_tracked *out)
{
    looking to = {.out = out};
    plugin *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    need(sup_guid_parse(device->id, strlen(device->id), &to.id), "device id");
    open_plugin(world, p);
    bkey_place place = {.vault = p->vault, .call = &p->fake.call, .organization_id = ""};
    need(sup_guid_parse(world->tenant, strlen(world->tenant), &place.tenant), "tenant");
    need(bkey_is_ok(bkey_device_scan(&place, take_tracked, &to)), "scan");
    close_plugin(p);
    free(p);
    return to.found;
}

uint32_t sync_world_state(const sync_world *world, char kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->store->state_count; i++) {
        const fake_state_row *row = &world->store->state[i];
        count += !row->tombstone && row->key[0] == (uint8_t)kind;
    }
    return count;
}
