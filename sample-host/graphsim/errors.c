/* SPDX-License-Identifier: Apache-2.0
 *
 * Error bodies. Must not decide when one is due. */
#include "errors.h"

#include "json.h"
#include "number.h"

#include <string.h>

#define GRAPH_TYPE                                                                                 \
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;"        \
    "charset=utf-8"
#define CAE_CHALLENGE                                                                              \
    "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/"      \
    "authorize\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2"  \
    "VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzkwMDAwMDAwIn19fQ==\""

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
    {"cae", 401, "InvalidAuthenticationToken",
     "Continuous access evaluation resulted in challenge with result: InteractionRequired and "
     "code: TokenIssuedBeforeRevocationTimestamp",
     "www-authenticate", CAE_CHALLENGE},
    {"unavailable", 503, "serviceNotAvailable", "The service is not available.", NULL, NULL},
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

void sim_errors_intune_scope(sim_world *world, sim_response *response, const char *scope)
{
    char id[SUP_GUID_TEXT_LEN + 1];
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
    if (strcmp(name, "intune_403") == 0) {
        sim_errors_intune_scope(world, response, "DeviceManagementManagedDevices.Read.All");
        return true;
    }
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
