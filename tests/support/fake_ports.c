/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/fake_ports.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bkey_err fail_as_told(fake_ports *fake)
{
    if (fake->fault == FAKE_FAULT_DIE)
        _exit(FAKE_DEATH);
    return bkey_fail(fake->fault_reason != 0 ? fake->fault_reason : BKEY_E_STORE_BUSY);
}

bkey_err fake_ports_step(fake_ports *fake)
{
    fake->calls++;
    if (fake->cancel_at_call != 0 && fake->calls >= fake->cancel_at_call)
        fake->cancelled = true;
    if (fake->fault != FAKE_FAULT_NONE && fake->fault_at == fake->calls)
        return fail_as_told(fake);
    return bkey_ok();
}

static uint64_t mono_ns(void *self)
{
    const fake_ports *fake = self;
    return fake->mono_ns;
}

static int64_t wall_ms(void *self)
{
    const fake_ports *fake = self;
    return fake->wall_ms;
}

static bkey_err still_wanted(void *self, const bkey_call *call)
{
    const fake_ports *fake = self;
    (void)call;
    if (fake->cancelled)
        return bkey_fail(BKEY_E_CANCELLED);
    if (fake->deadline_ns != 0 && fake->mono_ns >= fake->deadline_ns)
        return bkey_fail(BKEY_E_DEADLINE);
    return bkey_ok();
}

static bkey_err wait_ms(void *self, const bkey_call *call, uint64_t ms)
{
    fake_ports *fake = self;
    fake->mono_ns += ms * 1000000u;
    fake->wall_ms += (int64_t)ms;
    fake->waited_ms += ms;
    return still_wanted(self, call);
}

static void random_bytes(void *self, void *out, size_t len)
{
    fake_ports *fake = self;
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) { /* splitmix64, a byte at a time */
        fake->random_state += 0x9e3779b97f4a7c15u;
        uint64_t z = fake->random_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        to[i] = (uint8_t)(z ^ (z >> 31));
    }
}

static void take_log(void *self, const bkey_call *call, uint32_t level, uint32_t event,
                     const char *text)
{
    fake_ports *fake = self;
    (void)call;
    (void)snprintf(fake->last_log, sizeof fake->last_log, "%u/%u %s", level, event, text);
    fake->logs++;
}

static bkey_err apply(void *self, const bkey_call *call, const bkey_item *items, size_t count,
                      const char *op_key, uint64_t *out_rows, size_t *out_conflict)
{
    fake_ports *fake = self;
    (void)call;
    fake->apply_calls++;
    bool hit = fake->fault != FAKE_FAULT_NONE &&
               (fake->fault_at == fake->calls + 1 || fake->apply_fault_at == fake->apply_calls);
    bool landed = hit && fake->fault == FAKE_FAULT_LANDED;
    if (hit && (landed || fake->fault == FAKE_FAULT_NOT_LANDED)) {
        fake->calls++;
        if (landed) {
            bkey_err err =
                fake_store_apply(fake->store, items, count, op_key, out_rows, out_conflict);
            if (!bkey_is_ok(err))
                return err;
        }
        return bkey_fail(BKEY_E_UNKNOWN_OUTCOME);
    }
    if (hit) {
        fake->calls++;
        return fail_as_told(fake);
    }
    bkey_err err = fake_ports_step(fake);
    if (!bkey_is_ok(err))
        return err;
    return fake_store_apply(fake->store, items, count, op_key, out_rows, out_conflict);
}

static bkey_state_row view_of(const fake_ports *fake, const fake_state_row *row)
{
    bkey_state_row view = {.key = {row->key, row->key_len},
                           .value = {fake->store->heap + row->value_at, row->value_len},
                           .revision = row->revision,
                           .tombstone = row->tombstone};
    return view;
}

static bkey_err begin_read(fake_ports *fake)
{
    fake->reads++;
    return fake_ports_step(fake);
}

static bkey_err state_get(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                          void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    if (!bkey_is_ok(err))
        return err;
    const fake_state_row *row = fake_store_state(fake->store, key);
    if (row == NULL)
        return bkey_fail(BKEY_E_NO_STATE);
    bkey_state_row view = view_of(fake, row);
    return sink(context, &view);
}

static bkey_err state_scan(void *self, const bkey_call *call, bkey_bytes prefix,
                           bkey_state_sink sink, void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    for (uint32_t i = 0; i < fake->store->state_count && bkey_is_ok(err); i++) {
        const fake_state_row *row = &fake->store->state[i];
        if (row->tombstone || row->key_len < prefix.len ||
            memcmp(row->key, prefix.ptr, prefix.len) != 0)
            continue;
        bkey_state_row view = view_of(fake, row);
        err = sink(context, &view);
    }
    return err;
}

