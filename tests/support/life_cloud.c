/* SPDX-License-Identifier: Apache-2.0
 *
 * Microsoft's side of a life: devices and keys that come, change, go and come back, and how it
 * answers. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "tests/support/life.h"

#define SET(field, text) (void)snprintf((field), sizeof(field), "%s", (text))

static const char *const volumes[] = {"operatingSystemVolume", "operatingSystemVolume",
                                      "operatingSystemVolume", "fixedDataVolume", ""};

/* Few serial numbers, so that they meet again; some are junk, some differ by letter case alone. */
const char *life_serial(life *l, uint32_t draw)
{
    static char text[64];
    static const char *const junk[] = {"", "To be filled by O.E.M.", "0000000", "Default string"};
    if (draw % 11 == 0)
        return junk[draw / 11 % 4];
    if (draw % 3 == 0)
        l->serials++;
    (void)snprintf(text, sizeof text, draw % 5 == 0 ? "ser-%02u" : "SER-%02u",
                   draw / 64 % (l->serials + 1));
    if (draw % 17 == 0)
        (void)strncat(text, "-2", sizeof text - strlen(text) - 1);
    return text;
}

static fake_device *pick_device(life_tenant *t, uint32_t draw)
{
    fake_graph *graph = t->world.graph;
    return graph->device_count == 0 ? NULL : &graph->devices[draw % graph->device_count];
}

static fake_key *pick_key(life_tenant *t, uint32_t draw)
{
    fake_graph *graph = t->world.graph;
    return graph->key_count == 0 ? NULL : &graph->keys[draw % graph->key_count];
}

static void add_key(life_tenant *t, const fake_device *device, uint32_t draw)
{
    fake_graph *graph = t->world.graph;
    if (graph->key_count == FAKE_GRAPH_KEYS)
        return;
    /* Newer ones come later, mostly; some in one burst, some in the wrong order. */
    const uint32_t day = draw % 7 == 0 ? draw / 7 % 300 : 10 + graph->key_count / 2;
    fake_key *key = fake_graph_add_key(graph, device, volumes[draw / 16 % 5], day);
    const uint32_t salt = (uint32_t)(unsigned char)t->world.tenant[35] * 1009u;
    for (uint32_t i = 0; i < 8; i++)
        (void)snprintf(key->password + 7 * i, sizeof key->password - 7 * i, "%06u%s",
                       ((graph->key_count * 7919u + i * 104729u + salt) % 65536u) * 11u,
                       i < 7 ? "-" : "");
    if (draw % 13 == 0)
        key->password[0] = '9'; /* no recovery password */
    key->status = draw % 9 == 0 ? 404 : draw % 9 == 1 ? 500 : 0;
}

static fake_device *add_device(life *l, life_tenant *t, const char *serial, uint32_t draw)
{
    char name[32];
    if (t->world.graph->device_count == FAKE_GRAPH_DEVICES)
        return NULL;
    if (draw % 2 == 0)
        l->names++;
    (void)snprintf(name, sizeof name, "PC-%u", draw / 4 % (l->names + 1));
    fake_device *device = fake_graph_add_device(t->world.graph, draw % 19 == 0 ? "" : name, serial);
    SET(device->join, "AzureAd");
    add_key(t, draw % 23 == 0 ? NULL : device, draw / 8);
    return device;
}

/* A new machine; usually somebody documents it. */
static void come(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    char serial[64];
    char id[32];
    uint32_t count = 0;
    SET(serial, life_serial(l, s->b));
    fake_device *device = add_device(l, t, serial, s->c);
    while (t->organizations[count] != NULL)
        count++;
    const char *organization = t->organizations[s->a / 64 % count];
    if (device == NULL || s->a / 16 % 4 == 0 || l->store->configuration_count > 500 ||
        !life_has_organization(l, organization))
        return;
    (void)snprintf(id, sizeof id, "conf-%u-%u", s->tenant, t->world.graph->device_count);
    (void)fake_store_add_configuration(l->store, organization, id, device->name, serial);
}

/* The same machine under a new identity; the old one goes, or does not. */
static void reimage(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    fake_device *old = pick_device(t, s->b);
    if (old == NULL)
        return;
    char serial[64];
    SET(serial, old->serial);
    old->gone = s->c % 2 == 0;
    if (s->c % 4 == 0)
        SET(old->removed, s->c % 8 == 0 ? "deleted" : "changed");
    fake_device *device = add_device(l, t, serial, s->a / 16);
    if (device != NULL)
        SET(device->name, old->name);
}

static void swap_boards(life_tenant *t, const life_step *s)
{
    fake_device *one = pick_device(t, s->b);
    fake_device *two = pick_device(t, s->c);
    if (one == NULL)
        return;
    char serial[64];
    SET(serial, one->serial);
    SET(one->serial, two->serial);
    if (s->a / 16 % 2 == 0)
        SET(two->serial, serial);
}

