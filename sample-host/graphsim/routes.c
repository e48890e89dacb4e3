/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of checks: route, token, fault, budget, permission, handler. Must not know what
 * handlers do. */
#define _GNU_SOURCE
#include "routes.h"

#include "control.h"
#include "errors.h"
#include "gzip.h"
#include "misbehave.h"
#include "objects.h"
#include "paths.h"
#include "permission.h"
#include "rotation.h"

#include <stdio.h>
#include <string.h>

#define PARTNER_ORIGIN "https://api.partnercenter.microsoft.com"
#define GRAPH_TYPE                                                                                 \
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;"        \
    "charset=utf-8"
#define DIAGNOSTIC                                                                                 \
    "{\"ServerInfo\":{\"DataCenter\":\"Simulated\",\"Slice\":\"E\",\"Ring\":\"5\",\"ScaleUnit\":"  \
    "\"001\",\"RoleInstance\":\"SIM01\"}}"

bool sim_routes_is_control(const char *target)
{
    return strncmp(target, "/_sim/", 6) == 0;
}

static void identify(sim_call *call, const sim_path *path)
{
    char origin[128];
    if (path == NULL)
        return;
    if (path->area == SIM_AREA_LOGIN) {
        call->tenant = sim_world_tenant(call->world, call->captured);
        return;
    }
    (void)snprintf(origin, sizeof origin, "%s://%.100s", call->request->scheme,
                   call->request->host);
    call->token =
        sim_token_read(call->world, call->request->authorization,
                       path->area == SIM_AREA_PARTNER ? PARTNER_ORIGIN : origin, &call->claims);
    call->tenant = call->claims != NULL ? call->claims->tenant : NULL;
}

static bool token_is_good(sim_call *call)
{
    const sim_claims *claims = call->claims;
    if (call->token != SIM_TOKEN_GOOD || call->tenant == NULL) {
        sim_errors_graph(call->world, call->response, 401, "InvalidAuthenticationToken",
                         sim_token_message(call->token));
        sim_http_header(call->response, "www-authenticate",
                        "Bearer realm=\"\", error=\"invalid_token\"");
        return false;
    }
    if (!claims->cae || claims->asked_s >= call->tenant->challenge_s)
        return true;
    sim_errors_challenge(call->world, call->response, call->tenant->challenge_s);
    return false;
}

static void add_directory_headers(sim_call *call, uint64_t units, const sim_verdict *verdict)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%u", (unsigned)units);
    sim_http_header(call->response, "x-ms-resource-unit", text);
    if (verdict->share >= 0.8) {
        (void)snprintf(text, sizeof text, "%.1f", verdict->share > 1.8 ? 1.8 : verdict->share);
        sim_http_header(call->response, "x-ms-throttle-limit-percentage", text);
    }
    if (verdict->reason == NULL)
        return;
    (void)snprintf(text, sizeof text, "Tenant_Application/ReadWrite/%s/%s", call->claims->app_id,
                   call->tenant->id);
    sim_http_header(call->response, "x-ms-throttle-scope", text);
    sim_http_header(call->response, "x-ms-throttle-information", verdict->reason);
}

/* False, and a 429 in the answer, when a budget is spent. */
static bool pay(sim_call *call, uint64_t *out_units, sim_verdict *out)
{
    sim_world *world = call->world;
    const char *top = sim_params_get(&call->query, "$top");
    *out_units = sim_throttle_units(call->route, sim_params_get(&call->query, "$select") != NULL,
                                    sim_params_get(&call->query, "$expand") != NULL,
                                    top != NULL && strlen(top) <= 2 && strcmp(top, "20") < 0);
    sim_charge charge = {.route = call->route,
                         .write = strcmp(call->request->method, "GET") != 0,
                         .units = *out_units,
                         .users = sim_rows_end(&call->tenant->users),
                         .tenant = call->tenant->index,
                         .app = call->claims->app_id,
                         .now_ms = sim_world_now(world)};
    *out = sim_throttle_charge(&world->throttle, &world->switches, &charge);
    if (out->allowed)
        return true;
    (void)sim_errors_named(world, call->response, "throttled");
    sim_errors_retry_after(world, call->response, out->retry_after_s);
    return false;
}

