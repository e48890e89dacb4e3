/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's side of a life: configurations, records, settings, organizations, and people's words.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/life.h"

#define SET(field, text) (void)snprintf((field), sizeof(field), "%s", (text))
#define HOUR_NS (UINT64_C(3600) * 1000000000u)

static const char *const organizations[LIFE_ORGANIZATIONS] = {"org-a", "org-b", "org-c", "org-d",
                                                              "org-e"};

fake_configuration *life_configuration(life *l, const char *id)
{
    for (uint32_t i = 0; i < l->store->configuration_count; i++)
        if (strcmp(l->store->configurations[i].configuration_id, id) == 0)
            return &l->store->configurations[i];
    return NULL;
}

static fake_configuration *pick_configuration(life *l, uint32_t draw)
{
    fake_store *store = l->store;
    return store->configuration_count == 0
               ? NULL
               : &store->configurations[draw % store->configuration_count];
}

static const fake_organization *organization_row(const life *l, const char *id)
{
    for (uint32_t i = 0; i < l->store->organization_count; i++)
        if (strcmp(l->store->organizations[i].id, id) == 0)
            return &l->store->organizations[i];
    return NULL;
}

bool life_has_organization(const life *l, const char *organization)
{
    const fake_organization *row = organization_row(l, organization);
    return row != NULL && !row->gone && row->into[0] == '\0';
}

const char *life_organization_now(const life *l, const char *organization)
{
    const fake_organization *row = organization_row(l, organization);
    while (row != NULL && row->into[0] != '\0')
        row = organization_row(l, row->into);
    return row != NULL ? row->id : organization;
}

bool life_is_open(const life *l, const life_tenant *t, const char *organization)
{
    for (uint32_t i = 0; t->organizations[i] != NULL; i++)
        if (strcmp(life_organization_now(l, t->organizations[i]), organization) == 0)
            return true;
    return false;
}

static void document(life *l, const life_step *s)
{
    char id[32];
    const life_tenant *t = &l->tenants[s->tenant];
    const fake_graph *graph = t->world.graph;
    const char *organization = organizations[s->b % LIFE_ORGANIZATIONS];
    /* Often a machine that is known, where it may not belong. */
    const char *serial = s->c % 3 != 0 && graph->device_count > 0
                             ? graph->devices[s->c / 4 % graph->device_count].serial
                             : life_serial(l, s->c);
    if (l->store->configuration_count > 500 || !life_has_organization(l, organization))
        return;
    (void)snprintf(id, sizeof id, "desk-%u-%u", s->b, s->c);
    if (life_configuration(l, id) == NULL)
        (void)fake_store_add_configuration(l->store, organization, id, "typed", serial);
}

static void change_configuration(life *l, const life_step *s)
{
    static const char *const addresses[] = {"", "3c-52-82-11-22-33", "3C5282112244",
                                            "00:50:B6:11:22:33"};
    fake_configuration *row = pick_configuration(l, s->b);
    const char *to = organizations[s->c / 8 % LIFE_ORGANIZATIONS];
    if (row == NULL)
        return;
    switch (s->c % 8) {
    case 0:
    case 1:
        if (life_has_organization(l, to))
            SET(row->organization_id, to);
        break;
    case 2:
    case 3:
        row->archived = !row->archived;
        break;
    case 4:
        SET(row->serial, life_serial(l, s->c / 8));
        break;
    case 5:
        SET(row->mac, addresses[s->c / 8 % 4]);
        break;
    default:
        *row = l->store->configurations[--l->store->configuration_count];
    }
}

/* A person archives a record, or shows it again. */
static void turn_record(life *l, const life_step *s)
{
    if (l->store->record_count == 0)
        return;
    fake_record *row = &l->store->records[s->b % l->store->record_count];
    row->archived = !row->archived;
    row->revision++;
    for (uint32_t i = 0; i < LIFE_TENANTS; i++) {
        life_tenant *t = &l->tenants[i];
        if (strncmp(row->external_id, t->world.tenant, 36) == 0)
            life_key_of(t, row->external_id + 37)->by_person = row->archived;
    }
}

static void turn_switch(life *l, const life_step *s)
{
    static const char *const switches[] = {"sync_bitlocker_keys", "sync_intune_devices"};
    sync_world *w = &l->tenants[s->tenant].world;
    if (s->b % 4 == 0) {
        w->not_entitled = !w->not_entitled;
        return;
    }
    const bool is_off = w->settings[0] != NULL;
    w->settings[0] = is_off ? NULL : switches[s->b / 4 % 2];
    w->settings[1] = is_off ? NULL : "false";
    w->settings[2] = NULL;
}

