/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes or replaces the connection of one tenant. Must not know the network nor the ABI. */
#include "usecase/connect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/assertion.h"
#include "graph/endpoints.h"
#include "graph/origin.h"
#include "state/credential.h"
#include "state/held.h"
#include "usecase/connect_parts.h"

#define NAME_SIZE BKEY_CONNECT_NAME_SIZE

typedef bkey_connecting connecting;

static bkey_err refuse(connecting *c, uint32_t reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bkey_err refuse(connecting *c, uint32_t reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->detail, BKEY_CONNECT_DETAIL_SIZE, format, args);
    va_end(args);
    return bkey_fail(reason);
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bkey_err check_tenant(connecting *c)
{
    const bkey_connect_request *request = c->request;
    if (!is_given(request->tenant) ||
        !sup_guid_parse(request->tenant, strlen(request->tenant), &c->connection.tenant) ||
        sup_guid_is_zero(&c->connection.tenant))
        return refuse(c, BKEY_E_PARAMETER,
                      "The tenant must be given as its id, a GUID; Microsoft shows it on the "
                      "overview page of Entra.");
    return bkey_ok();
}

static bkey_err begin_change(connecting *c)
{
    bkey_err err = bkey_busy_change_begin(c->request->busy, &c->connection.tenant);
    c->changing = bkey_is_ok(err);
    return err;
}

/* Everything that this request does not give stays as it was. */
static bkey_err load_before(connecting *c)
{
    const bkey_connect_request *request = c->request;
    bkey_place place = bkey_connection_place(request->vault, request->call);
    bkey_err err = bkey_connection_get(&place, &c->connection.tenant, &c->before);
    if (bkey_is(err, BKEY_E_NOT_CONNECTED)) {
        c->connection.created_ms = request->ports->wall_ms(request->ports->self);
        return bkey_ok();
    }
    if (!bkey_is_ok(err))
        return err;
    c->replaced = true;
    c->connection = c->before;
    return bkey_ok();
}

static bool is_customer(const connecting *c)
{
    return bkey_connection_is_customer(&c->connection);
}

static bkey_err load_partner(connecting *c)
{
    const bkey_connect_request *request = c->request;
    const bkey_place place = bkey_connection_place(request->vault, request->call);
    bkey_err err = bkey_connection_get(&place, &c->connection.partner, &c->partner);
    if (bkey_is(err, BKEY_E_NOT_CONNECTED))
        return refuse(c, BKEY_E_PARAMETER,
                      "The partner is not connected: sign in with its tenant first.");
    if (bkey_is_ok(err) && bkey_connection_is_customer(&c->partner))
        return refuse(c, BKEY_E_PARAMETER, "A customer of a partner cannot be a partner itself.");
    return err;
}

/* A customer uses its partner's app and sign-in, whatever it had before. */
static bkey_err check_partner(connecting *c)
{
    const bkey_connect_request *request = c->request;
    const char *partner = request->partner;
    if (!is_given(partner)) {
        if (is_customer(c) && (is_given(request->grant) || request->secret != NULL))
            memset(&c->connection.partner, 0, sizeof c->connection.partner);
        return is_customer(c) ? load_partner(c) : bkey_ok();
    }
    if (!sup_guid_parse(partner, strlen(partner), &c->connection.partner) ||
        sup_guid_is_zero(&c->connection.partner))
        return refuse(c, BKEY_E_PARAMETER, "The partner must be given as its tenant id, a GUID.");
    if (is_customer(c) && (is_given(request->grant) || request->secret != NULL))
        return refuse(c, BKEY_E_PARAMETER,
                      "A customer uses the partner's sign-in: give neither grant nor secret.");
    return is_customer(c) ? load_partner(c) : bkey_ok();
}

static bkey_err check_client(connecting *c)
{
    const char *client = c->request->client_id;
    sup_guid id;
    if (is_customer(c)) {
        memcpy(c->connection.client_id, c->partner.client_id, sizeof c->connection.client_id);
        return bkey_ok();
    }
    if (!is_given(client) && c->replaced)
        return bkey_ok();
    if (!is_given(client) || !sup_guid_parse(client, strlen(client), &id))
        return refuse(c, BKEY_E_PARAMETER,
                      "The client id must be the application id of the app registration, a GUID.");
    sup_guid_format(&id, c->connection.client_id);
    return bkey_ok();
}

static bkey_err put_url(connecting *c, const char *what, const char *url, char *out)
{
    size_t len = strlen(url);
    if (len + 1 > BKEY_URL_SIZE || !bkey_origin_is_base(url, len))
        return refuse(c, BKEY_E_URL,
                      "The %s address must be https://HOST with an optional port and nothing "
                      "behind it; plain http is allowed to this machine only.",
                      what);
    if (url[len - 1] == '/')
        len--;
    memcpy(out, url, len);
    out[len] = '\0';
    return bkey_ok();
}

static bkey_err check_urls(connecting *c)
{
    const bkey_connect_request *request = c->request;
    bkey_connection *to = &c->connection;
    const bkey_cloud *cloud =
        bkey_endpoints_cloud(is_given(request->cloud) ? request->cloud : "global");
    if (is_customer(c)) {
        memcpy(to->login_url, c->partner.login_url, sizeof to->login_url);
        memcpy(to->graph_url, c->partner.graph_url, sizeof to->graph_url);
        return bkey_ok();
    }
    if (cloud == NULL)
        return refuse(c, BKEY_E_PARAMETER,
                      "The cloud must be one of global, usgov, dod and china.");
    const bool keep = c->replaced && !is_given(request->cloud);
    bkey_err err = bkey_ok();
    if (is_given(request->login_url) || !keep)
        err = put_url(c, "login",
                      is_given(request->login_url) ? request->login_url : cloud->login_url,
                      to->login_url);
    if (bkey_is_ok(err) && (is_given(request->graph_url) || !keep))
        err = put_url(c, "Graph",
                      is_given(request->graph_url) ? request->graph_url : cloud->graph_url,
                      to->graph_url);
    return err;
}

static bkey_err check_accepted(connecting *c, bool application)
{
    const bkey_ports *ports = c->request->ports;
    char accepted[32];
    bkey_err err = ports->setting_text(ports->self, "accepted_grants", accepted, sizeof accepted);
    if (!bkey_is_ok(err))
        return err;
    if (strcmp(accepted, "both") == 0 ||
        strcmp(accepted, application ? "application" : "delegated") == 0)
        return bkey_ok();
    return refuse(c, BKEY_E_PERM_TYPE,
                  "This way to sign in gives %s permissions, but the setting accepted_grants is "
                  "\"%s\": an administrator of this host can change it.",
                  application ? "application" : "delegated", accepted);
}

typedef struct grant_name {
    const char *name;
    bkey_grant grant;
    bkey_signin_way way;
} grant_name;

static const grant_name *find_grant(const connecting *c)
{
    static const grant_name names[] = {{"refresh", BKEY_GRANT_REFRESH, (bkey_signin_way)0},
                                       {"secret", BKEY_GRANT_SECRET, (bkey_signin_way)0},
                                       {"cert", BKEY_GRANT_CERT, (bkey_signin_way)0},
                                       {"device", BKEY_GRANT_REFRESH, BKEY_SIGNIN_DEVICE},
                                       {"code", BKEY_GRANT_REFRESH, BKEY_SIGNIN_CODE}};
    const char *given = c->request->grant;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const bool fits = is_given(given) ? strcmp(given, names[i].name) == 0
                                          : names[i].grant == (c->replaced ? c->before.grant
                                                                           : BKEY_GRANT_REFRESH);
        if (fits)
            return &names[i];
    }
    return NULL;
}

