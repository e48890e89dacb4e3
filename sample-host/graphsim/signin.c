/* SPDX-License-Identifier: Apache-2.0
 *
 * From a token request to its grant. Must not know how tokens are encoded. */
#define _GNU_SOURCE
#include "signin.h"

#include "authorize.h"
#include "device_code.h"
#include "errors.h"
#include "json.h"
#include "number.h"
#include "partner.h"
#include "permission.h"
#include "scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CAE_LIFETIME_S 86399

void sim_signin_refuse(const sim_signin *signin, int number, const char *detail)
{
    sim_errors_aadsts(signin->call->world, signin->call->response, number, detail);
}

sim_tenant *sim_signin_tenant(sim_world *world, const char *segment, const char *client)
{
    if (!sim_permission_has("common organizations consumers", segment))
        return sim_world_tenant(world, segment);
    for (size_t i = 0; client != NULL && i < world->tenant_count; i++)
        if (strcasecmp(world->tenants[i].client_id, client) == 0)
            return &world->tenants[i];
    return NULL;
}

static int64_t lifetime_s(const sim_call *call, bool application, bool cae)
{
    int64_t asked = call->world->switches.values[SIM_SWITCH_TOKEN_LIFETIME_S];
    if (asked > 0)
        return asked;
    if (cae)
        return CAE_LIFETIME_S;
    if (application)
        return 3599;
    /* Microsoft spreads the lifetime over 60 to 90 minutes. */
    return 3600 + (int64_t)(sim_ids_bits(call->tenant->gen.values,
                                         (uint32_t)call->tenant->refresh_issued, 1001) %
                            1800);
}

/* {"access_token":{"xms_cc":{"values":["cp1"]},"nbf":{"value":"1790000000"}}} */
static void read_claims(const sim_params *form, sim_token_facts *facts)
{
    const char *text = sim_params_get(form, "claims");
    json_t *claims = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *token = json_object_get(claims, "access_token");
    const json_t *values = json_object_get(json_object_get(token, "xms_cc"), "values");
    const json_t *nbf = json_object_get(token, "nbf");
    for (size_t i = 0; i < json_array_size(values); i++) {
        const char *value = json_string_value(json_array_get(values, i));
        facts->cae = facts->cae || (value != NULL && strcasecmp(value, "cp1") == 0);
    }
    const char *asked = sim_json_text(nbf, "value", NULL);
    uint64_t value = 0;
    bool number = asked != NULL && sim_number_read(asked, strlen(asked), INT64_MAX, &value);
    facts->asked_s = number ? (int64_t)value : sim_json_number(nbf, "value", 0);
    json_decref(claims);
}

static void write_scope(const sim_call *call, const char *word, sup_buffer *out)
{
    const char *graph = call->world->cloud.graph;
    sup_buffer_add_str(out, ",\"scope\":\"");
    for (; *word != '\0'; word += strcspn(word, " "), word += strspn(word, " "))
        sup_buffer_printf(out, "https://%s/%.*s ", graph, (int)strcspn(word, " "), word);
    sup_buffer_printf(out, "https://%s/.default\"", graph);
}

static void write_refresh(const sim_signin *signin, sup_buffer *out)
{
    const int64_t *switches = signin->call->world->switches.values;
    const char *used = sim_params_get(signin->form, "refresh_token");
    if (!signin->offline || switches[SIM_SWITCH_OMIT_REFRESH_TOKEN] != 0)
        return;
    sup_buffer_add_str(out, ",\"refresh_token\":\"");
    if (used != NULL && switches[SIM_SWITCH_KEEP_REFRESH_TOKEN] != 0)
        sup_buffer_add_str(out, used);
    else
        sim_token_write_refresh(signin->call->world, signin->home, out);
    sup_buffer_add_str(out, "\"");
}