static void run_graph(sim_call *call, const sim_path *path)
{
    sim_verdict verdict = {.allowed = true};
    uint64_t units = 0;
    if (!token_is_good(call))
        return;
    sim_objects_purge(call->world, call->tenant);
    sim_rotation_settle(call->world, call->tenant);
    if (path->area == SIM_AREA_BETA && strcmp(call->version, "v1.0") == 0) {
        sim_errors_graph(call->world, call->response, call->request->batched ? 405 : 400,
                         "BadRequest", "Resource not found for the segment.");
        return;
    }
    bool paid = call->route == SIM_ROUTE_BATCH || pay(call, &units, &verdict);
    if (paid && sim_permission_check(call)) {
        call->response->content_type = GRAPH_TYPE;
        path->handle(call);
    }
    if (units > 0)
        add_directory_headers(call, units, &verdict);
}

static void run(sim_call *call, const sim_path *path)
{
    if (path == NULL)
        sim_errors_graph(call->world, call->response, 404, "NotFound",
                         "Unsupported method or endpoint.");
    else if (path->area == SIM_AREA_LOGIN ||
             (path->area == SIM_AREA_PARTNER && token_is_good(call)))
        path->handle(call);
    else if (path->area != SIM_AREA_PARTNER)
        run_graph(call, path);
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
                           .version = call->request->version,
                           .tenant = call->tenant != NULL ? call->tenant->id : NULL,
                           .fault = fault != NULL ? sim_faults_word(fault) : NULL};
    (void)snprintf(entry.method, sizeof entry.method, "%s", call->request->method);
    /* What a browser carries in the address is not for a log. */
    size_t shown = call->route == SIM_ROUTE_AUTHORIZE ? strcspn(call->request->target, "?")
                                                      : strlen(call->request->target);
    (void)snprintf(entry.target, sizeof entry.target, "%.*s", (int)shown, call->request->target);
    sim_log_add(&call->world->log, &entry);
    sim_counts_request(&call->world->counts, call->route, tenant, status, response->body.len);
}

static void answer_cloud(sim_call *call)
{
    sim_world *world = call->world;
    const sim_path *path = sim_paths_find(call);
    identify(call, path);
    const sim_fault *rule =
        sim_faults_take(&world->faults, sim_route_name(call->route),
                        call->tenant != NULL ? call->tenant->id : NULL, call->request->target);
    /* A batch runs further requests meanwhile, whose control may change the list of rules. */
    sim_fault fault = rule != NULL ? *rule : (sim_fault){0};
    world->counts.faults += rule != NULL;
    if (rule == NULL || !sim_misbehave_instead(call, &fault))
        run(call, path);
    if (rule != NULL)
        sim_misbehave_after(call, &fault);
    if (call->version[0] != '\0')
        add_headers(call);
    call->response->chunked = world->switches.values[SIM_SWITCH_CHUNKED] != 0;
    if (!call->request->batched)
        call->response->delay_ms += (uint64_t)world->switches.values[SIM_SWITCH_LATENCY_MS];
    record(call, rule != NULL ? &fault : NULL);
    if (!call->request->batched && !call->secret && world->switches.values[SIM_SWITCH_GZIP] != 0)
        sim_gzip_apply(call->request, call->response);
}

static bool start(sim_call *call, sim_world *world, const sim_request *request,
                  sim_response *response)
{
    *call = (sim_call){.world = world,
                       .request = request,
                       .response = response,
                       .route = SIM_ROUTE_UNKNOWN,
                       .token = SIM_TOKEN_MISSING};
    const char *query = strchr(request->target, '?');
    (void)snprintf(call->path, sizeof call->path, "%.*s", (int)strcspn(request->target, "?"),
                   request->target);
    return sim_params_parse(query != NULL ? query + 1 : "", query != NULL ? strlen(query + 1) : 0,
                            &call->query);
}

void sim_routes_handle(sim_world *world, const sim_request *request, sim_response *response)
{
    sim_call call;
    if (!start(&call, world, request, response))
        return;
    if (sim_routes_is_control(request->target))
        sim_control_handle(&call);
    else
        answer_cloud(&call);
    sim_params_done(&call.query);
}

void sim_routes_handle_item(sim_world *world, const sim_request *request, sim_response *response)
{
    sim_call call;
    if (!start(&call, world, request, response))
        return;
    answer_cloud(&call);
    sim_params_done(&call.query);
}