static bkey_err check_redirect(connecting *c)
{
    const char *redirect = c->request->redirect;
    if (!is_given(redirect))
        return refuse(c, BKEY_E_PARAMETER,
                      "Signing in by a web page needs the address that leads back to this host: "
                      "`serve` must be running, or the address be given.");
    const bool local = strncmp(redirect, "http://localhost:", 17) == 0 ||
                       strncmp(redirect, "http://localhost/", 17) == 0;
    if ((!local && strncmp(redirect, "https://", 8) != 0) ||
        strlen(redirect) >= BKEY_SIGNIN_TEXT_SIZE || strpbrk(redirect, " \"<>#") != NULL)
        return refuse(c, BKEY_E_URL,
                      "The address that leads back must begin with https:// or "
                      "http://localhost, and be registered with the app.");
    return bkey_ok();
}

static bkey_err check_grant(connecting *c)
{
    if (is_customer(c)) {
        c->connection.grant = c->partner.grant;
        return bkey_ok();
    }
    const grant_name *found = find_grant(c);
    if (found == NULL)
        return refuse(c, BKEY_E_PARAMETER,
                      "The grant must be device, code, refresh, secret or cert.");
    c->connection.grant = found->grant;
    c->way = found->way;
    bkey_err err = check_accepted(c, bkey_connection_is_application(&c->connection));
    return bkey_is_ok(err) && c->way == BKEY_SIGNIN_CODE ? check_redirect(c) : err;
}

