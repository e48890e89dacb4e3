/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey_ports over the host's services: clock, log, keyring, settings and entitlement. Must
 * not know what a recovery key or a connection is. */
#include "hooks/host_ports_parts.h"

#include <sodium.h>
#include <string.h>

#define FEATURE "network_glue"

const dph_call *bkey_host_ports_call(const bkey_call *call)
{
    return call != NULL ? (const dph_call *)call->host_call : NULL;
}

static dph_str text_of(const char *text)
{
    dph_str str = {text, text != NULL ? strlen(text) : 0};
    return str;
}

bkey_err bkey_host_ports_error(dph_status status, uint32_t not_found)
{
    static const struct {
        dph_status status;
        uint32_t reason;
    } table[] = {
        {DPH_E_NOMEM, BKEY_E_NOMEM},
        {DPH_E_CANCELLED, BKEY_E_CANCELLED},
        {DPH_E_DEADLINE, BKEY_E_DEADLINE},
        {DPH_E_CONFLICT, BKEY_E_CONFLICT},
        {DPH_E_UNAVAILABLE, BKEY_E_STORE_BUSY},
        {DPH_E_UNKNOWN_OUTCOME, BKEY_E_UNKNOWN_OUTCOME},
    };
    if (status == DPH_OK)
        return bkey_ok();
    if (status == DPH_E_NOT_FOUND)
        return bkey_fail(not_found);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].status == status)
            return bkey_fail(table[i].reason);
    }
    return bkey_fail(BKEY_E_STORE);
}

static void copy_text(char *out, size_t cap, const dph_str *text)
{
    size_t len = text->ptr != NULL ? text->len : 0;
    if (len >= cap)
        len = cap - 1;
    if (len > 0)
        memcpy(out, text->ptr, len);
    out[len] = '\0';
}

void bkey_host_call_init(bkey_host_call *out, const dph_call *call)
{
    memset(out, 0, sizeof *out);
    out->call.host_call = call;
    out->call.organization_id = out->organization;
    out->call.actor = out->actor;
    out->call.remote_address = out->address;
    out->call.os_uid = DPH_UID_UNKNOWN;
    out->call.said = out->said;
    if (call == NULL || !DPH_HAS(call, os_uid))
        return;
    copy_text(out->organization, sizeof out->organization, &call->organization_id);
    copy_text(out->actor, sizeof out->actor, &call->actor_id);
    copy_text(out->address, sizeof out->address, &call->remote_address);
    out->call.actor_kind = call->actor_kind;
    out->call.actor_role = call->actor_role;
    out->call.source = call->source;
    out->call.os_uid = call->os_uid;
}

static uint64_t read_mono(void *self)
{
    const bkey_host_ports *p = self;
    return p->clock->mono_ns(p->host);
}

static int64_t read_wall(void *self)
{
    const bkey_host_ports *p = self;
    return p->clock->wall_ms(p->host);
}

static bkey_err wait_on_clock(void *self, const bkey_call *call, uint64_t ms)
{
    const bkey_host_ports *p = self;
    uint64_t ns = ms > UINT64_MAX / 1000000u ? UINT64_MAX : ms * 1000000u;
    dph_status status = p->clock->wait(p->host, bkey_host_ports_call(call), ns);
    return bkey_host_ports_error(status, BKEY_E_BUG);
}

static bkey_err ask_wanted(void *self, const bkey_call *call)
{
    const bkey_host_ports *p = self;
    const dph_call *host_call = bkey_host_ports_call(call);
    if (host_call == NULL)
        return bkey_ok();
    if (DPH_HAS(host_call, is_cancelled) && host_call->is_cancelled != NULL &&
        host_call->is_cancelled(host_call) != 0)
        return bkey_fail(BKEY_E_CANCELLED);
    if (host_call->deadline_ns != 0 && p->clock->mono_ns(p->host) >= host_call->deadline_ns)
        return bkey_fail(BKEY_E_DEADLINE);
    return bkey_ok();
}

static void fill_random(void *self, void *out, size_t len)
{
    (void)self;
    randombytes_buf(out, len);
}

static void write_log(void *self, const bkey_call *call, uint32_t level, uint32_t event,
                      const char *text)
{
    const bkey_host_ports *p = self;
    dph_str line = text_of(text);
    if (level <= p->log->max_level)
        p->log->write(p->host, bkey_host_ports_call(call), level, event, &line, NULL, 0);
}

static uint32_t read_generation(void *self)
{
    const bkey_host_ports *p = self;
    return p->keyring->generation(p->host);
}

static bkey_err derive_key(void *self, const char *label, uint32_t generation, uint8_t *out,
                           size_t len)
{
    const bkey_host_ports *p = self;
    dph_str name = text_of(label);
    dph_status status = p->keyring->derive(p->host, &name, generation, out, len, NULL);
    return status == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_KEYRING);
}

