/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store holds at one moment, and whether it is reached by the ways that people have. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/life_eye.h"

#define SET(field, text) (void)snprintf((field), sizeof(field), "%s", (text))

void life_eye_need(bool fine)
{
    if (!fine)
        abort();
}

life_eye *life_eye_open(life *l)
{
    life_eye *e = calloc(1, sizeof *e);
    life_eye_need(e != NULL);
    fake_ports_init(&e->fake, l->store, 4711 + l->store->row_changes * 7919);
    e->fake.wall_ms += (int64_t)(l->now_ns / 1000000u);
    e->l = l;
    life_eye_need(bkey_is_ok(bkey_slab_new(&e->slab)));
    life_eye_need(bkey_is_ok(bkey_vault_new(&e->fake.ports, e->slab, &e->vault)));
    return e;
}

void life_eye_close(life_eye *e)
{
    bkey_vault_free(&e->vault);
    life_eye_need(bkey_slab_used(e->slab) == 0);
    bkey_slab_free(&e->slab);
    free(e);
}

life_device *life_device_of(life_tenant *t, const char *id)
{
    for (uint32_t i = 0; i < t->world.graph->device_count; i++)
        if (strcmp(t->world.graph->devices[i].id, id) == 0)
            return &t->devices[i];
    return NULL;
}

life_key *life_key_of(life_tenant *t, const char *id)
{
    for (uint32_t i = 0; i < t->key_count; i++)
        if (strcmp(t->keys[i].id, id) == 0)
            return &t->keys[i];
    life_eye_need(t->key_count < LIFE_KEYS);
    life_key *key = &t->keys[t->key_count++];
    SET(key->id, id);
    return key;
}

/* Eight groups out of sixteen bytes, as the specification of a recovery password says. */
static void write_digits(const uint8_t *bytes, char out[72])
{
    for (uint32_t i = 0; i < 8; i++)
        (void)snprintf(out + 7 * i, 72 - 7 * i, "%06u%s",
                       (bytes[2 * i] + 256u * bytes[2 * i + 1]) * 11u, i < 7 ? "-" : "");
}

static bkey_err take_key(void *context, const bkey_held_key *held)
{
    life_eye *e = context;
    char id[SUP_GUID_TEXT_LEN + 1];
    char digits[72] = "";
    bkey_secret *secret = NULL;
    bool malformed = false;
    sup_guid_format(&held->id, id);
    life_key *key = life_key_of(e->tenant, id);
    if (key->is_here)
        (void)life_fail(e->l, "key %s is held twice: in \"%s\" and \"%s\"", id, key->organization,
                        e->place.organization_id);
    key->is_here = true;
    SET(key->organization, e->place.organization_id);
    sup_guid_format(&held->device_id, key->held_device);
    bkey_err err = bkey_held_open_secret(&e->place, &held->id, &secret, &malformed);
    if (!bkey_is_ok(err)) {
        (void)life_fail(e->l, "key %s does not open: %s", id, bkey_err_name(err));
        return bkey_ok();
    }
    const uint8_t *bytes = bkey_secret_borrow(secret);
    if (malformed)
        (void)snprintf(digits, sizeof digits, "%.*s", (int)bkey_secret_len(secret),
                       (const char *)bytes);
    else
        write_digits(bytes, digits);
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    key->is_well_formed = !malformed;
    if (key->told && key->given[0] != '\0' && strcmp(digits, key->given) == 0) {
        SET(key->password, digits); /* now it has what the tenant gave */
        key->told = false;
    }
    if (strcmp(digits, key->password) != 0)
        (void)life_fail(e->l, "key %s is held with the wrong digits", id);
    return bkey_ok();
}

static bkey_err take_decision(void *context, const bkey_decision_row *row)
{
    life_eye *e = context;
    char id[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&row->device_id, id);
    life_device *device = life_device_of(e->tenant, id);
    if (device == NULL) {
        (void)life_fail(e->l, "a decision about %s, which is no device", id);
        return bkey_ok();
    }
    device->reason = row->reason;
    SET(device->configuration, row->configuration_id);
    SET(device->organization, row->organization_id);
    return bkey_ok();
}

static void take_reads(life *l, life_tenant *t)
{
    for (uint32_t i = 0; i < t->world.graph->key_count; i++) {
        const fake_key *row = &t->world.graph->keys[i];
        life_key *key = life_key_of(t, row->id);
        SET(key->device_id, row->device_id);
        if (row->reads > key->reads && key->held && !key->told)
            (void)life_fail(l, "key %s was read again", key->id);
        if (row->reads > key->reads && !key->told)
            SET(key->password, row->password);
        if (row->reads > 0 && row->password[0] != '9')
            SET(key->given, row->password);
        if (row->reads > key->reads + 1 && t->is_pristine)
            (void)life_fail(l, "key %s was read %u times", key->id, row->reads - key->reads);
    }
}

static void look_at(life_eye *e, life_tenant *t)
{
    static const char *const places[] = {"", "org-a", "org-b", "org-c", "org-d", "org-e"};
    e->tenant = t;
    e->place = (bkey_place){.vault = e->vault, .call = &e->fake.call};
    life_eye_need(sup_guid_parse(t->world.tenant, 36, &e->place.tenant));
    for (uint32_t i = 0; i < t->key_count; i++) {
        t->keys[i].is_here = false;
        t->keys[i].before = t->keys[i].record;
        memset(&t->keys[i].record, 0, sizeof t->keys[i].record);
    }
    for (uint32_t i = 0; i < t->world.graph->device_count; i++) {
        life_device *device = &t->devices[i];
        device->before = device->reason;
        memcpy(device->configuration_before, device->configuration, sizeof device->configuration);
        memcpy(device->organization_before, device->organization, sizeof device->organization);
        device->reason = 0;
    }
    take_reads(e->l, t);
    for (uint32_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        e->place.organization_id = places[i];
        life_eye_need(bkey_is_ok(bkey_held_scan(&e->place, take_key, e)));
    }
    e->place.organization_id = "";
    life_eye_need(bkey_is_ok(bkey_decision_scan(&e->place, take_decision, e)));
}

static void look_at_records(life *l)
{
    for (uint32_t i = 0; i < l->store->record_count; i++) {
        const fake_record *row = &l->store->records[i];
        uint32_t k = 0;
        while (k < LIFE_TENANTS && strncmp(row->external_id, l->tenants[k].world.tenant, 36) != 0)
            k++;
        if (k == LIFE_TENANTS)
            (void)life_fail(l, "a record %s of no tenant", row->external_id);
        else
            life_key_of(&l->tenants[k], row->external_id + 37)->record = *row;
    }
}

void life_look(life *l)
{
    life_eye *e = life_eye_open(l);
    for (uint32_t i = 0; i < LIFE_TENANTS; i++)
        look_at(e, &l->tenants[i]);
    look_at_records(l);
    life_eye_close(e);
}