static bkey_err add_organization(connecting *c, const char *id_or_name)
{
    const bkey_ports *ports = c->request->ports;
    bkey_connection *to = &c->connection;
    char id[NAME_SIZE];
    char name[NAME_SIZE];
    bkey_err err =
        ports->organization(ports->self, c->request->call, id_or_name, id, name, NAME_SIZE);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return refuse(c, BKEY_E_PARAMETER, "There is no organization \"%.100s\".", id_or_name);
    if (!bkey_is_ok(err))
        return err;
    if (bkey_connection_has(to, id))
        return bkey_ok();
    if (to->organization_count == BKEY_CONNECTION_ORGANIZATIONS_MAX || strlen(id) >= BKEY_ID_SIZE)
        return refuse(c, BKEY_E_LIMIT, "A connection can write to at most %u organizations.",
                      BKEY_CONNECTION_ORGANIZATIONS_MAX);
    memcpy(to->organization_ids[to->organization_count], id, strlen(id) + 1);
    memcpy(c->names[to->organization_count], name, strlen(name) + 1);
    to->organization_count++;
    return bkey_ok();
}

static bkey_err count_held(void *context, const bkey_held_key *key)
{
    size_t *count = context;
    (void)key;
    (*count)++;
    return bkey_ok();
}

/* Keys in an organization that the connection no longer names would be out of every tick's sight:
 * never updated, and fetched a second time. */
static bkey_err check_dropped(connecting *c)
{
    const bkey_connect_request *request = c->request;
    bkey_place place = {request->vault, request->call, c->connection.tenant, ""};
    for (uint32_t i = 0; c->replaced && i < c->before.organization_count; i++) {
        size_t held = 0;
        place.organization_id = c->before.organization_ids[i];
        if (bkey_connection_has(&c->connection, place.organization_id))
            continue;
        if (bkey_busy_has_tick(request->busy, &c->connection.tenant))
            return refuse(c, BKEY_E_UNIT_BUSY,
                          "A sync of this connection is running; try again when it has ended.");
        bkey_err err = bkey_held_scan(&place, count_held, &held);
        if (!bkey_is_ok(err))
            return err;
        if (held > 0)
            return refuse(c, BKEY_E_PARAMETER,
                          "Organization %s still holds %zu keys of this tenant: name it too, or "
                          "rematch its devices first.",
                          place.organization_id, held);
    }
    return bkey_ok();
}

static bkey_err check_organizations(connecting *c)
{
    const bkey_connect_request *request = c->request;
    const bool is_partner = sup_guid_equal(&c->connection.partner, &c->connection.tenant);
    if (request->organization_count == 0 && is_partner && c->replaced)
        return bkey_ok();
    if (request->organization_count == 0 && !is_partner)
        return refuse(c, BKEY_E_PARAMETER,
                      "Name at least one organization that the keys may be written to.");
    c->connection.organization_count = 0;
    for (size_t i = 0; i < request->organization_count; i++) {
        bkey_err err = add_organization(c, request->organizations[i]);
        if (!bkey_is_ok(err))
            return err;
    }
    return check_dropped(c);
}