static bkey_err make_slot(void *self, const char *slot)
{
    const bkey_host_ports *p = self;
    dph_str name = text_of(slot);
    dph_status status = p->keyring->slot_make(p->host, &name, NULL);
    if (status == DPH_E_UNAVAILABLE)
        return bkey_fail(BKEY_E_STORE); /* a full disk, not a wrong key file */
    return status == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_KEYRING);
}

static bkey_err get_slot(void *self, const char *slot, uint8_t out[32])
{
    const bkey_host_ports *p = self;
    dph_str name = text_of(slot);
    dph_status status = p->keyring->slot_get(p->host, &name, out, NULL);
    return status == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_KEYRING);
}

static uint64_t read_settings_generation(void *self)
{
    const bkey_host_ports *p = self;
    return p->settings->generation(p->host);
}

static bkey_err read_text_setting(void *self, const char *key, char *buf, size_t cap)
{
    const bkey_host_ports *p = self;
    dph_str name = text_of(key);
    size_t need = 0;
    dph_status status = p->settings->get_text(p->host, &name, buf, cap, &need, NULL);
    return status == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_SETTING);
}

static bkey_err read_int_setting(void *self, const char *key, int64_t *out)
{
    const bkey_host_ports *p = self;
    dph_str name = text_of(key);
    int64_t value = 0;
    if (p->settings->get_int(p->host, &name, &value, NULL) != DPH_OK)
        return bkey_fail(BKEY_E_SETTING);
    *out = value;
    return bkey_ok();
}

static bool ask_entitled(void *self)
{
    const bkey_host_ports *p = self;
    dph_str feature = text_of(FEATURE);
    dph_entitlement state;
    memset(&state, 0, sizeof state);
    state.struct_size = sizeof state;
    if (p->entitlement->query(p->host, &feature, &state, NULL) != DPH_OK)
        return false;
    return state.effective == DPH_ENTITLEMENT_ACTIVE || state.effective == DPH_ENTITLEMENT_GRACE;
}

static const void *resolve(const dph_host *host, const char *id)
{
    return host->get_interface(host, id);
}

/* A service is usable when its last slot is there: tables only grow at the end. */
static bool resolve_services(bkey_host_ports *p)
{
    const dph_host *host = p->host;
    p->log = resolve(host, DPH_LOG_ID);
    p->clock = resolve(host, DPH_CLOCK_ID);
    p->store = resolve(host, DPH_STORE_ID);
    p->records = resolve(host, DPH_RECORDS_ID);
    p->assets = resolve(host, DPH_ASSETS_ID);
    p->state = resolve(host, DPH_STATE_ID);
    p->keyring = resolve(host, DPH_KEYRING_ID);
    p->settings = resolve(host, DPH_SETTINGS_ID);
    p->entitlement = resolve(host, DPH_ENTITLEMENT_ID);
    p->audit = resolve(host, DPH_AUDIT_ID);
    p->http_policy = resolve(host, DPH_HTTP_POLICY_ID);
    return p->log != NULL && DPH_HAS(p->log, write) && p->clock != NULL &&
           DPH_HAS(p->clock, wait) && p->store != NULL && DPH_HAS(p->store, apply) &&
           p->records != NULL && DPH_HAS(p->records, folder) && p->assets != NULL &&
           DPH_HAS(p->assets, list_configurations) && p->state != NULL && DPH_HAS(p->state, scan) &&
           p->keyring != NULL && DPH_HAS(p->keyring, slot_get) && p->settings != NULL &&
           DPH_HAS(p->settings, get_int) && p->entitlement != NULL &&
           DPH_HAS(p->entitlement, query);
}

bool bkey_host_ports_init(bkey_host_ports *out, const dph_host *host, bkey_slab *slab)
{
    bkey_ports *ports = &out->ports;
    memset(out, 0, sizeof *out);
    out->host = host;
    out->slab = slab;
    if (!resolve_services(out))
        return false;
    ports->self = out;
    ports->mono_ns = read_mono;
    ports->wall_ms = read_wall;
    ports->wait_ms = wait_on_clock;
    ports->still_wanted = ask_wanted;
    ports->random = fill_random;
    ports->log = write_log;
    ports->generation = read_generation;
    ports->derive = derive_key;
    ports->slot_make = make_slot;
    ports->slot_get = get_slot;
    ports->settings_generation = read_settings_generation;
    ports->setting_text = read_text_setting;
    ports->setting_int = read_int_setting;
    ports->entitled = ask_entitled;
    bkey_host_ports_fill_store(ports);
    bkey_host_ports_fill_rows(ports);
    bkey_host_ports_fill_audit(ports);
    return bkey_host_ports_fill_net(ports);
}
