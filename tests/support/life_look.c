/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store holds at one moment, and whether it is reached by the ways that people have. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/life.h"
#include "usecase/device_status.h"
#include "usecase/doctor.h"
#include "usecase/find.h"
#include "usecase/reveal.h"

#define SET(field, text) (void)snprintf((field), sizeof(field), "%s", (text))

typedef struct eye {
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    life *l;
    life_tenant *tenant;
    bkey_place place;
} eye;

static void need(bool fine)
{
    if (!fine)
        abort();
}

static eye *open_eye(life *l)
{
    eye *e = calloc(1, sizeof *e);
    need(e != NULL);
    fake_ports_init(&e->fake, l->store, 4711 + l->store->row_changes * 7919);
    e->fake.wall_ms += (int64_t)(l->now_ns / 1000000u);
    e->l = l;
    need(bkey_is_ok(bkey_slab_new(&e->slab)));
    need(bkey_is_ok(bkey_vault_new(&e->fake.ports, e->slab, &e->vault)));
    return e;
}

static void close_eye(eye *e)
{
    bkey_vault_free(&e->vault);
    need(bkey_slab_used(e->slab) == 0);
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
    need(t->key_count < LIFE_KEYS);
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
    eye *e = context;
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
    eye *e = context;
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

static void look_at(eye *e, life_tenant *t)
{
    static const char *const places[] = {"", "org-a", "org-b", "org-c", "org-d", "org-e"};
    e->tenant = t;
    e->place = (bkey_place){.vault = e->vault, .call = &e->fake.call};
    need(sup_guid_parse(t->world.tenant, 36, &e->place.tenant));
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
        need(bkey_is_ok(bkey_held_scan(&e->place, take_key, e)));
    }
    e->place.organization_id = "";
    need(bkey_is_ok(bkey_decision_scan(&e->place, take_decision, e)));
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
    eye *e = open_eye(l);
    for (uint32_t i = 0; i < LIFE_TENANTS; i++)
        look_at(e, &l->tenants[i]);
    look_at_records(l);
    close_eye(e);
}

static bkey_err take_shown(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    char *shown = context;
    (void)malformed;
    (void)snprintf(shown, 600, "%.*s", (int)len, (const char *)secret);
    return bkey_ok();
}

static bool reveal(eye *e, const life_key *key)
{
    char id[128];
    char shown[600] = "";
    (void)snprintf(id, sizeof id, "%s:%s", e->tenant->world.tenant, key->id);
    e->fake.call.organization_id = key->record.organization_id;
    const bkey_reveal_request request = {.ports = &e->fake.ports,
                                         .call = &e->fake.call,
                                         .slab = e->slab,
                                         .vault = e->vault,
                                         .external_id = id,
                                         .purpose = BKEY_PURPOSE_SHOW,
                                         .reason = "locked out",
                                         .ticket = ""};
    bkey_err err = bkey_reveal_run(&request, take_shown, shown);
    e->fake.call.organization_id = "";
    if (!bkey_is_ok(err) || strcmp(shown, key->password) != 0)
        return life_fail(e->l, "key %s of \"%s\", held in \"%s\", is not shown rightly: %s", id,
                         key->record.organization_id, key->organization, bkey_err_name(err));
    return true;
}

static bool ask_doctor(eye *e)
{
    sup_buffer json;
    const bkey_doctor_request request = {&e->fake.ports, &e->fake.call, e->vault};
    sup_buffer_init(&json, 4u << 20);
    need(bkey_is_ok(bkey_doctor_run(&request, &json)));
    const bool fine = strstr(sup_buffer_text(&json), "\"problem_count\":0") != NULL;
    if (!fine)
        (void)life_fail(e->l, "the doctor: %.300s", sup_buffer_text(&json));
    sup_buffer_done(&json);
    return fine;
}

bool life_last(life *l)
{
    bool fine = true;
    eye *e = open_eye(l);
    for (uint32_t i = 0; fine && i < LIFE_TENANTS; i++) {
        e->tenant = &l->tenants[i];
        for (uint32_t k = 0; fine && k < e->tenant->key_count; k++) {
            const life_key *key = &e->tenant->keys[k];
            const bool waits = key->record.external_id[0] == '\0' && key->organization[0] != '\0';
            fine = !key->held || waits || reveal(e, key);
            if (fine && key->password[0] != '\0' &&
                fake_store_contains(l->store, key->password, strlen(key->password)))
                fine = life_fail(l, "the digits of %s are readable in the store", key->id);
        }
    }
    fine = fine && ask_doctor(e);
    close_eye(e);
    return fine;
}

static bool ask_guard(eye *e, const fake_device *device, const char *synced)
{
    sup_buffer json;
    const bkey_device_query query = {.ports = &e->fake.ports,
                                     .call = &e->fake.call,
                                     .vault = e->vault,
                                     .organization_id = "",
                                     .wanted = device->id,
                                     .synced = {(const uint8_t *)synced, strlen(synced)}};
    sup_buffer_init(&json, 1u << 20);
    need(bkey_is_ok(bkey_device_guard_run(&query, &json)));
    /* Another tenant may have a device of that id; of no other one a sync is told, so it is no. */
    const bool safe = strstr(sup_buffer_text(&json), "\"safe\":true") != NULL;
    sup_buffer_done(&json);
    if (!safe)
        return true;
    const fake_graph *graph = e->tenant->world.graph;
    for (uint32_t i = 0; i < graph->key_count; i++)
        if (strcmp(graph->keys[i].device_id, device->id) == 0 && !graph->keys[i].gone &&
            !life_key_of(e->tenant, graph->keys[i].id)->is_here)
            return life_fail(e->l, "safe to delete %s, whose key %s is not held", device->id,
                             graph->keys[i].id);
    return true;
}

static bool ask_find(eye *e)
{
    const bkey_scope scope = {.all = true};
    const bkey_find_query query = {&e->fake.ports, &e->fake.call, e->vault, &scope, "-4000-8000-"};
    sup_buffer json;
    bool fine = true;
    sup_buffer_init(&json, 4u << 20);
    need(bkey_is_ok(bkey_find_write(&query, &json)));
    for (uint32_t i = 0; fine && i < e->tenant->key_count; i++) {
        const life_key *key = &e->tenant->keys[i];
        char id[128];
        (void)snprintf(id, sizeof id, "%s:%s", e->tenant->world.tenant, key->id);
        if (key->held && key->record.external_id[0] == '\0' &&
            strstr(sup_buffer_text(&json), id) == NULL)
            fine = life_fail(e->l, "key %s has no record and is not found; held in \"%s\"", id,
                             key->organization);
    }
    sup_buffer_done(&json);
    return fine;
}

bool life_check_answers(life *l, life_tenant *t)
{
    char synced[128];
    eye *e = open_eye(l);
    e->tenant = t;
    (void)snprintf(synced, sizeof synced, "%s %lld 1\n", t->world.tenant, (long long)t->synced_ms);
    bool fine = ask_find(e);
    for (uint32_t i = 0; fine && i < t->world.graph->device_count; i++)
        fine = ask_guard(e, &t->world.graph->devices[i], synced);
    close_eye(e);
    return fine;
}
