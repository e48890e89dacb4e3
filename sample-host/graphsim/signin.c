/* SPDX-License-Identifier: Apache-2.0
 *
 * Grants. A further grant is one more row of the table. Must not know how tokens are encoded. */
#define _GNU_SOURCE
#include "signin.h"

#include "errors.h"
#include "json.h"
#include "permission.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GRAPH_ORIGIN "https://graph.microsoft.com"

static void refuse(sim_call *call, int number, const char *detail)
{
    sim_errors_aadsts(call->world, call->response, number, detail);
}

/* True when one word of a scope is a permission of a resource that is served here; the resource is
 * then in `audience`. Words such as offline_access belong to no resource. */
static bool read_scope_word(const sim_call *call, const char *word, size_t len, char audience[128],
                            bool *out_default)
{
    char own[128];
    const char *origins[2] = {GRAPH_ORIGIN, own};
    (void)snprintf(own, sizeof own, "%s://%.100s", call->request->scheme, call->request->host);
    for (size_t i = 0; i < 2; i++) {
        size_t origin = strlen(origins[i]);
        if (len <= origin + 1 || strncasecmp(word, origins[i], origin) != 0 || word[origin] != '/')
            continue;
        (void)snprintf(audience, 128, "%s", origins[i]);
        *out_default = strncmp(word + origin, "/.default", len - origin) == 0;
        return true;
    }
    return false;
}

static bool is_open_id_word(const char *word, size_t len)
{
    char copy[32];
    if (len >= sizeof copy)
        return false;
    memcpy(copy, word, len);
    copy[len] = '\0';
    return sim_permission_has("openid profile email offline_access", copy);
}

/* Application tokens take exactly one resource with /.default. */
static bool read_scope(const sim_call *call, const char *scope, bool application,
                       char audience[128])
{
    size_t resources = 0;
    while (*scope != '\0') {
        size_t len = strcspn(scope, " ");
        bool is_default = false;
        if (read_scope_word(call, scope, len, audience, &is_default)) {
            resources++;
            if (application && !is_default)
                return false;
        } else if (application || !is_open_id_word(scope, len)) {
            return false;
        }
        scope += len + strspn(scope + len, " ");
    }
    return application ? resources == 1 : resources > 0;
}

static int64_t lifetime_s(const sim_call *call, bool application)
{
    int64_t asked = call->world->switches.values[SIM_SWITCH_TOKEN_LIFETIME_S];
    if (asked > 0)
        return asked;
    if (application)
        return 3599;
    /* Microsoft spreads the lifetime over 60 to 90 minutes. */
    return 3600 + (int64_t)(sim_ids_bits(call->tenant->gen.values,
                                         (uint32_t)call->tenant->refresh_issued, 1001) %
                            1800);
}

static void write_scope(const sim_call *call, sup_buffer *out)
{
    const char *word = call->tenant->scopes;
    sup_buffer_add_str(out, ",\"scope\":\"");
    while (*word != '\0') {
        size_t len = strcspn(word, " ");
        sup_buffer_add_str(out, GRAPH_ORIGIN "/");
        sup_buffer_add(out, word, len);
        sup_buffer_add_str(out, " ");
        word += len + strspn(word + len, " ");
    }
    sup_buffer_add_str(out, GRAPH_ORIGIN "/.default\"");
}

