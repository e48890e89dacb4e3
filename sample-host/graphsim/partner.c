/* SPDX-License-Identifier: Apache-2.0
 *
 * Partner relationships. Must not know how tokens look. */
#define _GNU_SOURCE
#include "partner.h"

#include "errors.h"
#include "json.h"
#include "odata.h"

#include <string.h>
#include <strings.h>

const json_t *sim_partner_entry(const sim_tenant *customer, const sim_tenant *partner)
{
    const json_t *list = json_object_get(customer->facts, "partners");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        if (strcasecmp(sim_json_text(entry, "tenantId", ""), partner->id) == 0)
            return entry;
    }
    return NULL;
}

sim_tenant *sim_partner_find(sim_world *world, const sim_tenant *customer, const char *client,
                             const char *refresh_token)
{
    sim_tenant *any = NULL;
    sim_tenant *listed = NULL;
    for (size_t i = 0; i < world->tenant_count; i++) {
        sim_tenant *tenant = &world->tenants[i];
        if (strcasecmp(tenant->client_id, client) != 0)
            continue;
        if (refresh_token != NULL &&
            sim_token_refresh_state(world, tenant, refresh_token) != SIM_REFRESH_UNKNOWN)
            return tenant;
        any = any == NULL || tenant == customer ? tenant : any;
        if (sim_partner_entry(customer, tenant) != NULL)
            listed = tenant;
    }
    return any != customer && listed != NULL ? listed : any;
}

/* Writes one row per customer of the signed-in tenant by `write`. */
static void list_customers(sim_call *call, const char *context,
                           void (*write)(const sim_tenant *customer, sup_buffer *out))
{
    static const char *const allowed[] = {"$select", "$top", "$filter", NULL};
    const char *name;
    const char *before = "";
    sup_buffer *out = &call->response->body;
    if (!sim_odata_only(&call->query, allowed, &name)) {
        sim_errors_graph(call->world, call->response, 400, "BadRequest",
                         "The query option is not supported.");
        return;
    }
    sim_odata_context(call, context, out);
    sup_buffer_add_str(out, ",\"value\":[");
    for (size_t i = 0; i < call->world->tenant_count; i++) {
        const sim_tenant *customer = &call->world->tenants[i];
        if (sim_partner_entry(customer, call->tenant) == NULL)
            continue;
        sup_buffer_add_str(out, before);
        write(customer, out);
        before = ",";
    }
    sup_buffer_add_str(out, "]}");
}

static void write_customer(const sim_tenant *customer, sup_buffer *out)
{
    sup_buffer_printf(out, "{\"id\":\"%s\",\"tenantId\":\"%s\",\"displayName\":", customer->id,
                      customer->id);
    sim_json_string(out, sim_json_text(customer->facts, "displayName", ""));
    sup_buffer_add_str(out, "}");
}

static void write_contract(const sim_tenant *customer, sup_buffer *out)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    sim_ids_make(customer->gen.values, (uint32_t)customer->index, id);
    sup_buffer_printf(out,
                      "{\"id\":\"%s\",\"contractType\":\"ResellerPartnerContract\",\"customerId\":"
                      "\"%s\",\"defaultDomainName\":",
                      id, customer->id);
    sim_json_string(out, customer->domain);
    sup_buffer_add_str(out, ",\"displayName\":");
    sim_json_string(out, sim_json_text(customer->facts, "displayName", ""));
    sup_buffer_add_str(out, "}");
}

void sim_partner_customers(sim_call *call)
{
    list_customers(call, "tenantRelationships/delegatedAdminCustomers", write_customer);
}

void sim_partner_contracts(sim_call *call)
{
    list_customers(call, "contracts", write_contract);
}

/* Replaces the entry's scopes by those of the body, which are comma lists. */
static bool store_scopes(json_t *entry, const json_t *body)
{
    const json_t *grants = json_object_get(body, "ApplicationGrants");
    json_t *scopes = json_array();
    for (size_t i = 0; i < json_array_size(grants); i++) {
        const char *at = sim_json_text(json_array_get(grants, i), "Scope", "");
        while (*at != '\0') {
            size_t len = strcspn(at, ", ");
            if (len > 0)
                (void)json_array_append_new(scopes, json_stringn(at, len));
            at += len + strspn(at + len, ", ");
        }
    }
    bool some = json_array_size(scopes) > 0;
    if (some)
        (void)json_object_set(entry, "scopes", scopes);
    json_decref(scopes);
    return some;
}

static void refuse(sim_call *call, int status, const char *description)
{
    call->response->status = status;
    json_t *body = json_pack("{s:i, s:s}", "code", status, "description", description);
    sim_json_value(&call->response->body, body);
    json_decref(body);
}

static void add_consent(sim_call *call, json_t *entry)
{
    json_t *body =
        json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);
    bool own =
        strcasecmp(sim_json_text(body, "ApplicationId", sim_json_text(body, "applicationId", "")),
                   call->tenant->client_id) == 0;
    if (json_array_size(json_object_get(entry, "scopes")) > 0)
        refuse(call, 409, "Permission entry already exists.");
    else if (!own || !store_scopes(entry, body))
        refuse(call, 400, "The application or its grants are not valid.");
    else {
        call->response->status = 201;
        sim_json_value(&call->response->body, body);
    }
    json_decref(body);
}

void sim_partner_consent(sim_call *call)
{
    const sim_tenant *customer = sim_world_tenant(call->world, call->captured);
    /* The entry belongs to the customer's facts, which are ours to change. */
    json_t *entry =
        customer != NULL ? (json_t *)(uintptr_t)sim_partner_entry(customer, call->tenant) : NULL;
    if (entry == NULL)
        refuse(call, 404, "There is no relationship with this customer.");
    else if (strcmp(call->request->method, "POST") == 0)
        add_consent(call, entry);
    else if (strcasecmp(call->second, call->tenant->client_id) != 0)
        refuse(call, 404, "There is no such consent.");
    else {
        (void)json_object_del(entry, "scopes");
        call->response->status = 204;
    }
}
