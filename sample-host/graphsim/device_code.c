/* SPDX-License-Identifier: Apache-2.0
 *
 * Device codes on the virtual clock. Must not know how tokens are encoded. */
#define _GNU_SOURCE
#include "device_code.h"

#include "errors.h"
#include "permission.h"
#include "scope.h"

#include <stdio.h>
#include <string.h>

#define CODE_LETTERS "BCDFGHJKLMNPQRSTVWXZ23456789"

/* Codes are long, as Microsoft's are. */
static void make_codes(sim_world *world, sim_flow *flow)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    sim_world_new_id(world, id);
    uint64_t bits = sim_ids_bits(world->id_key, world->id_sequence, 1);
    for (size_t i = 0; i < 9; i++, bits /= sizeof CODE_LETTERS - 1)
        flow->user_code[i] = CODE_LETTERS[bits % (sizeof CODE_LETTERS - 1)];
    (void)snprintf(flow->code, sizeof flow->code, "HAQABIQEAAAD%s", id);
    size_t len = strlen(flow->code);
    memset(flow->code + len, 'A', 300 - len);
    flow->code[300] = '\0';
}

static bool allowed(sim_call *call, const sim_params *form)
{
    const char *client = sim_params_get(form, "client_id");
    const char *scope = sim_params_get(form, "scope");
    char audience[128];
    int number = 0;
    call->tenant = sim_signin_tenant(call->world, call->captured, client);
    if (client == NULL || scope == NULL)
        number = 900144;
    else if (sim_permission_has("common consumers", call->captured) &&
             call->world->switches.values[SIM_SWITCH_DEVICE_COMMON_REFUSED] != 0)
        number = 90133;
    else if (call->tenant == NULL)
        number =
            sim_permission_has("common organizations consumers", call->captured) ? 700016 : 90002;
    else if (strcasecmp(client, call->tenant->client_id) != 0)
        number = 700016;
    else if (!sim_scope_read(call, scope, false, audience))
        number = 70011;
    if (number != 0)
        sim_errors_aadsts(call->world, call->response, number, NULL);
    return number == 0;
}

static void start(sim_call *call, const sim_params *form)
{
    sim_world *world = call->world;
    const int64_t *switches = world->switches.values;
    sim_flow *flow = sim_flows_add(&world->flows, SIM_FLOW_DEVICE);
    if (flow == NULL)
        return;
    make_codes(world, flow);
    (void)snprintf(flow->scope, sizeof flow->scope, "%s", sim_params_get(form, "scope"));
    flow->tenant = call->tenant->index;
    flow->interval_s = switches[SIM_SWITCH_DEVICE_INTERVAL_S];
    flow->pending = switches[SIM_SWITCH_DEVICE_PENDING];
    flow->result = (int)switches[SIM_SWITCH_DEVICE_RESULT];
    int64_t lifetime = switches[SIM_SWITCH_DEVICE_EXPIRES_S];
    flow->expires_ms = sim_world_now(world) + lifetime * 1000;
    sup_buffer_printf(&call->response->body,
                      "{\"user_code\":\"%s\",\"device_code\":\"%s\",\"verification_uri\":\"%s\","
                      "\"expires_in\":%lld,\"interval\":%lld,\"message\":\"Open %s and type "
                      "%s.\"}",
                      flow->user_code, flow->code, world->cloud.device, (long long)lifetime,
                      (long long)flow->interval_s, world->cloud.device, flow->user_code);
}

void sim_device_code_start(sim_call *call)
{
    sim_params form;
    if (!sim_params_parse(call->request->body, call->request->body_len, &form))
        return;
    call->secret = true;
    if (allowed(call, &form))
        start(call, &form);
    sim_params_done(&form);
}

static void say(const sim_signin *signin, const char *error, const char *text)
{
    signin->call->response->status = 400;
    sup_buffer_printf(&signin->call->response->body,
                      "{\"error\":\"%s\",\"error_description\":\"%s\"}", error, text);
}

/* True when the poll came before its time; each such one makes the interval longer. */
static bool too_early(const sim_signin *signin, sim_flow *flow)
{
    const sim_world *world = signin->call->world;
    int64_t now = sim_world_now(world);
    bool early = flow->last_poll_ms != 0 && now - flow->last_poll_ms < flow->interval_s * 1000 &&
                 world->switches.values[SIM_SWITCH_DEVICE_SLOW_DOWN] != 0;
    flow->last_poll_ms = now;
    if (early)
        flow->interval_s += 5;
    return early;
}

static void finish(sim_signin *signin, sim_flow *flow)
{
    char audience[128];
    switch (flow->result) {
    case SIM_DEVICE_DECLINE:
        say(signin, "authorization_declined", "The user refused the request.");
        return;
    case SIM_DEVICE_EXPIRE:
        sim_signin_refuse(signin, 70019, NULL);
        return;
    case SIM_DEVICE_BLOCKED:
        sim_signin_refuse(signin, 53003, NULL);
        return;
    default:
        break;
    }
    flow->used = true;
    signin->fresh = true;
    signin->offline = sim_permission_has(flow->scope, "offline_access");
    signin->open_id = sim_permission_has(flow->scope, "openid");
    if (sim_scope_read(signin->call, flow->scope, false, audience))
        sim_signin_grant(signin, false, audience);
}

void sim_device_code_poll(sim_signin *signin)
{
    sim_call *call = signin->call;
    const char *code = sim_params_get(signin->form, "device_code");
    sim_flow *flow =
        code != NULL ? sim_flows_find(&call->world->flows, SIM_FLOW_DEVICE, code) : NULL;
    if (code == NULL)
        sim_signin_refuse(signin, 900144, "The required field 'device_code' is missing.");
    else if (flow == NULL || strcmp(flow->code, code) != 0 || flow->tenant != call->tenant->index)
        sim_signin_refuse(signin, 70018, NULL);
    else if (flow->used)
        sim_signin_refuse(signin, 54005, NULL);
    else if (flow->expires_ms <= sim_world_now(call->world))
        sim_signin_refuse(signin, 70019, NULL);
    else if (too_early(signin, flow))
        say(signin, "slow_down", "Polling too fast.");
    else if (flow->pending > 0) {
        flow->pending--;
        sim_signin_refuse(signin, 70016, NULL);
    } else {
        finish(signin, flow);
    }
}
