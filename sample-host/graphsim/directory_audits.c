/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit log as Graph lists it. Must not know what is recorded when. */
#define _GNU_SOURCE
#include "directory_audits.h"

#include "errors.h"
#include "filter.h"
#include "json.h"
#include "odata.h"

#include <stdio.h>
#include <string.h>

#define PAGE 1000U
#define DAY_MS INT64_C(86400000)

/* `otherwise` is the path of the member instead: slashes for objects, a number for a list. */
static const sim_property properties[] = {
    {"activityDateTime", NULL, "activityDateTime", SIM_EQUAL | SIM_RANGE},
    {"activityDisplayName", NULL, "activityDisplayName", SIM_EQUAL | SIM_STARTS},
    {"correlationId", NULL, "correlationId", SIM_EQUAL},
    {"id", NULL, "id", SIM_EQUAL},
    {"loggedByService", NULL, "loggedByService", SIM_EQUAL},
    {"initiatedBy/user/id", NULL, "user/id", SIM_EQUAL},
    {"initiatedBy/user/displayName", NULL, "user/displayName", SIM_EQUAL},
    {"initiatedBy/user/userPrincipalName", NULL, "user/userPrincipalName", SIM_EQUAL | SIM_STARTS},
    {"initiatedBy/app/appId", NULL, "app/appId", SIM_EQUAL},
    {"initiatedBy/app/displayName", NULL, "app/displayName", SIM_EQUAL},
    {"targetResources/any(t:t/id", NULL, "target/id", SIM_EQUAL},
    {"category", NULL, "category", SIM_EQUAL},
};

#define PROPERTIES (sizeof properties / sizeof properties[0])

typedef struct audit_query {
    sim_filter filter;
    size_t top;
    size_t skip; /* records already shown */
    int64_t since_ms;
    int64_t until_ms;
    bool oldest_first;
} audit_query;

static void value_of(const void *row, int property, sup_buffer *out)
{
    const json_t *record = row;
    const char *path = properties[property].otherwise;
    const char *slash = strchr(path, '/');
    if (slash == NULL) {
        sim_json_value(out, json_object_get(record, path));
        return;
    }
    const json_t *by = json_object_get(record, "initiatedBy");
    const json_t *target = json_array_get(json_object_get(record, "targetResources"), 0);
    const json_t *holder = *path == 'u'   ? json_object_get(by, "user")
                           : *path == 'a' ? json_object_get(by, "app")
                                          : target;
    sim_json_value(out, json_object_get(holder, slash + 1));
}

static bool has_premium(const sim_tenant *tenant)
{
    size_t i;
    json_t *sku;
    json_array_foreach(tenant->skus, i, sku)
    {
        const json_t *plans = json_object_get(sku, "servicePlans");
        for (size_t k = 0; k < json_array_size(plans); k++)
            if (strncmp(sim_json_text(json_array_get(plans, k), "servicePlanName", ""),
                        "AAD_PREMIUM", 11) == 0)
                return true;
    }
    return false;
}

static void read_retention(const sim_call *call, audit_query *query)
{
    int64_t now = sim_world_now(call->world);
    bool premium = has_premium(call->tenant);
    query->since_ms = now - (premium ? 30 : 7) * DAY_MS;
    query->until_ms = now - call->world->switches.values[SIM_SWITCH_AUDIT_DELAY_S] * 1000;
    if (call->tenant->audits_since_ms == 0)
        call->tenant->audits_since_ms = now;
    if (!premium && call->tenant->audits_since_ms > query->since_ms)
        query->since_ms = call->tenant->audits_since_ms;
}

static const char *read_query(sim_call *call, audit_query *out)
{
    static const char *const allowed[] = {"$filter", "$top", "$orderby", "$skiptoken", NULL};
    const char *name;
    bool category = call->world->switches.values[SIM_SWITCH_AUDIT_CATEGORY_FILTER] != 0;
    *out = (audit_query){.top = PAGE};
    if (!sim_odata_only(&call->query, allowed, &name))
        return "The query option is not supported.";
    const char *text = sim_params_get(&call->query, "$filter");
    if (text != NULL &&
        !sim_filter_read(text, properties, PROPERTIES - (category ? 0 : 1), &out->filter))
        return "Invalid filter clause.";
    text = sim_params_get(&call->query, "$top");
    if (text != NULL && (!sim_odata_top(text, &out->top) || out->top > PAGE))
        return "The value of $top is invalid.";
    text = sim_params_get(&call->query, "$orderby");
    if (text != NULL && strncmp(text, "activityDateTime", 16) != 0)
        return "The order is not supported.";
    out->oldest_first = text != NULL && (text[16] == '\0' || strcmp(text + 16, " asc") == 0);
    return NULL;
}

static bool shows(const sim_call *call, const audit_query *query, const sim_audit *audit)
{
    return audit->tenant == call->tenant->index && audit->when_ms >= query->since_ms &&
           audit->when_ms <= query->until_ms;
}

/* True when the record belongs to the answer; it is then in `rows`. */
static bool add_record(const sim_call *call, const audit_query *query, size_t position,
                       sup_buffer *rows)
{
    sim_audit audit;
    sim_audits_get(&call->world->audits, position, &audit);
    if (!shows(call, query, &audit))
        return false;
    sup_buffer text;
    sup_buffer_init(&text, 8192);
    sim_audits_write(&audit, position + 1, &text);
    bool fits = true;
    if (query->filter.count > 0) {
        json_t *record = json_loadb(sup_buffer_text(&text), text.len, 0, NULL);
        fits = sim_filter_fits(&query->filter, value_of, record);
        json_decref(record);
    }
    if (fits) {
        sup_buffer_add_str(rows, rows->len > 0 ? "," : "");
        sup_buffer_add_str(rows, sup_buffer_text(&text));
    }
    sup_buffer_done(&text);
    return fits;
}

void sim_directory_audits_list(sim_call *call)
{
    audit_query query;
    const char *problem = read_query(call, &query);
    const char *page = sim_params_get(&call->query, "$skiptoken");
    if (problem != NULL) {
        sim_errors_graph(call->world, call->response, 400, "BadRequest", problem);
        return;
    }
    if (page != NULL && !sim_odata_page_read(call, page, &query.skip))
        return;
    read_retention(call, &query);
    sup_buffer rows;
    sup_buffer_init(&rows, SIM_HTTP_BODY_MAX);
    size_t end = call->world->audits.count;
    size_t count = 0;
    size_t at = query.skip;
    for (; at < end && count < query.top; at++)
        count += add_record(call, &query, query.oldest_first ? at : end - 1 - at, &rows);
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "auditLogs/directoryAudits", out);
    if (at < end)
        sim_odata_next_link(call, at, out);
    sup_buffer_printf(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&rows));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&rows);
}
