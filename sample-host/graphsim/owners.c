/* SPDX-License-Identifier: Apache-2.0
 *
 * Owners and users of devices. Must not know permissions beyond what an owner is. */
#define _GNU_SOURCE
#include "owners.h"

#include "devices.h"
#include "errors.h"
#include "json.h"
#include "kind.h"
#include "objects.h"
#include "odata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define OWNERS "registeredOwners"
#define USERS "registeredUsers"

static json_t *list_of(const sim_tenant *tenant, size_t position, const char *member)
{
    return json_object_get(sim_rows_object(&tenant->directory, position), member);
}

static size_t index_of(const json_t *list, const char *user)
{
    size_t i = 0;
    while (i < json_array_size(list) &&
           (!json_is_string(json_array_get(list, i)) ||
            strcasecmp(json_string_value(json_array_get(list, i)), user) != 0))
        i++;
    return i;
}

bool sim_owners_has(const sim_tenant *tenant, size_t position, const char *member, const char *user)
{
    const json_t *list = list_of(tenant, position, member);
    return index_of(list, user) < json_array_size(list);
}

bool sim_owners_may_read(const sim_call *call)
{
    char device[64] = "";
    size_t position;
    sim_key key;
    const char *filter = sim_params_get(&call->query, "$filter");
    const char *quote = filter != NULL ? strchr(filter, '\'') : NULL;
    if (!call->tenant->owners_may_read)
        return false;
    if (quote != NULL)
        (void)snprintf(device, sizeof device, "%.*s", (int)strcspn(quote + 1, "'"), quote + 1);
    else if (call->captured[0] != '\0' &&
             sim_tenant_find_key(call->tenant, call->captured, &position) &&
             sim_tenant_read_key(call->tenant, position, &key))
        (void)snprintf(device, sizeof device, "%s", key.device);
    return device[0] != '\0' && sim_tenant_find_object(call->tenant, device, &position) &&
           sim_owners_has(call->tenant, position, OWNERS, call->claims->user_id);
}

static void write_member(const sim_call *call, const char *user, sup_buffer *out)
{
    static const char selected[] = "id,displayName,userPrincipalName,mail,businessPhones";
    size_t position;
    uint64_t bits = 0;
    bool readable = strstr(call->claims->permissions, "User.Read") != NULL ||
                    strstr(call->claims->permissions, "Directory.Read") != NULL;
    sup_buffer_add_str(out, "{\"@odata.type\":\"#microsoft.graph.user\",");
    if (readable && sim_kind_select(&sim_kind_user, selected, &bits) &&
        sim_tenant_find_user(call->tenant, user, &position)) {
        sim_kind_write_single(&sim_kind_user, call->tenant, position, bits, out);
        return;
    }
    sup_buffer_add_str(out, "\"id\":");
    sim_json_string(out, user);
    sup_buffer_add_str(out, ",\"displayName\":null,\"userPrincipalName\":null,\"mail\":null}");
}

static void list(sim_call *call, const char *member)
{
    size_t position;
    if (!sim_devices_find(call, &position))
        return;
    const json_t *users = list_of(call->tenant, position, member);
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "directoryObjects", out);
    sup_buffer_add_str(out, ",\"value\":[");
    for (size_t i = 0; i < json_array_size(users); i++) {
        sup_buffer_add_str(out, i > 0 ? "," : "");
        const char *user = json_string_value(json_array_get(users, i));
        write_member(call, user != NULL ? user : "", out);
    }
    sup_buffer_add_str(out, "]}");
}

static void record(const sim_call *call, const char *device, sim_audit_activity activity)
{
    sim_audit audit = {
        .when_ms = sim_world_now(call->world), .tenant = call->tenant->index, .activity = activity};
    (void)snprintf(audit.target, sizeof audit.target, "%s", device);
    (void)snprintf(audit.user_id, sizeof audit.user_id, "%s", call->claims->user_id);
    (void)snprintf(audit.user_name, sizeof audit.user_name, "%s", call->claims->user_name);
    sim_audits_add(&call->world->audits, &audit);
}

static void refuse(sim_call *call, int status, const char *code, const char *message)
{
    sim_errors_graph(call->world, call->response, status, code, message);
}

/* The user id at the end of {"@odata.id":".../directoryObjects/<id>"}. */
static bool read_reference(const sim_call *call, char out[64])
{
    json_t *body =
        json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);
    const char *address = sim_json_text(body, "@odata.id", "");
    const char *slash = strrchr(address, '/');
    bool good = slash != NULL && strlen(slash) > 1 && strlen(slash) <= 64;
    if (good)
        (void)snprintf(out, 64, "%s", slash + 1);
    json_decref(body);
    return good;
}

static void add(sim_call *call, const char *member)
{
    char user[64];
    size_t position;
    size_t found;
    char message[200];
    if (!sim_devices_find(call, &position))
        return;
    if (!read_reference(call, user)) {
        refuse(call, 400, "Request_BadRequest", "The body must name an object by @odata.id.");
    } else if (!sim_tenant_find_user(call->tenant, user, &found)) {
        (void)snprintf(message, sizeof message,
                       "Resource '%s' does not exist or one of its queried reference-property "
                       "objects are not present.",
                       user);
        refuse(call, 404, "Request_ResourceNotFound", message);
    } else if (sim_owners_has(call->tenant, position, member, user)) {
        (void)snprintf(message, sizeof message,
                       "One or more added object references already exist for the following "
                       "modified properties: '%s'.",
                       member);
        refuse(call, 400, "Request_BadRequest", message);
    } else {
        json_t *row = sim_tenant_own_object(call->tenant, &position);
        if (!json_is_array(json_object_get(row, member)))
            (void)json_object_set_new(row, member, json_array());
        (void)json_array_append_new(json_object_get(row, member), json_string(user));
        record(call, sim_json_text(row, "id", ""), SIM_AUDIT_ADD_OWNER);
        call->response->status = 204;
    }
}

static void take_away(sim_call *call, const char *member)
{
    size_t position;
    if (!sim_devices_find(call, &position))
        return;
    json_t *users = list_of(call->tenant, position, member);
    size_t at = index_of(users, call->second);
    if (at >= json_array_size(users)) {
        refuse(call, 404, "Request_ResourceNotFound", "The reference does not exist.");
        return;
    }
    (void)json_array_remove(users, at);
    record(call, call->captured, SIM_AUDIT_REMOVE_OWNER);
    call->response->status = 204;
}

void sim_owners_list(sim_call *call)
{
    list(call, OWNERS);
}

void sim_owners_list_users(sim_call *call)
{
    list(call, USERS);
}

void sim_owners_add(sim_call *call)
{
    add(call, OWNERS);
}

void sim_owners_add_user(sim_call *call)
{
    add(call, USERS);
}

void sim_owners_remove(sim_call *call)
{
    take_away(call, OWNERS);
}

void sim_owners_remove_user(sim_call *call)
{
    take_away(call, USERS);
}