static bkey_err give_record(const fake_record *row, bkey_record_sink sink, void *context)
{
    bkey_record_view view = {.record_id = row->external_id,
                             .external_id = row->external_id,
                             .organization_id = row->organization_id,
                             .folder_id = row->folder_id,
                             .category = row->category,
                             .title = row->title,
                             .username = row->username,
                             .configuration_id = row->configuration_id,
                             .tag = row->tag,
                             .data = row->data,
                             .revision = row->revision,
                             .archived = row->archived};
    return sink(context, &view);
}

static bkey_err records(void *self, const bkey_call *call, const char *organization_id,
                        bkey_record_sink sink, void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    for (uint32_t i = 0; i < fake->store->record_count && bkey_is_ok(err); i++)
        if (strcmp(fake->store->records[i].organization_id, organization_id) == 0)
            err = give_record(&fake->store->records[i], sink, context);
    return err;
}

static bkey_err record(void *self, const bkey_call *call, const char *external_id,
                       bkey_record_sink sink, void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    if (!bkey_is_ok(err))
        return err;
    const fake_record *row = fake_store_record(fake->store, external_id);
    return row != NULL ? give_record(row, sink, context) : bkey_fail(BKEY_E_NO_STATE);
}

static bkey_err folder(void *self, const bkey_call *call, const char *organization_id,
                       bkey_err (*sink)(void *context, const bkey_folder_view *row), void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    if (!bkey_is_ok(err))
        return err;
    const fake_folder *row = fake_store_folder(fake->store, organization_id);
    if (row == NULL)
        return bkey_fail(BKEY_E_NO_STATE);
    bkey_folder_view view = {.folder_id = row->folder_id,
                             .organization_id = row->organization_id,
                             .name = row->name,
                             .revision = row->revision,
                             .hidden = row->hidden};
    return sink(context, &view);
}

static bkey_err contacts(void *self, const bkey_call *call, const char *organization_id,
                         bkey_contact_sink sink, void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    for (uint32_t i = 0; i < fake->store->contact_count && bkey_is_ok(err); i++) {
        const fake_contact *row = &fake->store->contacts[i];
        bkey_contact_view view = {row->contact_id, row->taken ? "" : row->external_id,
                                  row->name,       row->first_name,
                                  row->last_name,  row->emails,
                                  row->revision,   row->taken};
        if (strcmp(row->organization_id, organization_id) == 0)
            err = sink(context, &view);
    }
    return err;
}

static bkey_err configurations(void *self, const bkey_call *call, const char *organization_id,
                               bkey_configuration_sink sink, void *context)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    for (uint32_t i = 0; i < fake->store->configuration_count && bkey_is_ok(err); i++) {
        const fake_configuration *row = &fake->store->configurations[i];
        if (strcmp(row->organization_id, organization_id) != 0)
            continue;
        bkey_configuration_view view = {.configuration_id = row->configuration_id,
                                        .organization_id = row->organization_id,
                                        .name = row->name,
                                        .hostname = row->hostname,
                                        .serial = row->serial,
                                        .mac = row->mac,
                                        .archived = row->archived};
        err = sink(context, &view);
    }
    return err;
}

static const fake_organization *find_organization(const fake_store *store, const char *wanted)
{
    for (uint32_t i = 0; i < store->organization_count; i++) {
        const fake_organization *row = &store->organizations[i];
        if (row->gone || (strcmp(row->id, wanted) != 0 && strcmp(row->name, wanted) != 0))
            continue;
        return row->into[0] != '\0' ? find_organization(store, row->into) : row;
    }
    return NULL;
}

static bkey_err organization(void *self, const bkey_call *call, const char *id_or_name,
                             char *out_id, char *out_name, size_t cap)
{
    fake_ports *fake = self;
    (void)call;
    bkey_err err = begin_read(fake);
    if (!bkey_is_ok(err))
        return err;
    const fake_organization *row = find_organization(fake->store, id_or_name);
    if (row == NULL)
        return bkey_fail(BKEY_E_NO_STATE);
    (void)snprintf(out_id, cap, "%s", row->id);
    (void)snprintf(out_name, cap, "%s", row->name);
    return bkey_ok();
}

static uint32_t generation(void *self)
{
    const fake_ports *fake = self;
    return fake->generation;
}

static bkey_err derive(void *self, const char *label, uint32_t wanted, uint8_t *out, size_t len)
{
    const fake_ports *fake = self;
    crypto_generichash_state state;
    if (wanted > fake->generation)
        return bkey_fail(BKEY_E_KEYRING);
    (void)crypto_generichash_init(&state, fake->root, sizeof fake->root, len);
    (void)crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)&wanted, sizeof wanted);
    (void)crypto_generichash_final(&state, out, len);
    return bkey_ok();
}

