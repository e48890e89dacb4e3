/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery keys with the service's quirks. Must not know where rows come from. */
#include "recovery_keys.h"

#include "errors.h"
#include "json.h"
#include "odata.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PROPERTY_ID, PROPERTY_CREATED, PROPERTY_VOLUME, PROPERTY_DEVICE, PROPERTY_KEY };

static const char *const properties[] = {"id", "createdDateTime", "volumeType", "deviceId", "key",
                                         NULL};

#define WITHOUT_KEY ((UINT64_C(1) << PROPERTY_KEY) - 1)
#define ONLY_KEY (UINT64_C(1) << PROPERTY_KEY)

bool sim_recovery_keys_wants_secret(const sim_params *query)
{
    uint64_t selected = 0;
    const char *text = sim_params_get(query, "$select");
    return text != NULL && sim_odata_select(text, properties, &selected) && selected == ONLY_KEY;
}

static void write_guid(const sim_call *call, const char *text, sup_buffer *out)
{
    char copy[64];
    size_t len = strlen(text);
    for (size_t i = 0; i <= len; i++)
        copy[i] = (char)toupper((unsigned char)text[i]);
    bool upper = call->world->switches.values[SIM_SWITCH_UPPER_GUIDS] != 0;
    sim_json_string(out, upper ? copy : text);
}

static void write_volume(const sim_call *call, const sim_key *key, sup_buffer *out)
{
    static const char *const names[] = {"null", "\"operatingSystemVolume\"", "\"fixedDataVolume\"",
                                        "\"removableDataVolume\""};
    int64_t style = call->world->switches.values[SIM_SWITCH_VOLUME_TYPE_STYLE];
    if (style == SIM_VOLUME_NULL || style == SIM_VOLUME_UNKNOWN) {
        sup_buffer_add_str(out, style == SIM_VOLUME_NULL ? "null" : "\"unknownFutureValue\"");
        return;
    }
    bool as_given = style == SIM_VOLUME_AS_GIVEN || key->volume == 0;
    if (as_given && key->volume_json != NULL)
        sim_json_value(out, key->volume_json);
    else if (as_given || style == SIM_VOLUME_NAME)
        sup_buffer_add_str(out, names[key->volume]);
    else
        sup_buffer_printf(out, style == SIM_VOLUME_DIGIT ? "\"%d\"" : "%d", key->volume);
}

/* The members of a key, without the braces. */
static void write_members(const sim_call *call, const sim_key *key, uint64_t selected,
                          sup_buffer *out)
{
    const char *before = "\"";
    for (int i = 0; properties[i] != NULL; i++) {
        if ((selected >> i & 1) == 0)
            continue;
        sup_buffer_add_str(out, before);
        sup_buffer_add_str(out, properties[i]);
        sup_buffer_add_str(out, "\":");
        if (i == PROPERTY_ID)
            write_guid(call, key->id, out);
        else if (i == PROPERTY_VOLUME)
            write_volume(call, key, out);
        else if (i == PROPERTY_DEVICE && key->device[0] != '\0')
            write_guid(call, key->device, out);
        else if (i == PROPERTY_DEVICE)
            sup_buffer_add_str(out, "null");
        else
            sim_json_string(out, i == PROPERTY_KEY ? key->password : key->created);
        before = ",\"";
    }
}

static void refuse(sim_call *call, const char *message)
{
    sim_errors_graph(call->world, call->response, 400, "BadRequest", message);
}

/* While its device is softly deleted, a key is kept but not shown. */
static void refuse_deleted(sim_call *call)
{
    sim_errors_graph(call->world, call->response, 404, "ResourceNotFound",
                     "The recovery key was not found.");
}

static bool is_hidden(const sim_call *call, const sim_key *key)
{
    return json_array_size(call->tenant->deleted) > 0 && key->device[0] != '\0' &&
           sim_tenant_is_deleted(call->tenant, key->device);
}

static bool named_client(sim_call *call)
{
    const char *agent = call->request->user_agent;
    if ((agent != NULL && *agent != '\0') ||
        call->world->switches.values[SIM_SWITCH_USER_AGENT_REQUIRED] == 0)
        return true;
    refuse(call, "The User-Agent header is required.");
    return false;
}

typedef struct key_query {
    uint64_t selected;
    const char *device; /* NULL: of all */
    sim_odata_filter filter;
    size_t from;
} key_query;

