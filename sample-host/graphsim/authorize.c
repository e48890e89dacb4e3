/* SPDX-License-Identifier: Apache-2.0
 *
 * Authorization codes with PKCE. Must not know how tokens are encoded. */
#define _GNU_SOURCE
#include "authorize.h"

#include "errors.h"
#include "json.h"
#include "permission.h"
#include "scope.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CODE_LIFETIME_MS 600000
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define VERIFIER_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* An error that may not be sent to the redirect address is a page. */
static void show_error(sim_call *call, int number, const char *text)
{
    call->response->status = 400;
    call->response->content_type = "text/html; charset=utf-8";
    sup_buffer_printf(&call->response->body,
                      "<!DOCTYPE html><html><head><title>Sign in</title></head><body>"
                      "AADSTS%d: %s</body></html>",
                      number, text);
}

static bool is_local(const char *uri)
{
    static const char *const hosts[] = {"http://localhost", "http://127.0.0.1"};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(hosts[i]);
        if (strncmp(uri, hosts[i], len) == 0 && strchr(":/", uri[len]) != NULL)
            return true;
    }
    return false;
}

/* A registered address of a tenant's "redirectUris"; of a local one the port does not count. */
static bool is_registered(const sim_tenant *tenant, const char *uri)
{
    const json_t *list = json_object_get(tenant->facts, "redirectUris");
    if (!json_is_array(list))
        return is_local(uri) ||
               strcmp(uri, "https://login.microsoftonline.com/common/oauth2/nativeclient") == 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one == NULL)
            continue;
        const char *path = is_local(one) ? strchr(one + 7, '/') : NULL;
        const char *asked = is_local(uri) ? strchr(uri + 7, '/') : NULL;
        bool same_path = strcmp(path != NULL ? path : "/", asked != NULL ? asked : "/") == 0;
        if (strcmp(one, uri) == 0 || (is_local(one) && is_local(uri) && same_path))
            return true;
    }
    return false;
}

static void add_encoded(sup_buffer *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    sup_buffer_printf(out, "%s=", name);
    for (; *value != '\0'; value++) {
        if (strchr(VERIFIER_LETTERS, *value) != NULL)
            sup_buffer_add(out, value, 1);
        else
            sup_buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*value);
    }
    sup_buffer_add_str(out, "&");
}

/* Sends the browser back with the pairs, each followed by an ampersand. */
static void redirect(sim_call *call, const char *pairs)
{
    const char *uri = sim_params_get(&call->query, "redirect_uri");
    const char *mode = sim_params_get(&call->query, "response_mode");
    bool fragment = mode != NULL && strcmp(mode, "fragment") == 0;
    const char *mark = fragment ? "#" : strchr(uri, '?') != NULL ? "&" : "?";
    char location[SIM_HTTP_VALUE_SIZE];
    (void)snprintf(location, sizeof location, "%s%s%.*s", uri, mark, (int)strlen(pairs) - 1, pairs);
    call->response->status = 302;
    sim_http_header(call->response, "location", location);
}

static void redirect_error(sim_call *call, int number)
{
    /* The login host's JSON has the right word and text; they travel in the address instead. */
    sim_errors_aadsts(call->world, call->response, number, NULL);
    json_t *error =
        json_loadb(sup_buffer_text(&call->response->body), call->response->body.len, 0, NULL);
    bool declined = number == 65004 || number == 90094;
    sup_buffer pairs;
    sup_buffer_init(&pairs, SIM_HTTP_VALUE_SIZE);
    add_encoded(&pairs, "error",
                declined ? "access_denied" : sim_json_text(error, "error", "server_error"));
    add_encoded(&pairs, "error_description", sim_json_text(error, "error_description", ""));
    add_encoded(&pairs, "state", sim_params_get(&call->query, "state"));
    json_decref(error);
    sim_http_restart(call->response);
    redirect(call, sup_buffer_text(&pairs));
    sup_buffer_done(&pairs);
}

static void post_form(sim_call *call, const char *code)
{
    sup_buffer *out = &call->response->body;
    const char *state = sim_params_get(&call->query, "state");
    call->response->content_type = "text/html; charset=utf-8";
    sup_buffer_printf(out,
                      "<!DOCTYPE html><html><body><form method=\"post\" action=\"%s\"><input "
                      "type=\"hidden\" name=\"code\" value=\"%s\">",
                      sim_params_get(&call->query, "redirect_uri"), code);
    if (state != NULL)
        sup_buffer_printf(out, "<input type=\"hidden\" name=\"state\" value=\"%s\">", state);
    sup_buffer_add_str(out, "</form><script>document.forms[0].submit()</script></body></html>");
}

static void send_code(sim_call *call)
{
    const char *challenge = sim_params_get(&call->query, "code_challenge");
    const char *method = sim_params_get(&call->query, "code_challenge_method");
    const char *mode = sim_params_get(&call->query, "response_mode");
    char id[SUP_GUID_TEXT_LEN + 1];
    sim_flow *flow = sim_flows_add(&call->world->flows, SIM_FLOW_CODE);
    if (flow == NULL)
        return;
    sim_world_new_id(call->world, id);
    (void)snprintf(flow->code, sizeof flow->code, "1.SIM-code-%s", id);
    (void)snprintf(flow->scope, sizeof flow->scope, "%s", sim_params_get(&call->query, "scope"));
    (void)snprintf(flow->redirect, sizeof flow->redirect, "%s",
                   sim_params_get(&call->query, "redirect_uri"));
    (void)snprintf(flow->challenge, sizeof flow->challenge, "%s",
                   challenge != NULL ? challenge : "");
    flow->plain = method == NULL || strcmp(method, "plain") == 0;
    flow->tenant = call->tenant->index;
    flow->expires_ms = sim_world_now(call->world) + CODE_LIFETIME_MS;
    if (mode != NULL && strcmp(mode, "form_post") == 0) {
        post_form(call, flow->code);
        return;
    }
    sup_buffer pairs;
    sup_buffer_init(&pairs, SIM_HTTP_VALUE_SIZE);
    add_encoded(&pairs, "code", flow->code);
    add_encoded(&pairs, "state", sim_params_get(&call->query, "state"));
    redirect(call, sup_buffer_text(&pairs));
    sup_buffer_done(&pairs);
}

