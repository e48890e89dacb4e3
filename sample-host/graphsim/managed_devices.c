/* SPDX-License-Identifier: Apache-2.0
 *
 * Intune's device list: paging, selection, filter. Must not know where rows come from. */
#define _GNU_SOURCE
#include "managed_devices.h"

#include "device.h"
#include "errors.h"
#include "json.h"
#include "odata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGE_MAX 1000U

typedef struct device_query {
    uint64_t selected;
    bool filtered;
    sim_odata_filter filter;
    size_t top;
    size_t from;
} device_query;

static bool filterable(int property)
{
    static const char *const names[] = {"operatingSystem", "deviceName", "serialNumber",
                                        "azureADDeviceId"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sim_device_property(names[i], strlen(names[i])) == property)
            return true;
    return false;
}

static const char *read_query(const sim_call *call, device_query *out)
{
    static const char *const allowed[] = {"$top",       "$select", "$filter",
                                          "$skiptoken", "$count",  NULL};
    const char *name;
    if (!sim_odata_only(&call->query, allowed, &name))
        return "The query option is not supported.";
    *out = (device_query){.selected = UINT64_MAX};
    out->top = (size_t)call->world->switches.values[SIM_SWITCH_PAGE_SIZE];
    const char *text = sim_params_get(&call->query, "$select");
    if (text != NULL && !sim_odata_select(text, sim_device_properties(), &out->selected))
        return "Could not find a property on type 'microsoft.graph.managedDevice'.";
    text = sim_params_get(&call->query, "$filter");
    out->filtered = text != NULL;
    if (text != NULL && (!sim_odata_filter_read(text, sim_device_properties(), &out->filter) ||
                         !filterable(out->filter.property)))
        return "Invalid filter clause.";
    text = sim_params_get(&call->query, "$top");
    if (text != NULL && !sim_odata_top(text, &out->top))
        return "The value of $top is invalid.";
    text = sim_params_get(&call->query, "$skiptoken");
    if (text != NULL && !sim_odata_skip_token_read(text, &out->from))
        return "The page token is invalid.";
    if (out->top > PAGE_MAX)
        out->top = PAGE_MAX;
    return NULL;
}

/* Compares as JSON text, so that rows need not be taken apart. */
static bool matches(const sim_call *call, const device_query *query, const char *literal,
                    size_t position)
{
    if (!query->filtered)
        return true;
    sup_buffer value;
    sup_buffer_init(&value, 65536);
    sim_device_write_value(call->tenant, position, query->filter.property, &value);
    bool same = strcasecmp(sup_buffer_text(&value), literal) == 0;
    sup_buffer_done(&value);
    return same;
}

/* The first live row at or after `at` that the filter lets through. */
static bool next_row(const sim_call *call, const device_query *query, const char *literal,
                     size_t *at)
{
    const sim_rows *rows = &call->tenant->devices;
    for (; *at < sim_rows_end(rows); ++*at)
        if (sim_rows_alive(rows, *at) && matches(call, query, literal, *at))
            return true;
    return false;
}

static void write_page(sim_call *call, const device_query *query)
{
    sup_buffer literal;
    sup_buffer rows;
    sup_buffer_init(&literal, 8192);
    sup_buffer_init(&rows, SIM_HTTP_BODY_MAX);
    json_t *text = json_string(query->filter.literal);
    sim_json_value(&literal, text);
    json_decref(text);
    size_t at = query->from;
    size_t count = 0;
    bool more = next_row(call, query, sup_buffer_text(&literal), &at);
    for (; more && count < query->top; count++) {
        if (count > 0)
            sup_buffer_add_str(&rows, ",");
        sim_device_write(call->tenant, at++, query->selected, &rows);
        more = next_row(call, query, sup_buffer_text(&literal), &at);
    }
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "deviceManagement/managedDevices", out);
    sup_buffer_printf(out, ",\"@odata.count\":%zu", count);
    if (more)
        sim_odata_next_link(call, at, out);
    sup_buffer_add_str(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&rows));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&rows);
    sup_buffer_done(&literal);
}

void sim_managed_devices_list(sim_call *call)
{
    if (!call->tenant->intune) {
        (void)sim_errors_named(call->world, call->response, "no_intune");
        return;
    }
    device_query query;
    const char *problem = read_query(call, &query);
    if (problem != NULL) {
        sim_errors_graph(call->world, call->response, 400, "BadRequest", problem);
        return;
    }
    write_page(call, &query);
}
