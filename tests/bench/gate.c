/* SPDX-License-Identifier: Apache-2.0
 *
 * Times what happens inside one process: loading the plugin (warm, known hash), a guard check
 * through the whole gate, a name check. Prints one JSON object. Runs the real loader, gate and
 * plugin on a host that answers from memory; knows no store.
 *
 *   gate PLUGIN.so MANIFEST.json */
#define _GNU_SOURCE
#include "loader/gate.h"
#include "loader/loader.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *settings_schema;

static uint64_t mono_ns(const dph_host *host)
{
    (void)host;
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What never waits is measured in the process's own time: other programs do not slow it down. */
static uint64_t cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t gate_clock(void *context)
{
    return mono_ns(context);
}

static int64_t wall_ms(const dph_host *host)
{
    (void)host;
    return 1790000000000;
}

static dph_status wait_ns(const dph_host *host, const dph_call *call, uint64_t ns)
{
    (void)host, (void)call, (void)ns;
    return DPH_OK;
}

static void write_log(const dph_host *host, const dph_call *call, uint32_t level, uint32_t event,
                      const dph_str *text, const dph_kv *kv, size_t count)
{
    (void)host, (void)call, (void)level, (void)event, (void)text, (void)kv, (void)count;
}

static dph_status apply(const dph_host *host, const dph_call *call, const dph_batch *batch,
                        const dph_str *op_key, dph_apply_result *result, dph_error *err)
{
    (void)host, (void)call, (void)batch, (void)op_key, (void)result, (void)err;
    return DPH_E_UNAVAILABLE;
}

static dph_status find_record(const dph_host *host, const dph_call *call, const dph_str *id,
                              const dph_record_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)id, (void)sink, (void)err;
    return DPH_E_NOT_FOUND;
}

static dph_status list_nothing(const dph_host *host, const dph_call *call, const dph_str *id,
                               const dph_record_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)id, (void)sink, (void)err;
    return DPH_OK;
}

static dph_status no_folder(const dph_host *host, const dph_call *call, const dph_str *id,
                            const dph_folder_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)id, (void)sink, (void)err;
    return DPH_E_NOT_FOUND;
}

static dph_status no_organizations(const dph_host *host, const dph_call *call,
                                   const dph_organization_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)sink, (void)err;
    return DPH_OK;
}

static dph_status no_organization(const dph_host *host, const dph_call *call, const dph_str *name,
                                  const dph_organization_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)name, (void)sink, (void)err;
    return DPH_E_NOT_FOUND;
}

static dph_status no_configurations(const dph_host *host, const dph_call *call, const dph_str *id,
                                    const dph_configuration_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)id, (void)sink, (void)err;
    return DPH_OK;
}

static dph_status no_contacts(const dph_host *host, const dph_call *call, const dph_str *id,
                              const dph_contact_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)id, (void)sink, (void)err;
    return DPH_OK;
}

static dph_status no_state(const dph_host *host, const dph_call *call, const dph_bytes *key,
                           const dph_state_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)key, (void)sink, (void)err;
    return DPH_E_NOT_FOUND;
}

static dph_status scan_nothing(const dph_host *host, const dph_call *call, const dph_bytes *key,
                               const dph_state_sink *sink, dph_error *err)
{
    (void)host, (void)call, (void)key, (void)sink, (void)err;
    return DPH_OK;
}

static uint32_t generation(const dph_host *host)
{
    (void)host;
    return 1;
}

static dph_status derive(const dph_host *host, const dph_str *label, uint32_t number, uint8_t *out,
                         size_t len, dph_error *err)
{
    (void)host, (void)number, (void)err;
    crypto_generichash(out, len, (const uint8_t *)label->ptr, label->len, NULL, 0);
    return DPH_OK;
}

static dph_status make_slot(const dph_host *host, const dph_str *slot, dph_error *err)
{
    (void)host, (void)slot, (void)err;
    return DPH_OK;
}

static dph_status get_slot(const dph_host *host, const dph_str *slot, uint8_t out[32],
                           dph_error *err)
{
    return derive(host, slot, 1, out, 32, err);
}

