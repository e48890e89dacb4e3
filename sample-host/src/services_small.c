/* SPDX-License-Identifier: Apache-2.0
 *
 * Log, clock, key file and store, as plugins see them. */
#include "dph/dph.h"
#include "sample-host/src/apply.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/services.h"

#include <string.h>

#define KV_MAX 32u

static void DPH_CALL write_log(const dph_host *services, const dph_call *call, uint32_t level,
                               uint32_t event, dph_str const *text, const dph_kv *kv,
                               size_t kv_count)
{
    const host_plugin *plugin = host_services_plugin(services);
    if (level > host_log_level()) {
        return;
    }
    json_t *fields = json_pack("{s:s,s:I}", "plugin", plugin->id, "number", (json_int_t)event);
    if (call != NULL) {
        (void)json_object_set_new(fields, "call", json_integer((json_int_t)call->call_id));
    }
    for (size_t i = 0; i < kv_count && i < KV_MAX; i++) {
        json_t *key = host_log_text(kv[i].key.ptr, kv[i].key.len);
        (void)json_object_set_new(fields, json_string_value(key),
                                  host_log_text(kv[i].value.ptr, kv[i].value.len));
        json_decref(key);
    }
    json_t *clean = host_log_text(text->ptr, text->len);
    host_log_line(level, "plugin", json_string_value(clean), fields);
    json_decref(clean);
    json_decref(fields);
}

static const dph_log_v1 log_service = {sizeof log_service, DPH_LOG_DEBUG, write_log};

static uint64_t DPH_CALL read_mono(const dph_host *services)
{
    (void)services;
    return host_clock_mono_ns();
}

static int64_t DPH_CALL read_wall(const dph_host *services)
{
    (void)services;
    return host_clock_wall_ms();
}

static bool is_call_over(void *context)
{
    return host_call_state(context) != DPH_OK;
}

static dph_status DPH_CALL wait_ns(const dph_host *services, const dph_call *call, uint64_t ns)
{
    (void)services;
    void *context = (void *)(uintptr_t)call;
    return host_clock_wait(ns, is_call_over, context) ? DPH_OK : host_call_state(call);
}

static const dph_clock_v1 clock_service = {sizeof clock_service, 0, read_mono, read_wall, wait_ns};

static host_keyring_name name_key(const host_plugin *plugin, const dph_str *label)
{
    return (host_keyring_name){host_str(plugin->id), *label};
}

static uint32_t DPH_CALL read_generation(const dph_host *services)
{
    return host_keyring_generation(host_services_plugin(services)->host->keyring);
}

static dph_status DPH_CALL derive(const dph_host *services, const dph_str *label,
                                  uint32_t generation, uint8_t *out, size_t out_len, dph_error *err)
{
    host_error problem = {0};
    const host_plugin *plugin = host_services_plugin(services);
    host_keyring_name name = name_key(plugin, label);
    return host_services_result(
        host_keyring_derive(plugin->host->keyring, &name, generation, out, out_len, &problem),
        &problem, err);
}

static dph_status DPH_CALL make_slot(const dph_host *services, const dph_str *slot, dph_error *err)
{
    host_error problem = {0};
    const host_plugin *plugin = host_services_plugin(services);
    host_keyring_name name = name_key(plugin, slot);
    return host_services_result(host_keyring_slot_make(plugin->host->keyring, &name, &problem),
                                &problem, err);
}

static dph_status DPH_CALL get_slot(const dph_host *services, const dph_str *slot,
                                    uint8_t out[DPH_KEYRING_SLOT_SIZE], dph_error *err)
{
    host_error problem = {0};
    const host_plugin *plugin = host_services_plugin(services);
    host_keyring_name name = name_key(plugin, slot);
    return host_services_result(host_keyring_slot_get(plugin->host->keyring, &name, out, &problem),
                                &problem, err);
}

static dph_status DPH_CALL destroy_slot(const dph_host *services, const dph_str *slot,
                                        dph_error *err)
{
    host_error problem = {0};
    const host_plugin *plugin = host_services_plugin(services);
    host_keyring_name name = name_key(plugin, slot);
    return host_services_result(host_keyring_slot_destroy(plugin->host->keyring, &name, &problem),
                                &problem, err);
}

static const dph_keyring_v1 keyring_service = {
    sizeof keyring_service, 0, read_generation, derive, make_slot, get_slot, destroy_slot};

static dph_status DPH_CALL apply(const dph_host *services, const dph_call *call,
                                 const dph_batch *batch, const dph_str *op_key,
                                 dph_apply_result *result, dph_error *err)
{
    host_error problem = {0};
    const host_plugin *plugin = host_services_plugin(services);
    dph_str id = host_str(plugin->id);
    dph_status status = host_apply(plugin->host, &id, call, batch, op_key, result, &problem);
    return host_services_result(status == DPH_OK, &problem, err);
}

static const dph_store_v1 store_service = {sizeof store_service, 0, apply};

const void *host_services_small(const char *id)
{
    if (strcmp(id, DPH_LOG_ID) == 0) {
        return &log_service;
    }
    if (strcmp(id, DPH_CLOCK_ID) == 0) {
        return &clock_service;
    }
    if (strcmp(id, DPH_KEYRING_ID) == 0) {
        return &keyring_service;
    }
    return strcmp(id, DPH_STORE_ID) == 0 ? &store_service : NULL;
}