static void write_answer(const sim_signin *signin, const sim_token_facts *facts)
{
    sim_call *call = signin->call;
    const char *quote = call->world->switches.values[SIM_SWITCH_EXPIRES_IN_TEXT] != 0 ? "\"" : "";
    long long lifetime = (long long)facts->lifetime_s;
    sup_buffer *out = &call->response->body;
    sup_buffer_add_str(out, "{\"token_type\":\"Bearer\"");
    if (!facts->application)
        write_scope(call, facts->permissions, out);
    sup_buffer_printf(out, ",\"expires_in\":%s%lld%s,\"ext_expires_in\":%s%lld%s", quote, lifetime,
                      quote, quote, lifetime, quote);
    sup_buffer_add_str(out, ",\"access_token\":\"");
    sim_token_write(call->world, facts, out);
    sup_buffer_add_str(out, "\"");
    if (!facts->application)
        write_refresh(signin, out);
    if (signin->open_id) {
        sim_token_facts id = *facts;
        id.audience = facts->app_id;
        id.permissions = "";
        sup_buffer_add_str(out, ",\"id_token\":\"");
        sim_token_write(call->world, &id, out);
        sup_buffer_add_str(out, "\"");
    }
    sup_buffer_add_str(out, "}");
    sim_http_header(call->response, "cache-control", "no-store, no-cache");
    sim_http_header(call->response, "pragma", "no-cache");
}

void sim_signin_grant(const sim_signin *signin, bool application, const char *audience)
{
    sim_call *call = signin->call;
    sim_token_facts facts = sim_token_own(call->tenant, application, audience);
    char *permissions = NULL;
    facts.home = signin->home;
    facts.credential = (int)signin->credential;
    facts.app_id = signin->home->client_id;
    if (signin->entry != NULL) {
        const json_t *wids = json_object_get(signin->entry, "wids");
        permissions = sim_tenant_permissions(
            json_object_get(signin->entry, application ? "roles" : "scopes"));
        facts.permissions = permissions != NULL ? permissions : "";
        facts.wids = json_is_array(wids) ? wids : NULL;
    }
    read_claims(signin->form, &facts);
    if (signin->fresh)
        facts.asked_s = sim_world_now(call->world) / 1000;
    facts.lifetime_s = lifetime_s(call, application, facts.cae);
    write_answer(signin, &facts);
    free(permissions);
}

static bool consented(const sim_signin *signin)
{
    const json_t *scopes = json_object_get(signin->entry, "scopes");
    const json_t *own = json_object_get(signin->call->tenant->facts, "consented");
    char text[160];
    bool good = signin->entry == NULL ? !json_is_false(own)
                                      : json_array_size(scopes) > 0 || json_is_string(scopes);
    if (good)
        return true;
    (void)snprintf(text, sizeof text, "No consent for application '%.64s'.",
                   signin->home->client_id);
    sim_signin_refuse(signin, 65001, text);
    return false;
}

static void refresh(sim_signin *signin)
{
    sim_call *call = signin->call;
    const char *token = sim_params_get(signin->form, "refresh_token");
    const char *scope = sim_params_get(signin->form, "scope");
    static const int numbers[] = {[SIM_REFRESH_UNKNOWN] = 70000,
                                  [SIM_REFRESH_REVOKED] = 50173,
                                  [SIM_REFRESH_UNUSED_TOO_LONG] = 700082};
    char audience[128];
    (void)snprintf(audience, sizeof audience, "https://%s", call->world->cloud.graph);
    if (token == NULL) {
        sim_signin_refuse(signin, 90014, "The required field 'refresh_token' is missing.");
        return;
    }
    sim_refresh_state state = sim_token_refresh_state(call->world, signin->home, token);
    if (state != SIM_REFRESH_GOOD)
        sim_signin_refuse(signin, numbers[state], NULL);
    else if (scope != NULL && !sim_scope_read(call, scope, false, audience))
        sim_signin_refuse(signin, 70011, NULL);
    else if (consented(signin)) {
        signin->offline = true;
        signin->open_id = scope != NULL && sim_permission_has(scope, "openid");
        sim_signin_grant(signin, false, audience);
    }
}

static void client_credentials(sim_signin *signin)
{
    const char *scope = sim_params_get(signin->form, "scope");
    char audience[128];
    if (signin->credential == SIM_CREDENTIAL_NONE)
        sim_signin_refuse(signin, 7000218, NULL);
    else if (scope == NULL)
        sim_signin_refuse(signin, 90014, "The required field 'scope' is missing.");
    else if (!sim_scope_read(signin->call, scope, true, audience))
        sim_signin_refuse(signin, 70011, NULL);
    else
        sim_signin_grant(signin, true, audience);
}

static const struct {
    const char *name;
    void (*run)(sim_signin *signin);
} grants[] = {
    {"refresh_token", refresh},
    {"client_credentials", client_credentials},
    {"authorization_code", sim_authorize_redeem},
    {"urn:ietf:params:oauth:grant-type:device_code", sim_device_code_poll},
    {"device_code", sim_device_code_poll},
};

