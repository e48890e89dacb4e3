/* SPDX-License-Identifier: Apache-2.0
 *
 * Users. Must not know where rows come from. */
#define _GNU_SOURCE
#include "users.h"

#include "errors.h"
#include "json.h"
#include "listing.h"
#include "odata.h"
#include "owners.h"
#include "permission.h"

#include <stdio.h>
#include <string.h>

static const char *const options[] = {"$top",   "$select",  "$filter", "$skiptoken",
                                      "$count", "$orderby", NULL};

static sim_listing listing_of(const sim_call *call)
{
    const int64_t *switches = call->world->switches.values;
    return (sim_listing){.kind = &sim_kind_user,
                         .context = "users",
                         .options = options,
                         .page = (size_t)switches[SIM_SWITCH_DIRECTORY_PAGE_SIZE],
                         .most = 999,
                         .refuse_more = true,
                         .bad_query = "Request_UnsupportedQuery"};
}

/* Licences of others are not part of what ReadBasic shows. */
static bool may_select(sim_call *call)
{
    const char *select = sim_params_get(&call->query, "$select");
    bool all = sim_permission_has(call->claims->permissions, "User.Read.All") ||
               sim_permission_has(call->claims->permissions, "Directory.Read.All");
    if (all || select == NULL || strstr(select, "assignedLicenses") == NULL)
        return true;
    (void)sim_errors_named(call->world, call->response, "directory_403");
    return false;
}

void sim_users_list(sim_call *call)
{
    sim_listing listing = listing_of(call);
    if (may_select(call))
        sim_listing_run(call, &listing);
}

static bool find(sim_call *call, size_t *out_position)
{
    char message[400];
    if (sim_tenant_find_user(call->tenant, call->captured, out_position))
        return true;
    (void)snprintf(message, sizeof message,
                   "Resource '%s' does not exist or one of its queried reference-property objects "
                   "are not present.",
                   call->captured);
    sim_errors_graph(call->world, call->response, 404, "Request_ResourceNotFound", message);
    return false;
}

void sim_users_get(sim_call *call)
{
    sim_listing listing = listing_of(call);
    size_t position;
    if (may_select(call) && find(call, &position))
        sim_listing_single(call, &listing, position);
}

static json_t *licenses_of(const sim_tenant *tenant, size_t position)
{
    static const char name[] = "assignedLicenses";
    sup_buffer text;
    sup_buffer_init(&text, 65536);
    sim_kind_write_value(&sim_kind_user, tenant, position,
                         sim_kind_property(&sim_kind_user, name, sizeof name - 1), &text);
    json_t *out = json_loadb(sup_buffer_text(&text), text.len, 0, NULL);
    sup_buffer_done(&text);
    return out;
}

static json_t *find_sku(const sim_tenant *tenant, const char *id)
{
    size_t i;
    json_t *sku;
    json_t *found = NULL;
    json_array_foreach(tenant->skus, i, sku)
    {
        if (strcmp(sim_json_text(sku, "skuId", ""), id) == 0)
            found = sku;
    }
    return found;
}

void sim_users_licenses(sim_call *call)
{
    char context[256];
    size_t position;
    if (!find(call, &position))
        return;
    json_t *assigned = licenses_of(call->tenant, position);
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(assigned); i++) {
        json_t *sku =
            find_sku(call->tenant, sim_json_text(json_array_get(assigned, i), "skuId", ""));
        if (sku != NULL)
            (void)json_array_append_new(
                rows, json_pack("{s:s+, s:O, s:O, s:O?}", "id", "SIM-",
                                sim_json_text(sku, "skuPartNumber", ""), "skuId",
                                json_object_get(sku, "skuId"), "skuPartNumber",
                                json_object_get(sku, "skuPartNumber"), "servicePlans",
                                json_object_get(sku, "servicePlans")));
    }
    (void)snprintf(context, sizeof context, "users('%.100s')/licenseDetails", call->captured);
    sim_odata_context(call, context, &call->response->body);
    sup_buffer_add_str(&call->response->body, ",\"value\":");
    sim_json_value(&call->response->body, rows);
    sup_buffer_add_str(&call->response->body, "}");
    json_decref(rows);
    json_decref(assigned);
}

/* Only rows held as JSON have owners. */
static void list_devices(sim_call *call, const char *member)
{
    static const char selected[] = "id,deviceId,displayName,operatingSystem,trustType";
    const sim_rows *rows = &call->tenant->directory;
    const char *before = "";
    uint64_t bits = 0;
    size_t user;
    if (!find(call, &user) || !sim_kind_select(&sim_kind_device, selected, &bits))
        return;
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "directoryObjects", out);
    sup_buffer_add_str(out, ",\"value\":[");
    for (size_t at = rows->base; at < sim_rows_end(rows); at++) {
        if (!sim_rows_alive(rows, at) || !sim_owners_has(call->tenant, at, member, call->captured))
            continue;
        sup_buffer_printf(out, "%s{\"@odata.type\":\"#microsoft.graph.device\",", before);
        sim_kind_write_single(&sim_kind_device, call->tenant, at, bits, out);
        before = ",";
    }
    sup_buffer_add_str(out, "]}");
}

void sim_users_owned(sim_call *call)
{
    list_devices(call, "registeredOwners");
}

void sim_users_registered(sim_call *call)
{
    list_devices(call, "registeredUsers");
}
