/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens. Must not know the token endpoint's form nor which call needs which permission. */
#define _GNU_SOURCE
#include "token.h"

#include "json.h"
#include "number.h"
#include "permission.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAPH_APP_ID "00000003-0000-0000-c000-000000000000"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define REFRESH_PREFIX "1.SIM-refresh-"
#define TOKEN_MAX 16384

#define HELPDESK "729827e3-9c14-49f7-bb1b-9608f156bbb8"
#define REFRESH_LIFETIME_S (INT64_C(90) * 86400)

static json_t *split_words(const char *text)
{
    json_t *list = json_array();
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        (void)json_array_append_new(list, json_stringn(text, len));
        text += len + strspn(text + len, " ");
    }
    return list;
}

sim_token_facts sim_token_own(const sim_tenant *tenant, bool application, const char *audience)
{
    const json_t *wids = json_object_get(tenant->facts, "wids");
    return (sim_token_facts){.tenant = tenant,
                             .home = tenant,
                             .app_id = tenant->client_id,
                             .application = application,
                             .credential = application ? 1 : 0,
                             .permissions = application ? tenant->roles : tenant->scopes,
                             .wids = json_is_array(wids) ? wids : NULL,
                             .audience = audience,
                             .lifetime_s = 3599};
}

static void set_text(json_t *claims, const char *name, const char *text)
{
    (void)json_object_set_new(claims, name, json_string(text));
}

static void add_user_claims(json_t *claims, const sim_token_facts *facts)
{
    set_text(claims, "scp", facts->permissions);
    set_text(claims, "unique_name", facts->home->user_name);
    set_text(claims, "upn", facts->home->user_name);
    set_text(claims, "oid", facts->home->user_id);
    (void)json_object_set_new(claims, "wids",
                              facts->wids != NULL ? json_deep_copy(facts->wids)
                                                  : json_pack("[s]", HELPDESK));
}

static json_t *make_claims(sim_world *world, const sim_token_facts *facts)
{
    static const char *const credentials[] = {"0", "1", "2"};
    char issuer[128];
    char uti[SUP_GUID_TEXT_LEN + 1];
    sim_world_new_id(world, uti);
    (void)snprintf(issuer, sizeof issuer, "https://sts.windows.net/%.64s/", facts->tenant->id);
    json_int_t now = sim_world_now(world) / 1000;
    json_t *claims = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "aud", facts->audience, "iss",
        issuer, "iat", now, "nbf", now, "exp", now + facts->lifetime_s, "appid", facts->app_id,
        "appidacr", credentials[facts->credential], "idtyp", facts->application ? "app" : "user",
        "tid", facts->tenant->id, "uti", uti, "ver", "1.0");
    if (!facts->application)
        add_user_claims(claims, facts);
    else if (facts->permissions[0] != '\0')
        (void)json_object_set_new(claims, "roles", split_words(facts->permissions));
    if (facts->cae)
        (void)json_object_set_new(claims, "xms_cc", json_pack("[s]", "cp1"));
    if (facts->asked_s != 0)
        (void)json_object_set_new(claims, "sim_asked_nbf", json_integer(facts->asked_s));
    return claims;
}

static void add_base64(sup_buffer *out, const char *text)
{
    size_t len = strlen(text);
    size_t size = sodium_base64_encoded_len(len, VARIANT);
    char *encoded = malloc(size);
    if (encoded == NULL)
        return;
    (void)sodium_bin2base64(encoded, size, (const unsigned char *)text, len, VARIANT);
    sup_buffer_add_str(out, encoded);
    free(encoded);
}

void sim_token_write(sim_world *world, const sim_token_facts *facts, sup_buffer *out)
{
    json_t *claims = make_claims(world, facts);
    char *text = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    add_base64(out, "{\"typ\":\"JWT\",\"alg\":\"none\"}");
    sup_buffer_add_str(out, ".");
    add_base64(out, text == NULL ? "" : text);
    sup_buffer_add_str(out, ".SIM");
    free(text);
}

