/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether what is held is reached by the ways that people have, and what is said of it is true. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/life_eye.h"
#include "usecase/device_status.h"
#include "usecase/doctor.h"
#include "usecase/find.h"
#include "usecase/reveal.h"

static bkey_err take_shown(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    char *shown = context;
    (void)malformed;
    (void)snprintf(shown, 600, "%.*s", (int)len, (const char *)secret);
    return bkey_ok();
}

static bool reveal(life_eye *e, const life_key *key)
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

static bool ask_doctor(life_eye *e)
{
    sup_buffer json;
    const bkey_doctor_request request = {&e->fake.ports, &e->fake.call, e->vault};
    sup_buffer_init(&json, 4u << 20);
    life_eye_need(bkey_is_ok(bkey_doctor_run(&request, &json)));
    const bool fine = strstr(sup_buffer_text(&json), "\"problem_count\":0") != NULL;
    if (!fine)
        (void)life_fail(e->l, "the doctor: %.300s", sup_buffer_text(&json));
    sup_buffer_done(&json);
    return fine;
}

bool life_last(life *l)
{
    bool fine = true;
    life_eye *e = life_eye_open(l);
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
    life_eye_close(e);
    return fine;
}

static bool ask_guard(life_eye *e, const fake_device *device, const char *synced)
{
    sup_buffer json;
    const bkey_device_query query = {.ports = &e->fake.ports,
                                     .call = &e->fake.call,
                                     .vault = e->vault,
                                     .organization_id = "",
                                     .wanted = device->id,
                                     .synced = {(const uint8_t *)synced, strlen(synced)}};
    sup_buffer_init(&json, 1u << 20);
    life_eye_need(bkey_is_ok(bkey_device_guard_run(&query, &json)));
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

static bool ask_find(life_eye *e)
{
    const bkey_scope scope = {.all = true};
    const bkey_find_query query = {&e->fake.ports, &e->fake.call, e->vault, &scope, "-4000-8000-"};
    sup_buffer json;
    bool fine = true;
    sup_buffer_init(&json, 4u << 20);
    life_eye_need(bkey_is_ok(bkey_find_write(&query, &json)));
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
    life_eye *e = life_eye_open(l);
    e->tenant = t;
    (void)snprintf(synced, sizeof synced, "%s %lld 1\n", t->world.tenant, (long long)t->synced_ms);
    bool fine = ask_find(e);
    for (uint32_t i = 0; fine && i < t->world.graph->device_count; i++)
        fine = ask_guard(e, &t->world.graph->devices[i], synced);
    life_eye_close(e);
    return fine;
}
