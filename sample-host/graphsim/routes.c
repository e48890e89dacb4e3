/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of routes and the order of checks: route, token, fault, permission, handler. A further
 * endpoint is one more row. Must not know what handlers do. */
#define _GNU_SOURCE
#include "routes.h"

#include "control.h"
#include "errors.h"
#include "managed_devices.h"
#include "misbehave.h"
#include "permission.h"
#include "recovery_keys.h"
#include "signin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GRAPH_TYPE                                                                                 \
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;"        \
    "charset=utf-8"
#define DIAGNOSTIC                                                                                 \
    "{\"ServerInfo\":{\"DataCenter\":\"Simulated\",\"Slice\":\"E\",\"Ring\":\"5\",\"ScaleUnit\":"  \
    "\"001\",\"RoleInstance\":\"SIM01\"}}"

/* One {} in a path stands for one segment. Graph's paths come without their version. */
static const struct {
    sim_route route;
    bool graph;
    const char *method;
    const char *path;
    void (*handle)(sim_call *call);
} table[] = {
    {SIM_ROUTE_RECOVERY_KEY_GET_METADATA, true, "GET",
     "/informationProtection/bitlocker/recoveryKeys/{}", sim_recovery_keys_get},
    {SIM_ROUTE_RECOVERY_KEYS_LIST, true, "GET", "/informationProtection/bitlocker/recoveryKeys",
     sim_recovery_keys_list},
    {SIM_ROUTE_MANAGED_DEVICES, true, "GET", "/deviceManagement/managedDevices",
     sim_managed_devices_list},
    {SIM_ROUTE_TOKEN, false, "POST", "/{}/oauth2/v2.0/token", sim_signin_token},
};

#define ROUTES (sizeof table / sizeof table[0])

bool sim_routes_is_control(const char *target)
{
    return strncmp(target, "/_sim/", 6) == 0;
}

static bool path_fits(const char *pattern, const char *path, char *captured, size_t size)
{
    const char *hole = strstr(pattern, "{}");
    if (hole == NULL)
        return strcasecmp(pattern, path) == 0;
    size_t before = (size_t)(hole - pattern);
    if (strncasecmp(pattern, path, before) != 0)
        return false;
    size_t len = strcspn(path + before, "/");
    if (len == 0 || len >= size || strcasecmp(hole + 2, path + before + len) != 0)
        return false;
    memcpy(captured, path + before, len);
    captured[len] = '\0';
    return true;
}

/* The row of the table, or ROUTES. */
static size_t find_route(sim_call *call)
{
    const char *path = call->path;
    bool graph = strncasecmp(path, "/v1.0/", 6) == 0 || strncasecmp(path, "/beta/", 6) == 0;
    if (graph) {
        (void)snprintf(call->version, sizeof call->version, "%.4s", path + 1);
        path += 5;
    }
    for (size_t i = 0; i < ROUTES; i++)
        if (table[i].graph == graph && strcmp(table[i].method, call->request->method) == 0 &&
            path_fits(table[i].path, path, call->captured, sizeof call->captured)) {
            call->route = table[i].route;
            if (call->route == SIM_ROUTE_RECOVERY_KEY_GET_METADATA &&
                sim_recovery_keys_wants_secret(&call->query))
                call->route = SIM_ROUTE_RECOVERY_KEY_GET_SECRET;
            return i;
        }
    return ROUTES;
}

static void identify(sim_call *call, size_t row)
{
    char origin[128];
    if (row == ROUTES)
        return;
    if (!table[row].graph) {
        call->tenant = sim_world_tenant(call->world, call->captured);
        return;
    }
    (void)snprintf(origin, sizeof origin, "%s://%.100s", call->request->scheme,
                   call->request->host);
    call->token = sim_token_read(call->world, call->request->authorization, origin, &call->claims);
    call->tenant = call->claims != NULL ? call->claims->tenant : NULL;
}

static void run(sim_call *call, size_t row)
{
    if (row == ROUTES) {
        sim_errors_graph(call->world, call->response, 404, "NotFound",
                         "Unsupported method or endpoint.");
    } else if (table[row].graph && call->token != SIM_TOKEN_GOOD) {
        sim_errors_graph(call->world, call->response, 401, "InvalidAuthenticationToken",
                         sim_token_message(call->token));
        sim_http_header(call->response, "www-authenticate",
                        "Bearer realm=\"\", error=\"invalid_token\"");
    } else if (!table[row].graph || sim_permission_check(call)) {
        if (table[row].graph)
            call->response->content_type = GRAPH_TYPE;
        table[row].handle(call);
    }
}

static void add_headers(sim_call *call)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    const char *asked = call->request->client_request_id;
    sim_world_new_id(call->world, id);
    sim_http_header(call->response, "request-id", id);
    sim_http_header(call->response, "client-request-id", asked != NULL ? asked : id);
    sim_http_header(call->response, "x-ms-ags-diagnostic", DIAGNOSTIC);
    sim_http_header(call->response, "odata-version", "4.0");
    sim_http_header(call->response, "cache-control", "no-cache");
}

static void record(sim_call *call, const sim_fault *fault)
{
    const sim_response *response = call->response;
    int status = response->ending == SIM_ENDING_RESET ? 0 : response->status;
    size_t tenant = call->tenant != NULL ? call->tenant->index : SIZE_MAX;
    sim_log_entry entry = {.when_ms = sim_world_now(call->world),
                           .route = call->route,
                           .status = status,
                           .bytes = response->body.len,
                           .tenant = call->tenant != NULL ? call->tenant->id : NULL,
                           .fault = fault != NULL ? sim_faults_word(fault) : NULL};
    (void)snprintf(entry.method, sizeof entry.method, "%s", call->request->method);
    (void)snprintf(entry.target, sizeof entry.target, "%s", call->request->target);
    sim_log_add(&call->world->log, &entry);
    sim_counts_request(&call->world->counts, call->route, tenant, status, response->body.len);
}

static void answer_cloud(sim_call *call)
{
    size_t row = find_route(call);
    identify(call, row);
    const sim_fault *fault =
        sim_faults_take(&call->world->faults, sim_route_name(call->route),
                        call->tenant != NULL ? call->tenant->id : NULL, call->request->target);
    call->world->counts.faults += fault != NULL;
    if (fault == NULL || !sim_misbehave_instead(call, fault))
        run(call, row);
    if (fault != NULL)
        sim_misbehave_after(call, fault);
    if (call->version[0] != '\0')
        add_headers(call);
    call->response->delay_ms += (uint64_t)call->world->switches.values[SIM_SWITCH_LATENCY_MS];
    record(call, fault);
}

/* The path is compared as sent: no real route needs percent-encoding. */
void sim_routes_handle(sim_world *world, const sim_request *request, sim_response *response)
{
    sim_call call = {.world = world,
                     .request = request,
                     .response = response,
                     .route = SIM_ROUTE_UNKNOWN,
                     .token = SIM_TOKEN_MISSING};
    const char *query = strchr(request->target, '?');
    (void)snprintf(call.path, sizeof call.path, "%.*s", (int)strcspn(request->target, "?"),
                   request->target);
    if (!sim_params_parse(query != NULL ? query + 1 : "", query != NULL ? strlen(query + 1) : 0,
                          &call.query))
        return;
    if (sim_routes_is_control(request->target))
        sim_control_handle(&call);
    else
        answer_cloud(&call);
    sim_params_done(&call.query);
}
