/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticks, reveals, connects and changes of settings at once, in one plugin over one store: a tick
 * is done or may be tried again, and each reveal that was shown was written once (S1.95).
 *
 *   test_races      environment: SYNC_SEED
 */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * plugin/src/plugin.c plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/graph/?*.c
 * plugin/src/hooks/?*.c plugin/src/state/?*.c plugin/src/usecase/?*.c host-sdk/support/?*.c
 */
/* LIBS: -lcurl -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/settings.h"
#include "plugin.h"
#include "tests/support/fake_graph.h"
#include "usecase/connect.h"
#include "usecase/reveal.h"
#include "usecase/sync_tick.h"

#define TICKERS 4u
#define REVEALERS 8u
#define DEVICES 20u
#define ROUNDS 4u

static pthread_mutex_t store_lock = PTHREAD_MUTEX_INITIALIZER;
static bkey_ports plain; /* the fake's own functions */
static fake_store *store;
static bkey_plugin plugin;
static atomic_uint shown;
static atomic_uint wrong;

typedef struct worker {
    fake_ports fake;
    fake_graph *graph;
    char tenant[40];
    char external_id[80]; /* of the key to reveal */
} worker;

static void need(bool fine, const char *what)
{
    if (fine)
        return;
    atomic_fetch_add(&wrong, 1);
    (void)fprintf(stderr, "not so: %s\n", what);
}

static bkey_err locked_apply(void *self, const bkey_call *call, const bkey_item *items,
                             size_t count, const char *op_key, uint64_t *rows, size_t *conflict)
{
    (void)pthread_mutex_lock(&store_lock);
    bkey_err err = plain.apply(self, call, items, count, op_key, rows, conflict);
    (void)pthread_mutex_unlock(&store_lock);
    return err;
}

/* Rows are copied, so that a sink runs without the lock, as with a real store. */
typedef struct copies {
    bkey_state_row *rows;
    size_t count;
} copies;

static bkey_bytes copy_bytes(bkey_bytes from)
{
    uint8_t *to = malloc(from.len + 1);
    if (to == NULL)
        abort();
    if (from.len > 0)
        memcpy(to, from.ptr, from.len);
    return (bkey_bytes){to, from.len};
}

static bkey_err take_copy(void *context, const bkey_state_row *row)
{
    copies *to = context;
    to->rows = realloc(to->rows, (to->count + 1) * sizeof *to->rows);
    if (to->rows == NULL)
        abort();
    to->rows[to->count] = *row;
    to->rows[to->count].key = copy_bytes(row->key);
    to->rows[to->count].value = copy_bytes(row->value);
    to->count++;
    return bkey_ok();
}

static bkey_err give_copies(copies *from, bkey_err err, bkey_state_sink sink, void *context)
{
    for (size_t i = 0; i < from->count; i++) {
        if (bkey_is_ok(err))
            err = sink(context, &from->rows[i]);
        free((void *)from->rows[i].key.ptr);
        free((void *)from->rows[i].value.ptr);
    }
    free(from->rows);
    return err;
}

static bkey_err locked_get(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                           void *context)
{
    copies rows = {NULL, 0};
    (void)pthread_mutex_lock(&store_lock);
    bkey_err err = plain.state_get(self, call, key, take_copy, &rows);
    (void)pthread_mutex_unlock(&store_lock);
    return give_copies(&rows, err, sink, context);
}

static bkey_err locked_scan(void *self, const bkey_call *call, bkey_bytes prefix,
                            bkey_state_sink sink, void *context)
{
    copies rows = {NULL, 0};
    (void)pthread_mutex_lock(&store_lock);
    bkey_err err = plain.state_scan(self, call, prefix, take_copy, &rows);
    (void)pthread_mutex_unlock(&store_lock);
    return give_copies(&rows, err, sink, context);
}

#define LOCKED(name, type)                                                                         \
    static bkey_err locked_##name(void *self, const bkey_call *call, const char *id, type sink,    \
                                  void *context)                                                   \
    {                                                                                              \
        (void)pthread_mutex_lock(&store_lock);                                                     \
        bkey_err err = plain.name(self, call, id, sink, context);                                  \
        (void)pthread_mutex_unlock(&store_lock);                                                   \
        return err;                                                                                \
    }
typedef bkey_err (*folder_sink)(void *context, const bkey_folder_view *row);
LOCKED(records, bkey_record_sink)
LOCKED(record, bkey_record_sink)
LOCKED(configurations, bkey_configuration_sink)
LOCKED(folder, folder_sink)