static bool find_tenant(sim_signin *signin, const char *kind, const char *client)
{
    sim_call *call = signin->call;
    char text[400];
    bool shared = sim_permission_has("common organizations consumers", call->captured);
    if (shared && strcmp(kind, "client_credentials") == 0) {
        sim_signin_refuse(signin, 9001023, NULL);
        return false;
    }
    call->tenant = sim_signin_tenant(call->world, call->captured, client);
    if (call->tenant == NULL) {
        (void)snprintf(text, sizeof text, "Tenant '%s' not found.", call->captured);
        sim_signin_refuse(signin, shared ? 700016 : 90002, shared ? NULL : text);
        return false;
    }
    const char *cloud = sim_json_text(call->tenant->facts, "cloud", call->world->cloud.name);
    if (strcmp(cloud, call->world->cloud.name) != 0) {
        sim_signin_refuse(signin, 90038, NULL);
        return false;
    }
    return true;
}

/* The tenant's own application, or that of a partner whose refresh token this is or who is listed.
 * A shared application id is told apart by whose token comes with it. */
static bool find_home(sim_signin *signin, const char *client)
{
    sim_call *call = signin->call;
    char text[200];
    const char *token = sim_params_get(signin->form, "refresh_token");
    bool own = strcasecmp(client, call->tenant->client_id) == 0;
    sim_tenant *partner = sim_partner_find(call->world, call->tenant, client, token);
    if (own && (partner == NULL || partner == call->tenant)) {
        signin->home = call->tenant;
        return true;
    }
    if (partner == NULL) {
        (void)snprintf(text, sizeof text,
                       "Application with identifier '%.64s' was not found in the directory.",
                       client);
        sim_signin_refuse(signin, 700016, text);
        return false;
    }
    signin->home = partner;
    signin->entry = sim_partner_entry(call->tenant, partner);
    if (signin->entry != NULL)
        return true;
    sim_signin_refuse(signin, token != NULL ? 50020 : 700016, NULL);
    return false;
}

static void sign_in(sim_signin *signin)
{
    const char *kind = sim_params_get(signin->form, "grant_type");
    const char *client = sim_params_get(signin->form, "client_id");
    if (kind == NULL) {
        sim_signin_refuse(signin, 90014, "The required field 'grant_type' is missing.");
        return;
    }
    if (!find_tenant(signin, kind, client))
        return;
    if (client == NULL) {
        sim_signin_refuse(signin, 90014, "The required field 'client_id' is missing.");
        return;
    }
    size_t which = 0;
    while (which < sizeof grants / sizeof grants[0] && strcmp(kind, grants[which].name) != 0)
        which++;
    if (which == sizeof grants / sizeof grants[0])
        sim_signin_refuse(signin, 70003, NULL);
    else if (find_home(signin, client) &&
             sim_credential_check(signin->call, signin->form, signin->home, &signin->credential))
        grants[which].run(signin);
}

void sim_signin_token(sim_call *call)
{
    sim_params form;
    if (!sim_params_parse(call->request->body, call->request->body_len, &form))
        return;
    sim_signin signin = {.call = call, .form = &form};
    call->secret = true;
    sign_in(&signin);
    sim_params_done(&form);
}

void sim_signin_openid(sim_call *call)
{
    sup_buffer *out = &call->response->body;
    const char *tenant = call->tenant != NULL ? call->tenant->id : call->captured;
    bool shared = sim_permission_has("common organizations consumers", call->captured);
    if (call->tenant == NULL && !shared) {
        sim_errors_aadsts(call->world, call->response, 90002, NULL);
        return;
    }
    char base[300];
    (void)snprintf(base, sizeof base, "%s://%.100s/%.100s", call->request->scheme,
                   call->request->host, tenant);
    sup_buffer_printf(out,
                      "{\"token_endpoint\":\"%s/oauth2/v2.0/token\",\"issuer\":\"%s/v2.0\","
                      "\"authorization_endpoint\":\"%s/oauth2/v2.0/authorize\","
                      "\"device_authorization_endpoint\":\"%s/oauth2/v2.0/devicecode\","
                      "\"msgraph_host\":\"%s\"}",
                      base, base, base, base, call->world->cloud.graph);
}