static void grant(sim_call *call, bool application, const char *audience)
{
    const int64_t *switches = call->world->switches.values;
    const char *quote = switches[SIM_SWITCH_EXPIRES_IN_TEXT] != 0 ? "\"" : "";
    int64_t lifetime = lifetime_s(call, application);
    sup_buffer *out = &call->response->body;
    sup_buffer_add_str(out, "{\"token_type\":\"Bearer\"");
    if (!application)
        write_scope(call, out);
    sup_buffer_printf(out, ",\"expires_in\":%s%lld%s,\"ext_expires_in\":%s%lld%s", quote,
                      (long long)lifetime, quote, quote, (long long)lifetime, quote);
    sup_buffer_add_str(out, ",\"access_token\":\"");
    sim_token_write(call->world, call->tenant, application, audience, lifetime, out);
    sup_buffer_add_str(out, "\"");
    if (!application && switches[SIM_SWITCH_OMIT_REFRESH_TOKEN] == 0) {
        sup_buffer_add_str(out, ",\"refresh_token\":\"");
        sim_token_write_refresh(call->tenant, out);
        sup_buffer_add_str(out, "\"");
    }
    sup_buffer_add_str(out, "}");
    sim_http_header(call->response, "cache-control", "no-store, no-cache");
    sim_http_header(call->response, "pragma", "no-cache");
}

static bool secret_fits(sim_call *call, const char *secret)
{
    if (strcmp(secret, call->tenant->client_secret) == 0)
        return true;
    char text[160];
    (void)snprintf(text, sizeof text, "Client secret is wrong for app '%.64s'.",
                   call->tenant->client_id);
    refuse(call, 7000215, text);
    return false;
}

static void refresh(sim_call *call, const sim_params *form)
{
    const char *token = sim_params_get(form, "refresh_token");
    const char *secret = sim_params_get(form, "client_secret");
    const char *scope = sim_params_get(form, "scope");
    char audience[128] = GRAPH_ORIGIN;
    if (token == NULL)
        refuse(call, 90014, "The required field 'refresh_token' is missing.");
    else if (secret != NULL && !secret_fits(call, secret))
        return;
    else if (!sim_token_is_refresh(call->tenant, token))
        refuse(call, 70000, NULL);
    else if (scope != NULL && !read_scope(call, scope, false, audience))
        refuse(call, 70011, NULL);
    else
        grant(call, false, audience);
}

static void client_credentials(sim_call *call, const sim_params *form)
{
    const char *secret = sim_params_get(form, "client_secret");
    const char *scope = sim_params_get(form, "scope");
    char audience[128];
    if (secret == NULL)
        refuse(call, 7000218, NULL);
    else if (!secret_fits(call, secret))
        return;
    else if (scope == NULL)
        refuse(call, 90014, "The required field 'scope' is missing.");
    else if (!read_scope(call, scope, true, audience))
        refuse(call, 70011, NULL);
    else
        grant(call, true, audience);
}

static const struct {
    const char *name;
    void (*run)(sim_call *call, const sim_params *form);
} grants[] = {
    {"refresh_token", refresh},
    {"client_credentials", client_credentials},
};

static void sign_in(sim_call *call, const sim_params *form)
{
    const char *kind = sim_params_get(form, "grant_type");
    const char *client = sim_params_get(form, "client_id");
    char text[512];
    if (kind == NULL) {
        refuse(call, 90014, "The required field 'grant_type' is missing.");
        return;
    }
    if (call->tenant == NULL) {
        bool shared = sim_permission_has("common organizations consumers", call->captured);
        (void)snprintf(text, sizeof text, "Tenant '%s' not found.", call->captured);
        refuse(call, shared ? 9001023 : 90002, shared ? NULL : text);
        return;
    }
    if (client == NULL || strcasecmp(client, call->tenant->client_id) != 0) {
        (void)snprintf(text, sizeof text,
                       "Application with identifier '%.64s' was not found in the directory.",
                       client == NULL ? "" : client);
        refuse(call, client == NULL ? 90014 : 700016, text);
        return;
    }
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++)
        if (strcmp(kind, grants[i].name) == 0) {
            grants[i].run(call, form);
            return;
        }
    refuse(call, 70003, NULL);
}

void sim_signin_token(sim_call *call)
{
    sim_params form;
    if (!sim_params_parse(call->request->body, call->request->body_len, &form))
        return;
    sign_in(call, &form);
    sim_params_done(&form);
}
