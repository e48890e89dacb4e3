/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes or replaces the connection of one tenant. Must not know the network nor the ABI. */
#include "usecase/connect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "graph/endpoints.h"
#include "graph/origin.h"
#include "state/connection.h"
#include "state/credential.h"
#include "state/held.h"
#include "usecase/batch.h"

#define NAME_SIZE 1024u

typedef struct connecting {
    const bkey_connect_request *request;
    char *detail;
    bool replaced;
    bool changing; /* ticks of the tenant wait for us */
    bkey_connection connection;
    bkey_connection before; /* what was stored, when replaced */
    char names[BKEY_CONNECTION_ORGANIZATIONS_MAX][NAME_SIZE];
} connecting;

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

static bkey_err check_client(connecting *c)
{
    const char *client = c->request->client_id;
    sup_guid id;
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
                  "A %s gives %s permissions, but the setting accepted_grants is \"%s\": an "
                  "administrator of this host can change it.",
                  application ? "client secret" : "refresh token",
                  application ? "application" : "delegated", accepted);
}

static bkey_err check_grant(connecting *c)
{
    const char *grant = c->request->grant;
    if (!is_given(grant))
        grant = c->replaced && c->before.grant == BKEY_GRANT_SECRET ? "secret" : "refresh";
    if (strcmp(grant, "device") == 0 || strcmp(grant, "code") == 0 || strcmp(grant, "cert") == 0)
        return refuse(c, BKEY_E_PARAMETER,
                      "Sign-in by \"%s\" is not offered by this version; refresh and secret are.",
                      grant);
    if (strcmp(grant, "refresh") != 0 && strcmp(grant, "secret") != 0)
        return refuse(c, BKEY_E_PARAMETER, "The grant must be refresh or secret.");
    c->connection.grant = strcmp(grant, "secret") == 0 ? BKEY_GRANT_SECRET : BKEY_GRANT_REFRESH;
    return check_accepted(c, c->connection.grant == BKEY_GRANT_SECRET);
}

static bool has_organization(const bkey_connection *connection, const char *id)
{
    for (uint32_t i = 0; i < connection->organization_count; i++) {
        if (strcmp(connection->organization_ids[i], id) == 0)
            return true;
    }
    return false;
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
    if (has_organization(to, id))
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
        if (has_organization(&c->connection, place.organization_id))
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
    if (request->organization_count == 0)
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

static bkey_err check_secret(connecting *c)
{
    if (c->request->secret == NULL || bkey_secret_len(c->request->secret) == 0)
        return refuse(c, BKEY_E_PARAMETER, "A %s is needed; give it on standard input.",
                      c->connection.grant == BKEY_GRANT_SECRET ? "client secret" : "refresh token");
    if (bkey_secret_len(c->request->secret) > BKEY_CREDENTIAL_MAX)
        return refuse(c, BKEY_E_LIMIT, "The credential is longer than any that Microsoft gives.");
    return bkey_ok();
}

static bkey_err seal_credential(connecting *c, bkey_sealed *out_sealed)
{
    const bkey_connect_request *request = c->request;
    bkey_place place = {request->vault, request->call, c->connection.tenant, ""};
    bkey_credential old;
    uint64_t revision = 0;
    bkey_err err = bkey_vault_ensure(&place);
    if (!bkey_is_ok(err))
        return err;
    err = bkey_credential_get(&place, &old);
    if (bkey_is_ok(err)) {
        revision = old.revision;
        bkey_credential_done(&old);
    } else if (!bkey_is(err, BKEY_E_NO_STATE)) {
        return err;
    }
    return bkey_credential_seal(&place, c->connection.grant, request->secret, revision, out_sealed);
}

static bkey_err write_rows(connecting *c)
{
    const bkey_connect_request *request = c->request;
    bkey_place place = bkey_connection_place(request->vault, request->call);
    bkey_sealed sealed[2];
    bkey_batch batch;
    memset(sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_init(&batch, request->ports, request->call, false);
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = bkey_connection_seal(&place, &c->connection, &sealed[0]);
    if (bkey_is_ok(err))
        err = seal_credential(c, &sealed[1]);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&batch, &sealed[0]);
        bkey_batch_put(&batch, &sealed[1]);
        err = bkey_batch_apply(&batch);
    }
    bkey_sealed_done(&sealed[1]);
    bkey_sealed_done(&sealed[0]);
    bkey_batch_done(&batch);
    return err;
}

static bkey_err write_result(const connecting *c, sup_buffer *out_json)
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    bkey_json_builder builder;
    sup_guid_format(&c->connection.tenant, tenant);
    bkey_json_builder_init(&builder);
    bkey_json_put_text(&builder, builder.root, "tenant", tenant);
    bkey_json *list = bkey_json_put_array(&builder, builder.root, "organizations");
    for (uint32_t i = 0; i < c->connection.organization_count; i++)
        bkey_json_add_text(&builder, list, c->names[i]);
    bkey_json_put_text(&builder, builder.root, "grant",
                       c->connection.grant == BKEY_GRANT_SECRET ? "secret" : "refresh");
    bkey_json_put_bool(&builder, builder.root, "replaced", c->replaced);
    bkey_err err = bkey_json_builder_write(&builder, out_json);
    bkey_json_builder_done(&builder);
    return err;
}

bkey_err bkey_connect_run(const bkey_connect_request *request, sup_buffer *out_json,
                          char out_detail[BKEY_CONNECT_DETAIL_SIZE])
{
    static bkey_err (*const checks[])(connecting * c) = {
        check_tenant, begin_change,        load_before,  check_client, check_urls,
        check_grant,  check_organizations, check_secret, write_rows,
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
        err = write_result(c, out_json);
    if (c->changing)
        bkey_busy_change_end(request->busy, &c->connection.tenant);
    free(c);
    return err;
}