static bkey_err locked_make(void *self, const char *slot)
{
    (void)pthread_mutex_lock(&store_lock);
    bkey_err err = plain.slot_make(self, slot);
    (void)pthread_mutex_unlock(&store_lock);
    return err;
}

static bkey_err locked_slot(void *self, const char *slot, uint8_t out[32])
{
    (void)pthread_mutex_lock(&store_lock);
    bkey_err err = plain.slot_get(self, slot, out);
    (void)pthread_mutex_unlock(&store_lock);
    return err;
}

static void locked_random(void *self, void *out, size_t len)
{
    (void)pthread_mutex_lock(&store_lock);
    plain.random(self, out, len);
    (void)pthread_mutex_unlock(&store_lock);
}

static void open_ports(fake_ports *fake, uint64_t seed)
{
    fake_ports_init(fake, store, seed);
    for (size_t i = 0; i < bkey_settings_count(); i++)
        fake_ports_set(fake, bkey_settings_at(i)->key, bkey_settings_at(i)->initial);
    plain = fake->ports;
    fake->call.organization_id = "org-a";
    fake->ports.apply = locked_apply;
    fake->ports.state_get = locked_get;
    fake->ports.state_scan = locked_scan;
    fake->ports.records = locked_records;
    fake->ports.record = locked_record;
    fake->ports.configurations = locked_configurations;
    fake->ports.folder = locked_folder;
    fake->ports.slot_make = locked_make;
    fake->ports.slot_get = locked_slot;
    fake->ports.random = locked_random;
}

static void connect_tenant(worker *w)
{
    static const char *const organizations[] = {"org-a"};
    char detail[BKEY_CONNECT_DETAIL_SIZE];
    sup_buffer json;
    bkey_connect_request request = {.ports = &w->fake.ports,
                                    .call = &w->fake.call,
                                    .vault = plugin.vault,
                                    .busy = plugin.busy,
                                    .tenant = w->tenant,
                                    .client_id = w->tenant,
                                    .login_url = "https://login.example",
                                    .graph_url = "https://graph.example",
                                    .organizations = organizations,
                                    .organization_count = 1};
    sup_buffer_init(&json, 65536);
    need(bkey_is_ok(bkey_secret_dup(plugin.slab, "token", 5, &request.secret)), "a secret");
    need(bkey_is_ok(bkey_connect_run(&request, &json, detail)), detail);
    bkey_secret_free(&request.secret);
    sup_buffer_done(&json);
}

static void open_tenant(worker *w, uint32_t number)
{
    char name[64];
    (void)snprintf(w->tenant, sizeof w->tenant, "1a0e5b1c-6b8e-4f7a-9d1a-%012u", number + 1);
    w->graph = fake_graph_new(w->tenant);
    for (uint32_t i = 0; i < DEVICES; i++) {
        (void)snprintf(name, sizeof name, "PC-%u-%u", number, i);
        fake_device *device = fake_graph_add_device(w->graph, name, name);
        (void)fake_store_add_configuration(store, "org-a", name, name, name);
        (void)fake_graph_add_key(w->graph, device, "operatingSystemVolume", 10);
    }
    connect_tenant(w);
}

static void *run_ticks(void *context)
{
    worker *w = context;
    fake_graph_plug(w->graph, &w->fake);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        bkey_tick_result result;
        const bkey_tick tick = {.ports = &w->fake.ports,
                                .call = &w->fake.call,
                                .slab = plugin.slab,
                                .vault = plugin.vault,
                                .busy = plugin.busy,
                                .tenant = w->tenant};
        need(bkey_is_ok(bkey_sync_tick_run(&tick, &result)), "a tick ran");
        need(result.outcome == BKEY_OUTCOME_DONE ||
                 bkey_err_category(result.error) == BKEY_CAT_RETRY,
             result.summary);
        (void)fake_graph_add_key(w->graph, &w->graph->devices[i], "operatingSystemVolume", 20 + i);
    }
    return NULL;
}

static bkey_err take_secret(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    (void)context;
    (void)secret;
    need(len > 0 && !malformed, "a secret was shown");
    atomic_fetch_add(&shown, 1);
    return bkey_ok();
}

