/* SPDX-License-Identifier: Apache-2.0
 *
 * Error bodies. Must not decide when one is due. */
#include "errors.h"

#include "json.h"
#include "number.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define GRAPH_TYPE                                                                                 \
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;"        \
    "charset=utf-8"
#define CAE_FIRST_S INT64_C(1790000000)

static const struct {
    const char *name;
    int status;
    const char *code;
    const char *message;
    const char *header;
    const char *value;
} named[] = {
    {"throttled", 429, "TooManyRequests", "Please retry again later.", "retry-after", "10"},
    {"no_intune", 400, "BadRequest", "Request not applicable to target tenant.", NULL, NULL},
    {"bitlocker_403", 403, "authorization_error",
     "Failed to authorize, token doesn't have the required permissions.", NULL, NULL},
    {"directory_403", 403, "Authorization_RequestDenied",
     "Insufficient privileges to complete the operation.", NULL, NULL},
    {"intune_401", 401, "UnknownError",
     "{\"ErrorCode\":\"Forbidden\",\"Message\":\"{\\\"_version\\\": 3, \\\"Message\\\": \\\"An "
     "error has occurred - Operation ID (for customer support): "
     "00000000-0000-0000-0000-000000000000\\\"}\",\"Target\":null,\"Details\":null,"
     "\"InnerError\":null}",
     NULL, NULL},
    {"expired", 401, "InvalidAuthenticationToken",
     "Lifetime validation failed, the token is expired.", NULL, NULL},
    {"unavailable", 503, "serviceNotAvailable", "The service is not available.", NULL, NULL},
    {"gateway_timeout", 504, "UnknownError", "The gateway timed out.", NULL, NULL},
    {"bandwidth", 509, "activityLimitReached", "The bandwidth limit is exceeded.", NULL, NULL},
    {"throttled_old", 429, "UnknownError", "", "retry-after", "10"},
    {"identity_not_found", 401, "Authorization_IdentityNotFound",
     "The identity of the calling application could not be established.", NULL, NULL},
    {"page_token", 400, "Directory_ExpiredPageToken", "The page token has expired.", NULL, NULL},
    {"intune_license", 403, "Forbidden",
     "{\"_version\": 3, \"Message\": \"AppLifecycle_2210: the tenant has no licence - Operation ID "
     "(for customer support): 00000000-0000-0000-0000-000000000000\"}",
     NULL, NULL},
    {"intune_rbac", 403, "UnknownError",
     "{\"ErrorCode\":\"Forbidden\",\"Message\":\"{\\\"_version\\\": 3, \\\"Message\\\": "
     "\\\"User is not authorized to perform this operation - Operation ID (for customer support): "
     "00000000-0000-0000-0000-000000000000\\\"}\",\"Target\":null,\"Details\":null,"
     "\"InnerError\":null}",
     NULL, NULL},
    {"internal", 500, "InternalServerError", "An internal server error occurred.", NULL, NULL},
};

void sim_errors_graph(sim_world *world, sim_response *response, int status, const char *code,
                      const char *message)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    char date[20];
    sim_world_new_id(world, id);
    sim_clock_format(sim_world_now(world), date);
    sim_http_restart(response);
    response->status = status;
    response->content_type = GRAPH_TYPE;
    sup_buffer_add_str(&response->body, "{\"error\":{\"code\":");
    sim_json_string(&response->body, code);
    sup_buffer_add_str(&response->body, ",\"message\":");
    sim_json_string(&response->body, message);
    sup_buffer_printf(&response->body,
                      ",\"innerError\":{\"date\":\"%s\",\"request-id\":\"%s\","
                      "\"client-request-id\":\"%s\"}}}",
                      date, id, id);
}