static bkey_err slot_make(void *self, const char *slot)
{
    fake_ports *fake = self;
    bkey_err err = fake_ports_step(fake);
    if (!bkey_is_ok(err))
        return err;
    if (fake_store_slot(fake->store, slot) != NULL)
        return bkey_ok();
    if (fake->store->slot_count == FAKE_SLOTS)
        return bkey_fail(BKEY_E_KEYRING);
    fake_slot *row = &fake->store->slots[fake->store->slot_count++];
    (void)snprintf(row->name, sizeof row->name, "%s", slot);
    random_bytes(fake, row->key, sizeof row->key);
    return bkey_ok();
}

static bkey_err slot_get(void *self, const char *slot, uint8_t out[32])
{
    fake_ports *fake = self;
    const fake_slot *row = fake_store_slot(fake->store, slot);
    if (row == NULL)
        return bkey_fail(BKEY_E_KEYRING);
    memcpy(out, row->key, sizeof row->key);
    return bkey_ok();
}

static const char *find_setting(const fake_ports *fake, const char *key)
{
    for (uint32_t i = 0; i < fake->setting_count; i++)
        if (strcmp(fake->settings[i].key, key) == 0)
            return fake->settings[i].value;
    return NULL;
}

static uint64_t settings_generation(void *self)
{
    const fake_ports *fake = self;
    return fake->settings_generation;
}

static bkey_err setting_text(void *self, const char *key, char *buf, size_t cap)
{
    const char *value = find_setting(self, key);
    if (value == NULL)
        return bkey_fail(BKEY_E_SETTING);
    int len = snprintf(buf, cap, "%s", value);
    return len < 0 || (size_t)len >= cap ? bkey_fail(BKEY_E_SETTING) : bkey_ok();
}

static bkey_err setting_int(void *self, const char *key, int64_t *out)
{
    const char *value = find_setting(self, key);
    char *end = NULL;
    if (value == NULL)
        return bkey_fail(BKEY_E_SETTING);
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
        *out = value[0] == 't';
        return bkey_ok();
    }
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0')
        return bkey_fail(BKEY_E_SETTING);
    *out = number;
    return bkey_ok();
}

static bool entitled(void *self)
{
    const fake_ports *fake = self;
    return fake->entitled;
}

static bkey_err net_new(void *self, const bkey_call *call, uint32_t max_parallel,
                        bkey_net **out_net)
{
    fake_ports *fake = self;
    (void)call;
    if (fake->net_new == NULL)
        return bkey_fail(BKEY_E_BUG);
    return fake->net_new(fake->net_context, max_parallel, out_net);
}

static void net_free(void *self, bkey_net **net)
{
    fake_ports *fake = self;
    if (fake->net_free != NULL)
        fake->net_free(fake->net_context, net);
}

void fake_ports_set(fake_ports *fake, const char *key, const char *value)
{
    fake->settings_generation++;
    for (uint32_t i = 0; i < fake->setting_count; i++) {
        if (strcmp(fake->settings[i].key, key) != 0)
            continue;
        (void)snprintf(fake->settings[i].value, sizeof fake->settings[i].value, "%s", value);
        return;
    }
    if (fake->setting_count == sizeof fake->settings / sizeof fake->settings[0])
        abort();
    fake_setting *row = &fake->settings[fake->setting_count++];
    (void)snprintf(row->key, sizeof row->key, "%s", key);
    (void)snprintf(row->value, sizeof row->value, "%s", value);
}

static void fill_store_ports(bkey_ports *ports)
{
    ports->apply = apply;
    ports->state_get = state_get;
    ports->state_scan = state_scan;
    ports->records = records;
    ports->record = record;
    ports->folder = folder;
    ports->configurations = configurations;
    ports->contacts = contacts;
    ports->organization = organization;
    ports->generation = generation;
    ports->derive = derive;
    ports->slot_make = slot_make;
    ports->slot_get = slot_get;
}

void fake_ports_init(fake_ports *fake, fake_store *store, uint64_t seed)
{
    if (sodium_init() < 0)
        abort();
    memset(fake, 0, sizeof *fake);
    fake->store = store;
    fake->wall_ms = 1787216400000; /* 2026-08-20T09:00:00Z */
    fake->mono_ns = 1000000000u;
    fake->random_state = seed;
    fake->entitled = true;
    fake->generation = 1;
    fake->settings_generation = 1;
    memset(fake->root, 0x5a, sizeof fake->root);
    fake->call = (bkey_call){
        .organization_id = "", .actor = "tester", .remote_address = "", .host_call = fake};
    fill_store_ports(&fake->ports);
    fake->ports.self = fake;
    fake->ports.mono_ns = mono_ns;
    fake->ports.wall_ms = wall_ms;
    fake->ports.wait_ms = wait_ms;
    fake->ports.still_wanted = still_wanted;
    fake->ports.random = random_bytes;
    fake->ports.log = take_log;
    fake->ports.settings_generation = settings_generation;
    fake->ports.setting_text = setting_text;
    fake->ports.setting_int = setting_int;
    fake->ports.entitled = entitled;
    fake->ports.net_new = net_new;
    fake->ports.net_free = net_free;
}
