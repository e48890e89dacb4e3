/* SPDX-License-Identifier: Apache-2.0
 *
 * One-row answers about a tenant. Must not know its devices. */
#define _GNU_SOURCE
#include "organization.h"

#include "errors.h"
#include "json.h"
#include "odata.h"

#include <stdio.h>
#include <strings.h>

#define SELF_SERVICE "allowedToReadBitlockerKeysForOwnedDevice"

static bool only(sim_call *call, const char *const *allowed)
{
    const char *name;
    if (sim_odata_only(&call->query, allowed, &name))
        return true;
    sim_errors_graph(call->world, call->response, 400, "Request_UnsupportedQuery",
                     "The query option is not supported.");
    return false;
}

void sim_organization_get(sim_call *call)
{
    static const char *const allowed[] = {"$select", "$top", NULL};
    const sim_tenant *tenant = call->tenant;
    if (!only(call, allowed))
        return;
    json_t *row = json_pack(
        "{s:s, s:O, s:s, s:s, s:s, s:s, s:[{s:s, s:b, s:b, s:s, s:s}], s:[]}", "id", tenant->id,
        "displayName", json_object_get(tenant->facts, "displayName"), "countryLetterCode",
        sim_json_text(tenant->facts, "countryLetterCode", "NZ"), "createdDateTime",
        "2019-02-03T21:00:00Z", "tenantType", "AAD", "mobileDeviceManagementAuthority",
        tenant->intune ? "intune" : "unknown", "verifiedDomains", "capabilities",
        "Email, OfficeCommunicationsOnline", "isDefault", 1, "isInitial", 0, "name", tenant->domain,
        "type", "Managed", "assignedPlans");
    sim_odata_context(call, "organization", &call->response->body);
    sup_buffer_add_str(&call->response->body, ",\"value\":[");
    sim_json_value(&call->response->body, row);
    sup_buffer_add_str(&call->response->body, "]}");
    json_decref(row);
}

void sim_organization_skus(sim_call *call)
{
    static const char *const allowed[] = {"$select", NULL};
    if (!only(call, allowed))
        return;
    sim_odata_context(call, "subscribedSkus", &call->response->body);
    sup_buffer_add_str(&call->response->body, ",\"value\":");
    sim_json_value(&call->response->body, call->tenant->skus);
    sup_buffer_add_str(&call->response->body, "}");
}

void sim_organization_policy(sim_call *call)
{
    static const char *const allowed[] = {"$select", NULL};
    if (!only(call, allowed))
        return;
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "policies/authorizationPolicy/$entity", out);
    sup_buffer_printf(
        out,
        ",\"id\":\"authorizationPolicy\",\"displayName\":\"Authorization Policy\","
        "\"allowInvitesFrom\":\"everyone\",\"allowedToUseSSPR\":true,\"blockMsolPowerShell\":false,"
        "\"guestUserRoleId\":\"10dae51f-b6af-4016-8d66-8c2a99b929b3\","
        "\"defaultUserRolePermissions\":{\"allowedToCreateApps\":true,"
        "\"allowedToCreateSecurityGroups\":true,\"allowedToCreateTenants\":true,\"" SELF_SERVICE
        "\":%s,\"allowedToReadOtherUsers\":true,\"permissionGrantPoliciesAssigned\":"
        "[\"ManagePermissionGrantsForSelf.microsoft-user-default-legacy\"]}}",
        call->tenant->owners_may_read ? "true" : "false");
}

/* The service takes the name in any letter case. */
static const json_t *find_switch(const json_t *body)
{
    json_t *permissions = json_object_get(body, "defaultUserRolePermissions");
    const json_t *found = NULL;
    void *at = json_object_iter(permissions);
    for (; at != NULL; at = json_object_iter_next(permissions, at))
        if (strcasecmp(json_object_iter_key(at), SELF_SERVICE) == 0)
            found = json_object_iter_value(at);
    return found;
}

void sim_organization_policy_change(sim_call *call)
{
    json_t *body =
        json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *value = find_switch(body);
    if (!json_is_boolean(value)) {
        sim_errors_graph(call->world, call->response, 400, "Request_BadRequest",
                         "The body names no setting that can be changed.");
        json_decref(body);
        return;
    }
    call->tenant->owners_may_read = json_is_true(value);
    json_decref(body);
    sim_audit audit = {.when_ms = sim_world_now(call->world),
                       .tenant = call->tenant->index,
                       .activity = SIM_AUDIT_UPDATE_POLICY,
                       .application = call->claims->application};
    (void)snprintf(audit.target, sizeof audit.target, "authorizationPolicy");
    (void)snprintf(audit.app_id, sizeof audit.app_id, "%s", call->claims->app_id);
    (void)snprintf(audit.user_id, sizeof audit.user_id, "%s", call->claims->user_id);
    (void)snprintf(audit.user_name, sizeof audit.user_name, "%s", call->claims->user_name);
    sim_audits_add(&call->world->audits, &audit);
    call->response->status = 204;
}
