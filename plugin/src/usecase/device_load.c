/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices and keys of a tenant, from its sealed rows. See device_load.h. */
#include "usecase/device_load.h"

#include <stdlib.h>
#include <string.h>

#include "state/connection.h"
#include "state/held.h"

static int by_id(const void *a, const void *b)
{
    return sup_guid_compare(a, b); /* the id comes first in every row */
}

static bkey_err take_device(void *context, const bkey_tracked *row)
{
    bkey_device_tenant *to = context;
    bkey_tracked *device = bkey_vec_add(&to->devices);
    if (device == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *device = *row;
    device->name = bkey_arena_text(&to->texts, row->name);
    device->serial = "";
    device->organization_id = bkey_arena_text(&to->texts, row->organization_id);
    return device->name != NULL && device->organization_id != NULL ? bkey_ok()
                                                                   : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err take_key(void *context, const bkey_held_key *key)
{
    bkey_device_tenant *to = context;
    if ((key->flags & BKEY_HELD_SECRET) == 0)
        return bkey_ok();
    bkey_device_keys *row = bkey_vec_add(&to->held);
    if (row == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *row = (bkey_device_keys){.device_id = key->device_id,
                              .held = 1,
                              .listed = (key->flags & BKEY_HELD_GONE) == 0 &&
                                        bkey_origin_is_listed(key->origins),
                              .malformed = (key->flags & BKEY_HELD_MALFORMED) != 0};
    return bkey_ok();
}

static void add_up(bkey_vec *held)
{
    bkey_device_keys *rows = held->items;
    size_t kept = 0;
    if (held->count == 0)
        return;
    qsort(rows, held->count, sizeof *rows, by_id);
    for (size_t i = 1; i < held->count; i++) {
        if (!sup_guid_equal(&rows[i].device_id, &rows[kept].device_id)) {
            rows[++kept] = rows[i];
            continue;
        }
        rows[kept].held += rows[i].held;
        rows[kept].listed += rows[i].listed;
        rows[kept].malformed += rows[i].malformed;
    }
    held->count = kept + 1;
}

static bkey_err load_keys(bkey_device_tenant *to, const bkey_place_list *places,
                          const char *organization_id)
{
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < places->items.count; i++) {
        const bkey_place place = bkey_place_list_at(places, i);
        const bool wanted =
            organization_id == NULL || strcmp(place.organization_id, organization_id) == 0;
        if (wanted && sup_guid_equal(&place.tenant, &to->tenant))
            err = bkey_held_scan(&place, take_key, to);
    }
    return err;
}

static bkey_err find_connection(bkey_device_tenant *to)
{
    const bkey_place place = bkey_connection_place(to->vault, to->query->call);
    bkey_connection *connection = malloc(sizeof *connection);
    if (connection == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_connection_get(&place, &to->tenant, connection);
    free(connection);
    to->is_connected = bkey_is_ok(err);
    return bkey_is(err, BKEY_E_NOT_CONNECTED) ? bkey_ok() : err;
}

static bkey_err load_tenant(bkey_device_tenant *to, const bkey_place *place,
                            const bkey_place_list *places, const char *organization_id)
{
    bkey_err err = bkey_device_scan(place, take_device, to);
    if (bkey_is_ok(err))
        err = load_keys(to, places, organization_id);
    if (bkey_is_ok(err))
        err = bkey_device_sources_get(place, &to->sources);
    if (bkey_is_ok(err))
        err = find_connection(to);
    if (to->devices.count > 0)
        qsort(to->devices.items, to->devices.count, sizeof(bkey_tracked), by_id);
    add_up(&to->held);
    return err;
}

static void enter(const bkey_device_query *query, const bkey_place *place,
                  bkey_device_tenant *tenant)
{
    memset(tenant, 0, sizeof *tenant);
    tenant->query = query;
    tenant->vault = query->vault;
    tenant->tenant = place->tenant;
    bkey_arena_init(&tenant->texts);
    bkey_vec_init(&tenant->devices, sizeof(bkey_tracked));
    bkey_vec_init(&tenant->held, sizeof(bkey_device_keys));
}

static void leave(bkey_device_tenant *tenant)
{
    bkey_vec_done(&tenant->held);
    bkey_vec_done(&tenant->devices);
    bkey_arena_done(&tenant->texts);
}

bkey_err bkey_device_load_each(const bkey_device_query *query, const char *organization_id,
                               bkey_device_tenant_sink sink, void *context)
{
    bkey_place_list places;
    bkey_device_tenant *tenant = calloc(1, sizeof *tenant);
    if (tenant == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_place_list_load(&places, query->vault, query->call);
    for (size_t i = 0; bkey_is_ok(err) && i < places.items.count; i++) {
        const bkey_place place = bkey_place_list_at(&places, i);
        if (sup_guid_is_zero(&place.tenant) || place.organization_id[0] != '\0')
            continue;
        enter(query, &place, tenant);
        tenant->places = &places;
        err = load_tenant(tenant, &place, &places, organization_id);
        if (bkey_is_ok(err))
            err = sink(context, tenant);
        leave(tenant);
    }
    bkey_place_list_done(&places);
    free(tenant);
    return err;
}

const bkey_device_keys *bkey_device_load_keys(const bkey_device_tenant *tenant,
                                              const sup_guid *device_id)
{
    return tenant->held.count == 0 ? NULL
                                   : bsearch(device_id, tenant->held.items, tenant->held.count,
                                             sizeof(bkey_device_keys), by_id);
}

const bkey_tracked *bkey_device_load_find(const bkey_device_tenant *tenant,
                                          const sup_guid *device_id)
{
    return tenant->devices.count == 0 ? NULL
                                      : bsearch(device_id, tenant->devices.items,
                                                tenant->devices.count, sizeof(bkey_tracked), by_id);
}