static void *run_reveals(void *context)
{
    worker *w = context;
    for (uint32_t i = 0; i < ROUNDS * 4; i++) {
        const bkey_reveal_request request = {.ports = &w->fake.ports,
                                             .call = &w->fake.call,
                                             .slab = plugin.slab,
                                             .vault = plugin.vault,
                                             .external_id = w->external_id,
                                             .purpose = BKEY_PURPOSE_SHOW,
                                             .reason = "a test",
                                             .ticket = ""};
        bkey_err err = bkey_reveal_run(&request, take_secret, NULL);
        need(bkey_is_ok(err) || bkey_err_category(err) == BKEY_CAT_RETRY, bkey_err_name(err));
    }
    return NULL;
}

static void *run_settings(void *context)
{
    (void)context;
    for (uint32_t i = 0; i < ROUNDS * 100; i++) {
        fake_ports_set(plugin.services.ports.self, "folder_name", i % 2 == 0 ? "Recovery" : "Keys");
        need(bkey_is_ok(bkey_plugin_reload_name(&plugin)), "a name was read");
        need(bkey_plugin_reserved_name(&plugin)[0] != '\0', "a name is in force");
    }
    return NULL;
}

static void *run_connects(void *context)
{
    for (uint32_t i = 0; i < ROUNDS; i++)
        connect_tenant(context);
    return NULL;
}

static void free_names(void)
{
    bkey_plugin_name *name = atomic_load(&plugin.name);
    while (name != NULL) {
        bkey_plugin_name *older = name->older;
        free(name);
        name = older;
    }
}

/* One worker per thread: tickers, then revealers, one that changes settings, one that connects. */
#define WORKERS (TICKERS + REVEALERS + 2u)

static void run_all(worker *workers)
{
    pthread_t threads[WORKERS];
    for (uint32_t i = 0; i < WORKERS; i++) {
        void *(*run)(void *) = i < TICKERS                   ? run_ticks
                               : i < TICKERS + REVEALERS     ? run_reveals
                               : i < TICKERS + REVEALERS + 1 ? run_settings
                                                             : run_connects;
        if (pthread_create(&threads[i], NULL, run, &workers[i]) != 0)
            abort();
    }
    for (uint32_t i = 0; i < WORKERS; i++)
        (void)pthread_join(threads[i], NULL);
}

int main(void)
{
    static fake_ports for_vault;
    static fake_ports for_settings;
    const char *text = getenv("SYNC_SEED");
    const uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : 1;
    worker *workers = calloc(WORKERS, sizeof *workers);
    store = fake_store_new();
    fake_store_add_organization(store, "org-a", "Org A");
    open_ports(&for_vault, seed);
    open_ports(&for_settings, seed + 1);
    plugin.services.ports = for_settings.ports;
    if (workers == NULL || !bkey_is_ok(bkey_slab_new(&plugin.slab)) ||
        !bkey_is_ok(bkey_busy_new(&plugin.busy)) ||
        !bkey_is_ok(bkey_vault_new(&for_vault.ports, plugin.slab, &plugin.vault)))
        abort();
    for (uint32_t i = 0; i < WORKERS; i++) {
        open_ports(&workers[i].fake, seed * 1000 + i);
        if (i < TICKERS)
            open_tenant(&workers[i], i);
    }
    /* One key is there before anything races; it is the one that is revealed. */
    (void)run_ticks(&workers[0]);
    for (uint32_t i = TICKERS; i < TICKERS + REVEALERS; i++)
        (void)snprintf(workers[i].external_id, sizeof workers[i].external_id, "%s:%s",
                       workers[0].tenant, workers[0].graph->keys[0].id);
    (void)snprintf(workers[WORKERS - 1].tenant, sizeof workers[0].tenant, "%s", workers[1].tenant);
    (void)printf("seed %llu\n", (unsigned long long)seed);
    run_all(workers);
    need(atomic_load(&shown) == fake_store_count(store, BKEY_ACTION_VIEWED), "each was written");
    for (uint32_t i = 0; i < TICKERS; i++)
        fake_graph_free(workers[i].graph);
    free(workers);
    free_names();
    bkey_vault_free(&plugin.vault);
    bkey_busy_free(&plugin.busy);
    bkey_slab_free(&plugin.slab);
    const bool fine = atomic_load(&wrong) == 0 && atomic_load(&shown) > 0;
    fake_store_free(store);
    (void)printf("%u shown\n%s\n", atomic_load(&shown),
                 fine ? "1 passed, 0 failed" : "0 passed, 1 failed");
    return fine ? 0 : 1;
}