static const char *read_query(const sim_call *call, key_query *out)
{
    static const char *const allowed[] = {"$filter", "$select", "$skiptoken", NULL};
    const char *name;
    if (!sim_odata_only(&call->query, allowed, &name))
        return "The query option is not supported for this resource.";
    *out = (key_query){.selected = WITHOUT_KEY};
    const char *text = sim_params_get(&call->query, "$select");
    if (text != NULL && !sim_odata_select(text, properties, &out->selected))
        return "Could not find a property on type 'microsoft.graph.bitlockerRecoveryKey'.";
    /* Asking the list for the key gives rows, but no key. */
    out->selected &= WITHOUT_KEY;
    if (out->selected == 0)
        out->selected = WITHOUT_KEY;
    text = sim_params_get(&call->query, "$filter");
    if (text != NULL && (!sim_odata_filter_read(text, properties, &out->filter) ||
                         out->filter.property != PROPERTY_DEVICE))
        return "Only a filter on deviceId is supported.";
    out->device = text != NULL ? out->filter.literal : NULL;
    return NULL;
}

static void write_page(sim_call *call, const key_query *query)
{
    size_t size = (size_t)call->world->switches.values[SIM_SWITCH_KEYS_PAGE_SIZE];
    sup_buffer rows;
    sup_buffer_init(&rows, SIM_HTTP_BODY_MAX);
    size_t at = 0;
    size_t last = 0;
    size_t count = 0;
    bool again = call->world->switches.values[SIM_SWITCH_DUPLICATE_ACROSS_PAGES] != 0;
    bool more = sim_tenant_next_key(call->tenant, query->from, query->device, &at);
    while (more && count < size) {
        sim_key key;
        last = at;
        if (sim_tenant_read_key(call->tenant, at, &key) && !is_hidden(call, &key)) {
            sup_buffer_add_str(&rows, count++ > 0 ? ",{" : "{");
            write_members(call, &key, query->selected, &rows);
            sup_buffer_add_str(&rows, "}");
        }
        more = sim_tenant_next_key(call->tenant, at + 1, query->device, &at);
    }
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "informationProtection/bitlocker/recoveryKeys", out);
    if (more)
        sim_odata_next_link(call, again && count > 1 ? last : at, out);
    sup_buffer_add_str(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&rows));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&rows);
}

void sim_recovery_keys_list(sim_call *call)
{
    key_query query;
    if (!named_client(call))
        return;
    const char *problem = read_query(call, &query);
    const char *page = sim_params_get(&call->query, "$skiptoken");
    if (problem != NULL)
        refuse(call, problem);
    else if (query.device != NULL && sim_tenant_is_deleted(call->tenant, query.device))
        refuse_deleted(call);
    else if (page == NULL || sim_odata_page_read(call, page, &query.from))
        write_page(call, &query);
}

static void record_read(sim_call *call, const sim_key *key, size_t position)
{
    uint32_t reads = sim_tenant_count_read(call->tenant, position);
    sim_counts_key_read(&call->world->counts, call->tenant->index, reads);
    sim_audit audit = {.when_ms = sim_world_now(call->world),
                       .tenant = call->tenant->index,
                       .activity = SIM_AUDIT_READ_KEY,
                       .application = call->claims->application};
    (void)snprintf(audit.target, sizeof audit.target, "%s", key->id);
    (void)snprintf(audit.app_id, sizeof audit.app_id, "%s", call->claims->app_id);
    (void)snprintf(audit.user_name, sizeof audit.user_name, "%s", call->claims->user_name);
    (void)snprintf(audit.user_id, sizeof audit.user_id, "%s", call->claims->user_id);
    sim_audits_add(&call->world->audits, &audit);
}

static void write_key(sim_call *call, const sim_key *key, uint64_t selected)
{
    sup_buffer *out = &call->response->body;
    if (call->world->switches.values[SIM_SWITCH_WRAPPED_KEY] != 0) {
        sup_buffer_add_str(out, "{\"value\":{");
        write_members(call, key, selected, out);
        sup_buffer_add_str(out, "}}");
        return;
    }
    sim_odata_context(call, "informationProtection/bitlocker/recoveryKeys/$entity", out);
    sup_buffer_add_str(out, ",");
    write_members(call, key, selected, out);
    sup_buffer_add_str(out, "}");
}

void sim_recovery_keys_get(sim_call *call)
{
    static const char *const allowed[] = {"$select", NULL};
    const char *name;
    const char *select = sim_params_get(&call->query, "$select");
    uint64_t selected = WITHOUT_KEY;
    size_t position = 0;
    sim_key key;
    if (!named_client(call))
        return;
    if (!sim_odata_only(&call->query, allowed, &name) ||
        (select != NULL && !sim_odata_select(select, properties, &selected))) {
        refuse(call, "The query option is not supported for this resource.");
        return;
    }
    if (!sim_tenant_find_key(call->tenant, call->captured, &position) ||
        !sim_tenant_read_key(call->tenant, position, &key) || is_hidden(call, &key)) {
        refuse_deleted(call);
        return;
    }
    if (selected == ONLY_KEY) {
        call->secret = true;
        record_read(call, &key, position);
        selected = WITHOUT_KEY | ONLY_KEY;
    } else {
        selected &= WITHOUT_KEY;
    }
    write_key(call, &key, selected);
}