/* Application and redirect address, which must be right before anything is sent to the latter. */
static bool may_redirect(sim_call *call)
{
    const char *client = sim_params_get(&call->query, "client_id");
    const char *uri = sim_params_get(&call->query, "redirect_uri");
    call->tenant = sim_signin_tenant(call->world, call->captured, client);
    if (client == NULL || uri == NULL)
        show_error(call, 900144, "client_id and redirect_uri are needed.");
    else if (call->tenant == NULL || strcasecmp(client, call->tenant->client_id) != 0)
        show_error(call, 700016, "The application was not found in the directory.");
    else if (!is_registered(call->tenant, uri) || strlen(uri) >= 512)
        show_error(call, 50011, "The redirect address does not match one of the application.");
    else
        return true;
    return false;
}

void sim_authorize_page(sim_call *call)
{
    if (!may_redirect(call))
        return;
    const char *type = sim_params_get(&call->query, "response_type");
    const char *scope = sim_params_get(&call->query, "scope");
    const char *method = sim_params_get(&call->query, "code_challenge_method");
    int told = (int)call->world->switches.values[SIM_SWITCH_AUTHORIZE_ERROR];
    char audience[128];
    call->secret = true;
    if (told != 0)
        redirect_error(call, told);
    else if (type == NULL || strcmp(type, "code") != 0 || scope == NULL)
        redirect_error(call, 900144);
    else if (method != NULL && strcmp(method, "S256") != 0 && strcmp(method, "plain") != 0)
        redirect_error(call, 90013);
    else if (!sim_scope_read(call, scope, false, audience))
        redirect_error(call, 70011);
    else
        send_code(call);
}

void sim_authorize_admin_consent(sim_call *call)
{
    if (!may_redirect(call))
        return;
    bool granted = call->world->switches.values[SIM_SWITCH_ADMIN_CONSENT] == 0;
    sup_buffer pairs;
    sup_buffer_init(&pairs, SIM_HTTP_VALUE_SIZE);
    if (granted) {
        (void)json_object_set_new(call->tenant->facts, "consented", json_true());
        add_encoded(&pairs, "admin_consent", "True");
        add_encoded(&pairs, "tenant", call->tenant->id);
    } else {
        add_encoded(&pairs, "error", "permission_denied");
        add_encoded(&pairs, "error_description", "The admin canceled the request");
    }
    add_encoded(&pairs, "state", sim_params_get(&call->query, "state"));
    redirect(call, sup_buffer_text(&pairs));
    sup_buffer_done(&pairs);
}

static bool verifier_fits(const sim_flow *flow, const char *verifier)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char text[64];
    if (flow->challenge[0] == '\0')
        return verifier == NULL;
    size_t len = verifier != NULL ? strlen(verifier) : 0;
    if (len < 43 || len > 128 || strspn(verifier, VERIFIER_LETTERS) != len)
        return false;
    if (flow->plain)
        return strcmp(verifier, flow->challenge) == 0;
    (void)crypto_hash_sha256(digest, (const unsigned char *)verifier, len);
    (void)sodium_bin2base64(text, sizeof text, digest, sizeof digest, VARIANT);
    return strcmp(text, flow->challenge) == 0;
}

void sim_authorize_redeem(sim_signin *signin)
{
    sim_call *call = signin->call;
    const char *code = sim_params_get(signin->form, "code");
    const char *uri = sim_params_get(signin->form, "redirect_uri");
    sim_flow *flow = code != NULL ? sim_flows_find(&call->world->flows, SIM_FLOW_CODE, code) : NULL;
    char audience[128];
    if (code == NULL || uri == NULL)
        sim_signin_refuse(signin, 900144, "The fields 'code' and 'redirect_uri' are needed.");
    else if (flow == NULL)
        sim_signin_refuse(signin, 9002313, NULL);
    else if (flow->tenant != call->tenant->index)
        sim_signin_refuse(signin, 700005, NULL);
    else if (flow->used)
        sim_signin_refuse(signin, 54005, NULL);
    else if (flow->expires_ms <= sim_world_now(call->world))
        sim_signin_refuse(signin, 70008, NULL);
    else if (strcmp(uri, flow->redirect) != 0)
        sim_signin_refuse(signin, 50011, NULL);
    else if (!verifier_fits(flow, sim_params_get(signin->form, "code_verifier")))
        sim_signin_refuse(signin, 70000, "The code verifier does not match the code challenge.");
    else if (sim_scope_read(call, flow->scope, false, audience)) {
        flow->used = true;
        signin->fresh = true;
        signin->offline = sim_permission_has(flow->scope, "offline_access");
        signin->open_id = sim_permission_has(flow->scope, "openid");
        sim_signin_grant(signin, false, audience);
    }
}
