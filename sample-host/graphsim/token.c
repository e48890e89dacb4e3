/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens. Must not know the token endpoint's form nor which call needs which permission. */
#define _GNU_SOURCE
#include "token.h"

#include "json.h"
#include "number.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAPH_APP_ID "00000003-0000-0000-c000-000000000000"
#define GRAPH_ORIGIN "https://graph.microsoft.com"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define REFRESH_PREFIX "1.SIM-refresh-"
#define TOKEN_MAX 16384

/* Directory roles that may read BitLocker keys, Helpdesk Administrator first. */
static const char *const reader_roles[] = {
    "729827e3-9c14-49f7-bb1b-9608f156bbb8", "62e90394-69f5-4237-9190-012177145e10",
    "7698a772-787b-4ac8-901f-60d6b08affd2", "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "194ae4cb-b126-40b2-bd5b-6091b380977d", "5d6b6bb7-de71-4623-b4af-96380a352509",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
};

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

static void add_user_claims(json_t *claims, const sim_tenant *tenant)
{
    json_t *wids = json_object_get(tenant->facts, "wids");
    (void)json_object_set_new(claims, "scp", json_string(tenant->scopes));
    (void)json_object_set_new(
        claims, "unique_name",
        json_string(sim_json_text(tenant->facts, "userPrincipalName", "tech@harborbyte.example")));
    if (json_is_array(wids))
        (void)json_object_set(claims, "wids", wids);
    else
        (void)json_object_set_new(claims, "wids", json_pack("[s]", reader_roles[0]));
}

static json_t *make_claims(sim_world *world, const sim_tenant *tenant, bool application,
                           const char *audience, int64_t lifetime_s)
{
    char issuer[128];
    char uti[SUP_GUID_TEXT_LEN + 1];
    sim_world_new_id(world, uti);
    (void)snprintf(issuer, sizeof issuer, "https://sts.windows.net/%.64s/", tenant->id);
    json_int_t now = sim_world_now(world) / 1000;
    json_t *claims =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "aud", audience, "iss",
                  issuer, "iat", now, "nbf", now, "exp", now + lifetime_s, "appid",
                  tenant->client_id, "appidacr", application ? "1" : "0", "idtyp",
                  application ? "app" : "user", "tid", tenant->id, "uti", uti, "ver", "1.0");
    if (!application)
        add_user_claims(claims, tenant);
    else if (tenant->roles[0] != '\0')
        (void)json_object_set_new(claims, "roles", split_words(tenant->roles));
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

void sim_token_write(sim_world *world, const sim_tenant *tenant, bool application,
                     const char *audience, int64_t lifetime_s, sup_buffer *out)
{
    json_t *claims = make_claims(world, tenant, application, audience, lifetime_s);
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

static bool has_reader_role(const json_t *claims)
{
    size_t i;
    json_t *role;
    json_array_foreach(json_object_get(claims, "wids"), i,
                       role) for (size_t k = 0; k < sizeof reader_roles / sizeof reader_roles[0];
                                  k++) if (json_is_string(role) &&
                                           strcmp(json_string_value(role), reader_roles[k]) ==
                                               0) return true;
    return false;
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
    if (strcmp(claims->audience, GRAPH_ORIGIN) != 0 &&
        strcmp(claims->audience, GRAPH_APP_ID) != 0 && strcmp(claims->audience, origin) != 0)
        return SIM_TOKEN_WRONG_AUDIENCE;
    if (claims->expires_s <= sim_world_now(world) / 1000)
        return SIM_TOKEN_EXPIRED;
    return claims->tenant == NULL ? SIM_TOKEN_UNKNOWN_TENANT : SIM_TOKEN_GOOD;
}

/* NULL when it is no token of ours or memory ran out. */
static const sim_claims *parse(sim_world *world, const char *token)
{
    json_t *json = decode_payload(token);
    const sim_claims *kept = NULL;
    if (json_is_object(json)) {
        bool application = strcmp(sim_json_text(json, "idtyp", "user"), "app") == 0;
        sim_claims claims = {.text = strdup(token),
                             .permissions = join_permissions(json, application),
                             .tenant = sim_world_tenant(world, sim_json_text(json, "tid", "")),
                             .expires_s = sim_json_number(json, "exp", 0),
                             .application = application,
                             .role = has_reader_role(json)};
        (void)snprintf(claims.app_id, sizeof claims.app_id, "%s", sim_json_text(json, "appid", ""));
        (void)snprintf(claims.audience, sizeof claims.audience, "%s",
                       sim_json_text(json, "aud", ""));
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

static void make_refresh(const sim_tenant *tenant, uint64_t number, char out[128])
{
    uint64_t mark = sim_ids_bits(tenant->gen.values, (uint32_t)number, 1000);
    (void)snprintf(out, 128, REFRESH_PREFIX "%zu-%" PRIu64 "-%016" PRIx64, tenant->index, number,
                   mark);
}

void sim_token_write_refresh(sim_tenant *tenant, sup_buffer *out)
{
    char text[128];
    make_refresh(tenant, ++tenant->refresh_issued, text);
    sup_buffer_add_str(out, text);
}

bool sim_token_is_refresh(const sim_tenant *tenant, const char *text)
{
    if (strcmp(text, tenant->refresh_token) == 0)
        return true;
    size_t prefix = sizeof REFRESH_PREFIX - 1;
    const char *at = strncmp(text, REFRESH_PREFIX, prefix) == 0 ? strchr(text + prefix, '-') : NULL;
    uint64_t number = 0;
    char expected[128];
    if (at == NULL ||
        !sim_number_read(at + 1, strcspn(at + 1, "-"), tenant->refresh_issued, &number))
        return false;
    make_refresh(tenant, number, expected);
    return number > 0 && strcmp(text, expected) == 0;
}