static uint64_t settings_generation(const dph_host *host)
{
    (void)host;
    return 1;
}

static json_t *default_of(const dph_str *key)
{
    size_t index = 0;
    json_t *one = NULL;
    json_array_foreach(settings_schema, index, one)
    {
        const char *name = json_string_value(json_object_get(one, "key"));
        if (name != NULL && strlen(name) == key->len && memcmp(name, key->ptr, key->len) == 0)
            return json_object_get(one, "default");
    }
    return NULL;
}

static dph_status get_text(const dph_host *host, const dph_str *key, char *buf, size_t cap,
                           size_t *need, dph_error *err)
{
    (void)host, (void)err;
    const char *value = json_string_value(default_of(key));
    if (value == NULL)
        return DPH_E_NOT_FOUND;
    *need = strlen(value);
    if (*need >= cap)
        return DPH_E_TOO_LARGE;
    memcpy(buf, value, *need + 1);
    return DPH_OK;
}

static dph_status get_int(const dph_host *host, const dph_str *key, int64_t *out, dph_error *err)
{
    (void)host, (void)err;
    const json_t *value = default_of(key);
    if (!json_is_integer(value) && !json_is_boolean(value))
        return DPH_E_NOT_FOUND;
    *out = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);
    return DPH_OK;
}

static dph_status query(const dph_host *host, const dph_str *feature, dph_entitlement *out,
                        dph_error *err)
{
    (void)host, (void)feature, (void)err;
    out->state = out->effective = DPH_ENTITLEMENT_ACTIVE;
    return DPH_OK;
}

static const dph_log_v1 log_service = {sizeof(dph_log_v1), DPH_LOG_ERROR, write_log};
static const dph_clock_v1 clock_service = {sizeof(dph_clock_v1), 0, mono_ns, wall_ms, wait_ns};
static const dph_store_v1 store_service = {sizeof(dph_store_v1), 0, apply};
static const dph_records_v1 records_service = {sizeof(dph_records_v1), 0, find_record, list_nothing,
                                               no_folder};
static const dph_assets_v1 assets_service = {
    sizeof(dph_assets_v1), 0, no_organizations, no_organization, no_configurations, no_contacts};
static const dph_state_v1 state_service = {sizeof(dph_state_v1), 0, no_state, scan_nothing};
static const dph_keyring_v1 keyring_service = {
    sizeof(dph_keyring_v1), 0, generation, derive, make_slot, get_slot, make_slot};
static const dph_settings_v1 settings_service = {sizeof(dph_settings_v1), 0, settings_generation,
                                                 get_text, get_int};
static const dph_entitlement_v1 entitlement_service = {sizeof(dph_entitlement_v1), 0, query};

static const void *host_interface(const dph_host *host, const char *id)
{
    static const struct {
        const char *id;
        const void *service;
    } table[] = {{DPH_LOG_ID, &log_service},
                 {DPH_CLOCK_ID, &clock_service},
                 {DPH_STORE_ID, &store_service},
                 {DPH_RECORDS_ID, &records_service},
                 {DPH_ASSETS_ID, &assets_service},
                 {DPH_STATE_ID, &state_service},
                 {DPH_KEYRING_ID, &keyring_service},
                 {DPH_SETTINGS_ID, &settings_service},
                 {DPH_ENTITLEMENT_ID, &entitlement_service}};
    (void)host;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].id, id) == 0)
            return table[i].service;
    return NULL;
}

static const dph_host bench_host = {sizeof(dph_host), DPH_ABI_MAJOR, DPH_ABI_MINOR, "bench",
                                    "0.1.0",          NULL,          host_interface};
static const dph_call control_call = {.struct_size = sizeof(dph_call), .lane = DPH_LANE_CONTROL};
static const dph_call hook_call = {.struct_size = sizeof(dph_call),
                                   .lane = DPH_LANE_HOOK,
                                   .deadline_ns = UINT64_MAX,
                                   .actor_kind = DPH_ACTOR_USER,
                                   .actor_role = DPH_ROLE_ADMINISTRATOR,
                                   .source = DPH_SOURCE_API};

