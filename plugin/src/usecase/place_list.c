/* SPDX-License-Identifier: Apache-2.0
 *
 * See place_list.h. */
#include "usecase/place_list.h"

#include <stdlib.h>
#include <string.h>

#include "state/connection.h"

static int compare(const void *a, const void *b)
{
    const bkey_place_item *left = a;
    const bkey_place_item *right = b;
    int order = sup_guid_compare(&left->tenant, &right->tenant);
    return order != 0 ? order : strcmp(left->organization_id, right->organization_id);
}

static bkey_err add(bkey_place_list *list, const sup_guid *tenant, const char *organization_id)
{
    size_t len = strlen(organization_id);
    if (len > BKEY_ORGANIZATION_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_place_item *item = bkey_vec_add(&list->items);
    if (item == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    item->tenant = *tenant;
    memcpy(item->organization_id, organization_id, len + 1);
    return bkey_ok();
}

static bkey_err take_place(void *context, const bkey_place *place)
{
    return add(context, &place->tenant, place->organization_id);
}

static bkey_err take_connection(void *context, const bkey_connection *connection)
{
    static const sup_guid none;
    bkey_place_list *list = context;
    bkey_err err = add(list, &connection->tenant, "");
    for (uint32_t i = 0; bkey_is_ok(err) && i < connection->organization_count; i++) {
        err = add(list, &connection->tenant, connection->organization_ids[i]);
        if (bkey_is_ok(err))
            err = add(list, &none, connection->organization_ids[i]);
    }
    return err;
}

static void sort_out(bkey_vec *items)
{
    bkey_place_item *all = items->items;
    size_t kept = 0;
    if (items->count == 0)
        return;
    qsort(all, items->count, sizeof *all, compare);
    for (size_t i = 1; i < items->count; i++) {
        if (compare(&all[i], &all[kept]) != 0)
            all[++kept] = all[i];
    }
    items->count = kept + 1;
}

bkey_err bkey_place_list_load(bkey_place_list *list, bkey_vault *vault, const bkey_call *call)
{
    static const sup_guid none;
    const bkey_place connections = bkey_connection_place(vault, call);
    list->vault = vault;
    list->call = call;
    bkey_vec_init(&list->items, sizeof(bkey_place_item));
    bkey_err err = add(list, &none, "");
    if (bkey_is_ok(err))
        err = bkey_places_scan(vault, call, take_place, list);
    if (bkey_is_ok(err))
        err = bkey_connection_scan(&connections, take_connection, list);
    sort_out(&list->items);
    return err;
}

void bkey_place_list_done(bkey_place_list *list)
{
    bkey_vec_done(&list->items);
}

bkey_place bkey_place_list_at(const bkey_place_list *list, size_t index)
{
    const bkey_place_item *item = (const bkey_place_item *)list->items.items + index;
    const bkey_place place = {.vault = list->vault,
                              .call = list->call,
                              .tenant = item->tenant,
                              .organization_id = item->organization_id};
    return place;
}