/* Merged into another, or emptied and deleted; refused while it holds anything guarded. */
static void merge(life *l, const life_step *s)
{
    const char *from = organizations[s->b % LIFE_ORGANIZATIONS];
    const char *to = organizations[s->c % LIFE_ORGANIZATIONS];
    fake_store *store = l->store;
    if (strcmp(from, to) == 0 || !life_has_organization(l, from) || !life_has_organization(l, to) ||
        fake_store_folder(store, from) != NULL || s->c / 8 % 4 != 0)
        return;
    for (uint32_t i = 0; i < store->configuration_count; i++)
        if (strcmp(store->configurations[i].organization_id, from) == 0)
            SET(store->configurations[i].organization_id, to);
    for (uint32_t i = 0; i < store->organization_count; i++) {
        fake_organization *row = &store->organizations[i];
        row->gone = row->gone || (strcmp(row->id, from) == 0 && s->c / 32 % 2 == 0);
        if (strcmp(row->id, from) == 0 && !row->gone)
            SET(row->into, to);
    }
}

void life_desk(life *l, const life_step *s)
{
    switch (s->a % 12) {
    case 0:
    case 1:
    case 2:
        document(l, s);
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        change_configuration(l, s);
        break;
    case 7:
    case 8:
        turn_record(l, s);
        break;
    case 9:
        turn_switch(l, s);
        break;
    case 10:
        merge(l, s);
        break;
    default: /* the clock goes on, or is set back */
        l->now_ns = s->b % 4 == 0 ? l->now_ns / 2 : l->now_ns + s->b % 2000 * HOUR_NS;
    }
}

void life_word(life *l, const life_step *s)
{
    static const bkey_match_change_kind kinds[] = {
        BKEY_MATCH_CHANGE_SET,    BKEY_MATCH_CHANGE_SET,  BKEY_MATCH_CHANGE_CREATE,
        BKEY_MATCH_CHANGE_IGNORE, BKEY_MATCH_CHANGE_UNDO, BKEY_MATCH_CHANGE_UNDO};
    life_tenant *t = &l->tenants[s->tenant];
    const fake_configuration *to = pick_configuration(l, s->c);
    const bkey_match_change_kind kind = kinds[s->a % 6];
    if (t->world.graph->device_count == 0 || (kind == BKEY_MATCH_CHANGE_SET && to == NULL))
        return;
    const char *id = t->world.graph->devices[s->b % t->world.graph->device_count].id;
    const char *organization = organizations[s->c % LIFE_ORGANIZATIONS];
    const bool sets = kind == BKEY_MATCH_CHANGE_SET;
    char target[72];
    SET(target, sets ? to->configuration_id : organization);
    t->world.later_ns = l->now_ns;
    if (!bkey_is_ok(sync_world_decide(&t->world, kind, id, target, "")))
        return;
    life_device *device = life_device_of(t, id);
    device->word = kind;
    SET(device->word_configuration, sets ? target : "");
    SET(device->word_organization, sets ? to->organization_id : organization);
}

void life_import(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    fake_graph *graph = t->world.graph;
    const char *organization = organizations[s->a % LIFE_ORGANIZATIONS];
    char id[40];
    char serial[64];
    char file[512];
    char password[72];
    if (!life_is_open(l, t, organization))
        return;
    (void)snprintf(id, sizeof id, "cf000000-0000-4000-8000-%012x", s->b % LIFE_IMPORTS);
    if (s->b / 64 % 2 == 0 && graph->key_count > 0)
        SET(id, graph->keys[s->b / 128 % graph->key_count].id);
    SET(serial, life_serial(l, s->c));
    (void)snprintf(password, sizeof password, "%06u-000011-000022-000033-000044-000055-000066-%06u",
                   s->b % 60000u * 11u, s->c % 60000u * 11u);
    (void)snprintf(file, sizeof file,
                   "Computer,Serial,Key ID,Password,Created\nFROM-AD,%s,%s,%s,"
                   "2026-02-01T00:00:00Z\n",
                   serial, id, password);
    t->world.later_ns = l->now_ns;
    char *answer = sync_world_import(&t->world, organization, file, s->c % 5 == 0, NULL);
    if (answer != NULL && s->c % 5 != 0 && strstr(answer, "\"new\":1") != NULL) {
        life_key *key = life_key_of(t, id);
        if (key->held)
            (void)life_fail(l, "key %s is held, and new to an import", id);
        key->told = true;
        SET(key->password, password);
        SET(key->told_serial, serial);
        SET(key->told_organization, organization);
    }
    free(answer);
}

void life_connect(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    const char *chosen[LIFE_ORGANIZATIONS + 1];
    uint32_t count = 0;
    for (uint32_t i = 0; i < LIFE_ORGANIZATIONS; i++)
        if ((s->a >> i & 1u) != 0 || (s->b % 3 != 0 && life_is_open(l, t, organizations[i])))
            chosen[count++] = organizations[i];
    chosen[count] = NULL;
    t->world.later_ns = l->now_ns;
    if (count == 0 || !bkey_is_ok(sync_world_connect(&t->world, "refresh", chosen)))
        return;
    memcpy(t->organizations, chosen, sizeof chosen);
}
