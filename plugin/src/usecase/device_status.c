/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows about devices as JSON. See device_status.h. */
#include "usecase/device_status.h"

#include <string.h>

#include "base/json.h"
#include "support/iso8601.h"
#include "usecase/device_load.h"
#include "usecase/device_rows.h"

typedef struct listing {
    const bkey_device_query *query;
    bkey_json_builder builder;
    bkey_json *rows;
    bkey_json *sources;
    char last[BKEY_EXTERNAL_ID_SIZE];
    uint32_t count;
    int64_t orphans;
    int64_t now_ms;
    bool is_cut;
} listing;

static void put_device(listing *l, const bkey_device_tenant *tenant, const bkey_tracked *device)
{
    static const bkey_device_keys none = {.held = 0};
    const bkey_device_keys *keys = bkey_device_load_keys(tenant, &device->id);
    const bkey_device_keys *counted = keys != NULL ? keys : &none;
    const uint32_t listed = counted->listed + device->unheld;
    const int32_t days = bkey_tracked_days_left(device, l->now_ms);
    bkey_json *row = bkey_json_add_object(&l->builder, l->rows);
    bkey_device_rows_put(&l->builder, row, tenant, device);
    bkey_json_put_text(&l->builder, row, "status", bkey_escrow_status_name(device->status));
    bkey_json_put_text(&l->builder, row, "reason", bkey_escrow_status_reason(device->why));
    bkey_json_put_text(&l->builder, row, "text", bkey_escrow_status_sentence(device->why));
    bkey_device_rows_time(&l->builder, row, "since", device->status_since_ms);
    bkey_device_rows_time(&l->builder, row, "unknown_since", device->unknown_since_ms);
    bkey_json_put_int(&l->builder, row, "keys", counted->held);
    bkey_json_put_int(&l->builder, row, "unread_keys", device->unheld);
    bkey_json_put_text(&l->builder, row, "warning",
                       listed >= BKEY_ESCROW_KEYS_MOST   ? "key-limit-reached"
                       : listed >= BKEY_ESCROW_KEYS_WARN ? "many-keys"
                                                         : "");
    bkey_json_put_text(&l->builder, row, "origin", bkey_tracked_origin_name(device->sources));
    bkey_json_put_text(&l->builder, row, "join", bkey_tracked_join_name(device->join));
    bkey_json_put_text(&l->builder, row, "state", bkey_tracked_presence_name(device->presence));
    bkey_device_rows_time(&l->builder, row, "state_since", device->presence_since_ms);
    if (days >= 0)
        bkey_json_put_int(&l->builder, row, "days_left", days);
    bkey_device_rows_guid(&l->builder, row, "successor", &device->successor);
    bkey_device_rows_time(&l->builder, row, "owner_changed", device->owner_changed_ms);
    bkey_json_put_bool(&l->builder, row, "stale", device->is_stale);
    sup_guid_format(&tenant->tenant, l->last);
    l->last[SUP_GUID_TEXT_LEN] = ':';
    sup_guid_format(&device->id, l->last + SUP_GUID_TEXT_LEN + 1);
    l->count++;
}

static void put_sources(listing *l, const bkey_device_tenant *tenant)
{
    bkey_json *row = bkey_json_add_object(&l->builder, l->sources);
    bkey_device_rows_guid(&l->builder, row, "tenant", &tenant->tenant);
    bkey_json_put_bool(&l->builder, row, "connected", tenant->is_connected);
    bkey_device_rows_time(&l->builder, row, "intune_unknown_since",
                          tenant->sources.intune_unknown_since_ms);
    bkey_device_rows_time(&l->builder, row, "directory_unknown_since",
                          tenant->sources.entra_unknown_since_ms);
    bkey_device_rows_time(&l->builder, row, "report_unknown_since",
                          tenant->sources.report_unknown_since_ms);
}

/* Keys whose device was never in a listing; of an organization, or of nobody. */
static void count_orphans(listing *l, const bkey_device_tenant *tenant)
{
    const bkey_device_keys *held = tenant->held.items;
    for (size_t i = 0; i < tenant->held.count; i++)
        if (bkey_device_load_find(tenant, &held[i].device_id) == NULL)
            l->orphans += held[i].held;
}

static bool comes_after(const bkey_device_query *query, const bkey_device_tenant *tenant,
                        const sup_guid *device_id)
{
    const int order = sup_guid_compare(&tenant->tenant, &query->after_tenant);
    return order > 0 || (order == 0 && sup_guid_compare(device_id, &query->after) > 0);
}

static bkey_err take_tenant(void *context, const bkey_device_tenant *tenant)
{
    listing *l = context;
    const bkey_tracked *devices = tenant->devices.items;
    const uint32_t before = l->count;
    for (size_t i = 0; i < tenant->devices.count && !l->is_cut; i++) {
        if (strcmp(devices[i].organization_id, l->query->organization_id) != 0 ||
            !comes_after(l->query, tenant, &devices[i].id))
            continue;
        l->is_cut = l->count >= BKEY_DEVICE_STATUS_PAGE;
        if (!l->is_cut)
            put_device(l, tenant, &devices[i]);
    }
    count_orphans(l, tenant);
    if (l->count > before || tenant->held.count > 0)
        put_sources(l, tenant);
    return bkey_ok();
}

bkey_err bkey_device_status_run(const bkey_device_query *query, sup_buffer *out_json)
{
    listing l = {.query = query, .now_ms = query->ports->wall_ms(query->ports->self)};
    bkey_json_builder_init(&l.builder);
    l.rows = bkey_json_put_array(&l.builder, l.builder.root, "rows");
    l.sources = bkey_json_put_array(&l.builder, l.builder.root, "sources");
    bkey_err err = bkey_device_load_each(query, query->organization_id, take_tenant, &l);
    bkey_json_put_int(&l.builder, l.builder.root, "orphan_keys", l.orphans);
    bkey_json_put_text(&l.builder, l.builder.root, "next", l.is_cut ? l.last : "");
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&l.builder, out_json);
    bkey_json_builder_done(&l.builder);
    return err;
}
