/* SPDX-License-Identifier: Apache-2.0
 *
 * The control API's table. Must not be reached through faults, latency or counts. */
#include "control.h"

#include "events.h"
#include "json.h"
#include "number.h"

#include <string.h>

static void answer(sim_call *call, json_t *json)
{
    sim_json_value(&call->response->body, json);
    json_decref(json);
}

static void refuse(sim_call *call, int status, const char *problem)
{
    call->response->status = status;
    answer(call, json_pack("{s:s}", "error", problem));
}

static void requests(sim_call *call)
{
    const char *last = sim_params_get(&call->query, "last");
    uint64_t most = 1000;
    if (last != NULL && !sim_number_read(last, strlen(last), SIM_LOG_SIZE, &most))
        refuse(call, 400, "\"last\" must be a whole number");
    else
        sim_log_write(&call->world->log, (size_t)most, &call->response->body);
}

static void counts(sim_call *call)
{
    sim_world *world = call->world;
    json_t *out = sim_counts_describe(&world->counts);
    json_t *tenants = json_object();
    for (size_t i = 0; i < world->tenant_count; i++)
        (void)json_object_set_new(tenants, world->tenants[i].id,
                                  sim_counts_describe_tenant(&world->counts, i));
    (void)json_object_set_new(out, "tenants", tenants);
    (void)json_object_set_new(out, "audits", json_integer((json_int_t)world->audits.total));
    answer(call, out);
}

static void audits(sim_call *call)
{
    const sim_world *world = call->world;
    const sim_audits *held = &world->audits;
    const char *tenant = sim_params_get(&call->query, "tenant");
    sup_buffer *out = &call->response->body;
    const char *before = "";
    sup_buffer_add_str(out, "{\"value\":[");
    for (size_t i = 0; i < held->count; i++) {
        sim_audit audit;
        sim_audits_get(held, i, &audit);
        if (tenant != NULL && !sim_tenant_is(&world->tenants[audit.tenant], tenant))
            continue;
        sup_buffer_add_str(out, before);
        sim_audits_write(&audit, i + 1, out);
        before = ",";
    }
    sup_buffer_add_str(out, "]}");
}

static void tenants(sim_call *call)
{
    json_t *list = json_array();
    for (size_t i = 0; i < call->world->tenant_count; i++)
        (void)json_array_append_new(list, sim_tenant_describe(&call->world->tenants[i], true));
    answer(call, json_pack("{s:o}", "tenants", list));
}

static void faults(sim_call *call)
{
    answer(call, json_pack("{s:o}", "faults", sim_faults_describe(&call->world->faults)));
}

static void clear_faults(sim_call *call)
{
    sim_faults_clear(&call->world->faults);
    faults(call);
}

static void switches(sim_call *call)
{
    answer(call, sim_switches_describe(&call->world->switches));
}

static void default_switches(sim_call *call)
{
    call->world->switches = call->world->initial;
    switches(call);
}

static void time_now(sim_call *call)
{
    answer(call, json_pack("{s:I, s:I}", "now_ms", (json_int_t)sim_world_now(call->world),
                           "offset_ms", (json_int_t)call->world->clock.offset_ms));
}

static void add_faults(sim_call *call, json_t *body)
{
    char err[256];
    if (sim_faults_add(&call->world->faults, body, err))
        faults(call);
    else
        refuse(call, 400, err);
}

static void set_switches(sim_call *call, json_t *body)
{
    if (sim_switches_apply(&call->world->switches, body))
        switches(call);
    else
        refuse(call, 400, "a switch or its value is unknown");
}

static void advance_time(sim_call *call, json_t *body)
{
    const json_t *step = json_object_get(body, "advance_ms");
    if (!json_is_integer(step)) {
        refuse(call, 400, "\"advance_ms\" must be a whole number");
        return;
    }
    call->world->clock.offset_ms += json_integer_value(step);
    time_now(call);
}

static void events(sim_call *call, json_t *body)
{
    char err[256];
    if (sim_events_apply(call->world, body, err))
        answer(call, json_pack("{s:b}", "done", 1));
    else
        refuse(call, 400, err);
}

static void reset(sim_call *call, json_t *body)
{
    sim_world *world = call->world;
    (void)body;
    sim_counts_reset(&world->counts);
    sim_log_reset(&world->log);
    sim_audits_reset(&world->audits);
    sim_faults_clear(&world->faults);
    sim_throttle_reset(&world->throttle);
    for (size_t i = 0; i < world->tenant_count; i++)
        sim_tenant_forget_reads(&world->tenants[i]);
    answer(call, json_pack("{s:b}", "done", 1));
}

static const struct {
    const char *path;
    const char *method;
    void (*show)(sim_call *call);
    void (*change)(sim_call *call, json_t *body);
} table[] = {
    {"/_sim/requests", "GET", requests, NULL},
    {"/_sim/counts", "GET", counts, NULL},
    {"/_sim/audits", "GET", audits, NULL},
    {"/_sim/tenants", "GET", tenants, NULL},
    {"/_sim/faults", "GET", faults, NULL},
    {"/_sim/faults", "POST", NULL, add_faults},
    {"/_sim/faults", "DELETE", clear_faults, NULL},
    {"/_sim/switches", "GET", switches, NULL},
    {"/_sim/switches", "POST", NULL, set_switches},
    {"/_sim/time", "GET", time_now, NULL},
    {"/_sim/time", "POST", NULL, advance_time},
    {"/_sim/events", "POST", NULL, events},
    {"/_sim/switches", "DELETE", default_switches, NULL},
    {"/_sim/reset", "POST", NULL, reset},
};

static void change(sim_call *call, size_t which)
{
    const sim_request *request = call->request;
    json_t *body = request->body_len == 0
                       ? json_object()
                       : json_loadb(request->body, request->body_len, JSON_DECODE_ANY, NULL);
    if (body == NULL)
        refuse(call, 400, "the body is not JSON");
    else
        table[which].change(call, body);
    json_decref(body);
}

void sim_control_handle(sim_call *call)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(call->path, table[i].path) != 0 ||
            strcmp(call->request->method, table[i].method) != 0)
            continue;
        if (table[i].show != NULL)
            table[i].show(call);
        else
            change(call, i);
        return;
    }
    refuse(call, 404, "there is no such control route");
}