static void die(const char *what, const dph_error *err)
{
    fprintf(stderr, "gate: %s: %s\n", what, err->message);
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

#define LOADS 21

static dphl_library *last_library;

static double time_load(const dphl_options *options, dph_plugin **out_plugin)
{
    double times[LOADS];
    dph_error err = {.struct_size = sizeof err};
    for (size_t i = 0; i < LOADS; i++) {
        uint64_t start = mono_ns(&bench_host);
        if (dphl_open(options, &bench_host, &last_library, &err) != DPH_OK)
            die("open", &err);
        if (dphl_start(last_library, &control_call, out_plugin, &err) != DPH_OK)
            die("start", &err);
        times[i] = (double)(mono_ns(&bench_host) - start) / 1e6;
        if (i + 1 < LOADS)
            dphl_close(last_library, &control_call);
    }
    qsort(times, LOADS, sizeof times[0], compare);
    return times[LOADS / 2];
}

static double time_check(const dphl_guard *guard, size_t rounds)
{
    static const dph_str field = {"password", 8};
    dph_op op = {.struct_size = sizeof op,
                 .kind = DPH_OP_EDIT,
                 .object_kind = DPH_OBJECT_RECORD,
                 .relation = DPH_RELATION_SELF,
                 .object_id = {"record", 6},
                 .plugin_tag = {"current", 7},
                 .changed_fields = &field,
                 .changed_count = 1,
                 .revision = 1};
    dph_verdict verdict;
    size_t allowed = 0;
    uint64_t start = cpu_ns();
    for (size_t i = 0; i < rounds; i++) {
        verdict.struct_size = sizeof verdict;
        allowed += (size_t)dphl_guard_check(guard, &hook_call, &op, &verdict);
    }
    double ns = (double)(cpu_ns() - start) / (double)rounds;
    if (allowed != 0) {
        fprintf(stderr, "gate: a guarded edit was allowed\n");
        exit(1);
    }
    return ns;
}

static double time_name(const dphl_guard *guard, size_t rounds)
{
    char text[256];
    memset(text, 'x', sizeof text);
    dph_str name = {text, 255};
    dph_verdict verdict;
    uint64_t start = cpu_ns();
    for (size_t i = 0; i < rounds; i++) {
        verdict.struct_size = sizeof verdict;
        if (dphl_guard_validate_name(guard, &hook_call, DPH_NAME_FOLDER, &name, &verdict) != 1) {
            fprintf(stderr, "gate: an ordinary name was refused: %s\n", verdict.message);
            exit(1);
        }
    }
    return (double)(cpu_ns() - start) / (double)rounds;
}

int main(int argc, char **argv)
{
    if (argc != 3 || sodium_init() < 0)
        return 2;
    uint8_t library_hash[DPHL_HASH_SIZE];
    uint8_t manifest_hash[DPHL_HASH_SIZE];
    dph_error err = {.struct_size = sizeof err};
    if (dphl_hash_file(argv[1], library_hash, &err) != DPH_OK ||
        dphl_hash_file(argv[2], manifest_hash, &err) != DPH_OK)
        die("hash", &err);
    json_t *manifest = json_load_file(argv[2], 0, NULL);
    settings_schema = json_object_get(manifest, "settings");
    dphl_options options = {.path = argv[1],
                            .manifest_path = argv[2],
                            .library_hash = library_hash,
                            .manifest_hash = manifest_hash,
                            .already_probed = 1};
    dph_plugin *plugin = NULL;
    double load_ms = time_load(&options, &plugin);
    dphl_guard guard = {dphl_manifest(last_library)->id, plugin,
                        plugin->get_interface(plugin, DPH_HOOK_GUARD_ID), gate_clock,
                        (void *)(uintptr_t)&bench_host};
    time_check(&guard, 10000);
    printf("{\"plugin_load_ms\": %.4f, \"guard_check_ns\": %.2f, \"name_check_ns\": %.2f}\n",
           load_ms, time_check(&guard, 1000000), time_name(&guard, 20000));
    dphl_close(last_library, &control_call);
    json_decref(manifest);
    return 0;
}