static bkey_err check_certificate(connecting *c, bkey_secret *pem)
{
    const bkey_ports *ports = c->request->ports;
    const char *problem = NULL;
    bkey_err err = bkey_assertion_check(pem, &c->cert_ends_ms, &problem);
    if (problem != NULL)
        return refuse(c, BKEY_E_PARAMETER, "%s", problem);
    if (bkey_is_ok(err) && c->cert_ends_ms <= ports->wall_ms(ports->self))
        return refuse(c, BKEY_E_PARAMETER, "The certificate has expired: make a new one.");
    return err;
}

static size_t length_of(bkey_secret *secret)
{
    return secret != NULL ? bkey_secret_len(secret) : 0;
}

/* The app's own beside a refresh token; with a sign-in that is yet to come it is the secret. */
static bkey_err check_app(connecting *c)
{
    bkey_secret *app = c->request->app;
    if (app == NULL)
        return bkey_ok();
    if (is_customer(c) || c->way != 0 || c->connection.grant != BKEY_GRANT_REFRESH)
        return refuse(
            c, BKEY_E_PARAMETER,
            "The app's own secret goes with a person's sign-in: device, code or refresh.");
    if (length_of(app) == 0)
        return refuse(c, BKEY_E_PARAMETER,
                      "The app's own secret is needed too: give it behind the refresh token, on "
                      "the next line of standard input.");
    /* The next refresh token may be longer, and must find room beside it. */
    if (length_of(app) > BKEY_CREDENTIAL_MAX / 2 ||
        length_of(app) + length_of(c->request->secret) > BKEY_CREDENTIAL_MAX)
        return refuse(c, BKEY_E_LIMIT, "The credential is longer than any that Microsoft gives.");
    return bkey_assertion_is_pem(app) ? check_certificate(c, app) : bkey_ok();
}

/* Beside a person's sign-in an app may have to prove itself too. */
static bkey_err check_secret(connecting *c)
{
    static const char *const wanted[] = {[BKEY_GRANT_REFRESH] = "refresh token",
                                         [BKEY_GRANT_SECRET] = "client secret",
                                         [BKEY_GRANT_CERT] = "certificate with its private key"};
    bkey_secret *secret = c->request->secret;
    const bool missing = length_of(secret) == 0;
    if (missing && (is_customer(c) || c->way != 0))
        return check_app(c);
    if (missing)
        return refuse(c, BKEY_E_PARAMETER, "A %s is needed; give it on standard input.",
                      wanted[c->connection.grant]);
    if (bkey_secret_len(secret) > BKEY_CREDENTIAL_MAX / 2 &&
        (c->way != 0 || bkey_secret_len(secret) > BKEY_CREDENTIAL_MAX))
        return refuse(c, BKEY_E_LIMIT, "The credential is longer than any that Microsoft gives.");
    if (c->connection.grant == BKEY_GRANT_CERT || (c->way != 0 && bkey_assertion_is_pem(secret)))
        return check_certificate(c, secret);
    return check_app(c);
}

static bkey_err write_unless_checked(connecting *c)
{
    return c->request->check_only ? bkey_ok() : bkey_connect_write(c);
}

bkey_err bkey_connect_run(const bkey_connect_request *request, sup_buffer *out_json,
                          char out_detail[BKEY_CONNECT_DETAIL_SIZE])
{
    static bkey_err (*const checks[])(connecting * c) = {
        check_tenant, begin_change, load_before,         check_partner, check_client,
        check_urls,   check_grant,  check_organizations, check_secret,  write_unless_checked,
    };
    bkey_err err = bkey_ok();
    out_detail[0] = '\0';
    connecting *c = calloc(1, sizeof *c);
    if (c == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    c->request = request;
    c->detail = out_detail;
    for (size_t i = 0; bkey_is_ok(err) && i < sizeof checks / sizeof checks[0]; i++)
        err = checks[i](c);
    if (bkey_is_ok(err))
        err = bkey_connect_result(c, out_json);
    if (c->changing)
        bkey_busy_change_end(request->busy, &c->connection.tenant);
    free(c);
    return err;
}