static json_t *decode_payload(const char *token)
{
    const char *start = strchr(token, '.');
    const char *end = start == NULL ? NULL : strchr(start + 1, '.');
    if (end == NULL || end - token > TOKEN_MAX || strcmp(end, ".SIM") != 0)
        return NULL;
    unsigned char payload[TOKEN_MAX];
    size_t len = 0;
    if (sodium_base642bin(payload, sizeof payload, start + 1, (size_t)(end - start - 1), NULL, &len,
                          NULL, VARIANT) != 0)
        return NULL;
    return json_loadb((const char *)payload, len, JSON_REJECT_DUPLICATES, NULL);
}

static char *join_permissions(const json_t *claims, bool application)
{
    sup_buffer text;
    sup_buffer_init(&text, 65536);
    size_t i;
    json_t *role;
    if (!application)
        sup_buffer_add_str(&text, sim_json_text(claims, "scp", ""));
    else
        json_array_foreach(json_object_get(claims, "roles"), i, role) sup_buffer_printf(
            &text, "%s%s", i > 0 ? " " : "", json_is_string(role) ? json_string_value(role) : "");
    sup_buffer_add_str(&text, "");
    return sup_buffer_take(&text);
}

static sim_token_state judge(const sim_world *world, const sim_claims *claims, const char *origin)
{
    char graph[128];
    (void)snprintf(graph, sizeof graph, "https://%s", world->cloud.graph);
    if (strcmp(claims->audience, graph) != 0 && strcmp(claims->audience, GRAPH_APP_ID) != 0 &&
        strcmp(claims->audience, origin) != 0)
        return SIM_TOKEN_WRONG_AUDIENCE;
    if (claims->expires_s <= sim_world_now(world) / 1000)
        return SIM_TOKEN_EXPIRED;
    return claims->tenant == NULL ? SIM_TOKEN_UNKNOWN_TENANT : SIM_TOKEN_GOOD;
}

static void copy_claim(const json_t *json, const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s", sim_json_text(json, name, ""));
}

/* NULL when it is no token of ours or memory ran out. */
static const sim_claims *parse(sim_world *world, const char *token)
{
    json_t *json = decode_payload(token);
    const sim_claims *kept = NULL;
    if (json_is_object(json)) {
        bool application = strcmp(sim_json_text(json, "idtyp", "user"), "app") == 0;
        uint32_t roles = sim_permission_roles(json_object_get(json, "wids"));
        sim_claims claims = {.text = strdup(token),
                             .permissions = join_permissions(json, application),
                             .tenant = sim_world_tenant(world, sim_json_text(json, "tid", "")),
                             .expires_s = sim_json_number(json, "exp", 0),
                             .application = application,
                             .roles = roles,
                             .role = sim_permission_reads_keys(roles),
                             .cae = json_array_size(json_object_get(json, "xms_cc")) > 0,
                             .asked_s = sim_json_number(json, "sim_asked_nbf", 0)};
        copy_claim(json, "appid", claims.app_id, sizeof claims.app_id);
        copy_claim(json, "aud", claims.audience, sizeof claims.audience);
        copy_claim(json, "oid", claims.user_id, sizeof claims.user_id);
        copy_claim(json, "upn", claims.user_name, sizeof claims.user_name);
        kept = sim_token_cache_put(&world->tokens, &claims);
    }
    json_decref(json);
    return kept == NULL || kept->text == NULL || kept->permissions == NULL ? NULL : kept;
}

sim_token_state sim_token_read(sim_world *world, const char *authorization, const char *origin,
                               const sim_claims **out)
{
    if (authorization == NULL || strncmp(authorization, "Bearer ", 7) != 0)
        return SIM_TOKEN_MISSING;
    const sim_claims *claims = sim_token_cache_find(&world->tokens, authorization + 7);
    if (claims == NULL)
        claims = parse(world, authorization + 7);
    if (claims == NULL)
        return SIM_TOKEN_MALFORMED;
    sim_token_state state = judge(world, claims, origin);
    if (state == SIM_TOKEN_GOOD)
        *out = claims;
    return state;
}