void sim_errors_challenge(sim_world *world, sim_response *response, int64_t nbf_s)
{
    char claims[128];
    char packed[200];
    char bearer[600];
    char both[800];
    int64_t style = world->switches.values[SIM_SWITCH_CHALLENGE_STYLE];
    int len = snprintf(claims, sizeof claims,
                       "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"%lld\"}}}",
                       (long long)nbf_s);
    (void)sodium_bin2base64(packed, sizeof packed, (const unsigned char *)claims, (size_t)len,
                            sodium_base64_VARIANT_ORIGINAL);
    const char *quote = style == SIM_CHALLENGE_UNQUOTED ? "" : "\"";
    (void)snprintf(bearer, sizeof bearer,
                   "Bearer realm=\"\", authorization_uri=%shttps://%s/common/oauth2/authorize%s, "
                   "client_id=\"00000003-0000-0000-c000-000000000000\", "
                   "error=\"insufficient_claims\", claims=\"%s\"",
                   quote, world->cloud.login, quote, packed);
    sim_errors_graph(world, response, 401, "InvalidAuthenticationToken",
                     "Continuous access evaluation resulted in challenge with result: "
                     "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp");
    if (style == SIM_CHALLENGE_POP_FIRST) {
        (void)snprintf(both, sizeof both, "PoP realm=\"\", nonce=\"eyJub25jZSI6MX0=\", %s", bearer);
        sim_http_header(response, "www-authenticate", both);
        return;
    }
    if (style == SIM_CHALLENGE_TWO_LINES)
        sim_http_header(response, "www-authenticate", "PoP realm=\"\", nonce=\"eyJub25jZSI6MX0=\"");
    sim_http_header(response, "www-authenticate", bearer);
}

void sim_errors_retry_after(sim_world *world, sim_response *response, int64_t seconds)
{
    char text[SIM_CLOCK_HTTP_SIZE];
    int64_t style = world->switches.values[SIM_SWITCH_RETRY_AFTER_STYLE];
    sim_http_drop(response, "retry-after");
    if (style == SIM_RETRY_AFTER_ABSENT)
        return;
    if (style == SIM_RETRY_AFTER_DATE)
        sim_clock_http(sim_world_now(world) + seconds * 1000, text);
    else
        (void)snprintf(text, sizeof text, "%lld", (long long)seconds);
    sim_http_header(response, "retry-after", text);
}

static bool write_named(sim_world *world, sim_response *response, const char *name)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(name, named[i].name) != 0)
            continue;
        sim_errors_graph(world, response, named[i].status, named[i].code, named[i].message);
        if (named[i].header != NULL)
            sim_http_header(response, named[i].header, named[i].value);
        return true;
    }
    return false;
}

void sim_errors_intune_scope(sim_world *world, sim_response *response, const char *scope)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    if (world->switches.values[SIM_SWITCH_INTUNE_FORBIDDEN_AS_401] != 0) {
        (void)write_named(world, response, "intune_401");
        return;
    }
    sim_world_new_id(world, id);
    sup_buffer text;
    sup_buffer_init(&text, 4096);
    sup_buffer_printf(
        &text,
        "{\r\n  \"_version\": 3,\r\n  \"Message\": \"Application may not perform this operation. "
        "One of these scopes is needed: %s - Operation ID (for customer support): "
        "00000000-0000-0000-0000-000000000000 - Activity ID: %s - Url: "
        "https://fef.sim01.manage.microsoft.com/DeviceFE/managedDevices\",\r\n  "
        "\"CustomApiErrorPhrase\": \"\",\r\n  \"RetryAfter\": null,\r\n  \"ErrorSourceService\": "
        "\"\",\r\n  \"HttpHeaders\": \"{}\"\r\n}",
        scope, id);
    sim_errors_graph(world, response, 403, "Forbidden", sup_buffer_text(&text));
    sup_buffer_done(&text);
}

bool sim_errors_named(sim_world *world, sim_response *response, const char *name)
{
    if (strncmp(name, "token:", 6) == 0) {
        uint64_t number = 0;
        bool good = sim_number_read(name + 6, strlen(name + 6), 99999999, &number);
        if (good)
            sim_errors_aadsts(world, response, (int)number, NULL);
        return good;
    }
    if (strcmp(name, "cae") == 0) {
        sim_errors_challenge(world, response, CAE_FIRST_S);
        return true;
    }
    if (strcmp(name, "intune_403") == 0) {
        sim_errors_intune_scope(world, response, "DeviceManagementManagedDevices.Read.All");
        return true;
    }
    return write_named(world, response, name);
}