/* Deleted at the directory: the keys go too, or come back with it. */
static void remove_device(life_tenant *t, const life_step *s)
{
    fake_device *device = pick_device(t, s->b);
    if (device == NULL)
        return;
    const char *how = s->c % 3 == 0 ? "" : s->c % 3 == 1 ? "changed" : "deleted";
    SET(device->removed, how);
    device->gone = how[0] != '\0' && s->c / 4 % 2 == 0;
    for (uint32_t i = 0; i < t->world.graph->key_count; i++) {
        fake_key *key = &t->world.graph->keys[i];
        if (strcmp(key->device_id, device->id) == 0)
            key->gone = how[0] != '\0';
    }
}

static void change_device(life *l, life_tenant *t, const life_step *s)
{
    static const char *const addresses[] = {"", "3C:52:82:11:22:33", "3C:52:82:11:22:44",
                                            "00:50:B6:11:22:33"};
    fake_device *device = pick_device(t, s->b);
    if (device == NULL)
        return;
    switch (s->c % 6) {
    case 0:
        (void)snprintf(device->name, sizeof device->name, "PC-%u", s->c / 8 % (l->names + 2));
        break;
    case 1:
        SET(device->serial, life_serial(l, s->c / 8));
        break;
    case 2:
        device->gone = !device->gone;
        break;
    case 3:
        device->twice = !device->twice;
        break;
    case 4:
        SET(device->wired, addresses[s->c / 8 % 4]);
        break;
    default:
        device->not_encrypted = !device->not_encrypted;
    }
}

static void change_key(life_tenant *t, const life_step *s)
{
    static const int32_t answers[] = {0, 0, 0, 404, 500};
    fake_key *key = pick_key(t, s->b);
    if (key == NULL)
        return;
    if (s->c % 2 == 0)
        key->gone = !key->gone;
    else
        key->status = answers[s->c / 2 % 5];
}

void life_cloud(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    const fake_device *device = pick_device(t, s->b);
    switch (s->a % 12) {
    case 0:
    case 1:
        come(l, s);
        break;
    case 2:
    case 3:
    case 4:
        if (device != NULL)
            add_key(t, device, s->c);
        break;
    case 5:
        reimage(l, s);
        break;
    case 6:
        swap_boards(t, s);
        break;
    case 7:
        remove_device(t, s);
        break;
    case 8:
        change_device(l, t, s);
        break;
    default:
        change_key(t, s);
    }
}

static void add_fault(life_tenant *t, const life_step *s)
{
    static const int32_t statuses[] = {429, 503, 0, 401, 403, 500, 404, 200};
    static const char *const bodies[] = {"{}", "<html>", "", "{\"value\":[{\"id\":"};
    fake_graph *graph = t->world.graph;
    const fake_graph_fault fault = {.route = (fake_route)(1 + s->b % (FAKE_ROUTE_COUNT - 1)),
                                    .skip = s->b / 64 % 3,
                                    .count = (int32_t)(1 + s->b / 1024 % 4),
                                    .status = statuses[s->c % 8],
                                    .retry_after_ms = s->c / 8 % 2 == 0 ? -1 : 2000};
    if (graph->fault_count == FAKE_GRAPH_FAULTS)
        graph->fault_count = 0;
    fake_graph_add_fault(graph, &fault);
    SET(graph->faults[graph->fault_count - 1].body, bodies[s->c / 16 % 4]);
}

/* How it answers from now on. */
void life_lie(life *l, const life_step *s)
{
    life_tenant *t = &l->tenants[s->tenant];
    fake_graph *graph = t->world.graph;
    switch (s->a % 13) {
    case 0:
        graph->page_size = 1 + s->b % 7;
        break;
    case 1:
        graph->duplicate_rows = !graph->duplicate_rows;
        break;
    case 2:
        graph->empty_page = !graph->empty_page;
        break;
    case 3:
        graph->directory = !graph->directory;
        break;
    case 4:
        graph->report = !graph->report;
        break;
    case 5:
        graph->renews = !graph->renews;
        break;
    case 6:
        graph->lose_items = s->b % 3;
        break;
    case 7:
        graph->no_intune = s->b % 4 == 0;
        break;
    case 8:
        graph->loop_pages = s->b % 3 == 0;
        break;
    case 10: /* the first key's row says nothing of it */
        SET(graph->odd_key_row, s->b % 2 == 0 ? "{\"id\":\"damaged\"}" : "");
        break;
    case 9:
        graph->token_uses = s->b % 3 == 0 ? 3 : 0;
        break;
    default:
        add_fault(t, s);
    }
}