const char *sim_token_message(sim_token_state state)
{
    static const char *const messages[SIM_TOKEN_STATE_COUNT] = {
        [SIM_TOKEN_GOOD] = "",
        [SIM_TOKEN_MISSING] = "Access token is empty.",
        [SIM_TOKEN_MALFORMED] = "CompactToken parsing failed with error code: 80049217",
        [SIM_TOKEN_EXPIRED] = "Lifetime validation failed, the token is expired.",
        [SIM_TOKEN_WRONG_AUDIENCE] = "Access token validation failure. Invalid audience.",
        [SIM_TOKEN_UNKNOWN_TENANT] = "Access token validation failure. Invalid issuer.",
    };
    return messages[state];
}

/* The time stands in the token, so that none needs to be remembered. */
static void make_refresh(const sim_tenant *tenant, uint64_t number, uint64_t issued_s,
                         char out[128])
{
    uint64_t mark = sim_ids_bits(tenant->gen.values, (uint32_t)(number ^ issued_s), 1000);
    (void)snprintf(out, 128, REFRESH_PREFIX "%zu-%" PRIu64 "-%" PRIu64 "-%016" PRIx64,
                   tenant->index, number, issued_s, mark);
}

void sim_token_write_refresh(sim_world *world, sim_tenant *tenant, sup_buffer *out)
{
    char text[128];
    make_refresh(tenant, ++tenant->refresh_issued, (uint64_t)(sim_world_now(world) / 1000), text);
    sup_buffer_add_str(out, text);
    int64_t size = world->switches.values[SIM_SWITCH_REFRESH_TOKEN_BYTES];
    for (int64_t len = (int64_t)strlen(text); len < size; len++)
        sup_buffer_add_str(out, len == (int64_t)strlen(text) ? "." : "A");
}

static bool read_refresh(const char *text, const char *end, uint64_t most, uint64_t *out_number,
                         uint64_t *out_issued)
{
    const char *at = memchr(text, '-', (size_t)(end - text));
    if (at == NULL || !sim_number_read(at + 1, strcspn(at + 1, "-"), most, out_number))
        return false;
    at = strchr(at + 1, '-');
    return at != NULL && sim_number_read(at + 1, strcspn(at + 1, "-"), UINT32_MAX, out_issued);
}

sim_refresh_state sim_token_refresh_state(const sim_world *world, const sim_tenant *tenant,
                                          const char *text)
{
    char expected[128];
    uint64_t number = 0;
    uint64_t issued = 0;
    if (strcmp(text, tenant->refresh_token) == 0)
        return tenant->first_is_revoked ? SIM_REFRESH_REVOKED : SIM_REFRESH_GOOD;
    size_t prefix = sizeof REFRESH_PREFIX - 1;
    size_t len = prefix + strcspn(text + (strlen(text) < prefix ? strlen(text) : prefix), ".");
    if (strncmp(text, REFRESH_PREFIX, prefix) != 0 ||
        !read_refresh(text + prefix, text + strlen(text), tenant->refresh_issued, &number, &issued))
        return SIM_REFRESH_UNKNOWN;
    make_refresh(tenant, number, issued, expected);
    if (number == 0 || strlen(expected) != len || memcmp(text, expected, len) != 0)
        return SIM_REFRESH_UNKNOWN;
    if (number <= tenant->revoked)
        return SIM_REFRESH_REVOKED;
    bool old = sim_world_now(world) / 1000 - (int64_t)issued > REFRESH_LIFETIME_S;
    return old ? SIM_REFRESH_UNUSED_TOO_LONG : SIM_REFRESH_GOOD;
}
