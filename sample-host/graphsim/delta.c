/* SPDX-License-Identifier: Apache-2.0
 *
 * Delta over the tenant's list of changes. A token is "d<changes seen>.<seconds>", a page token of
 * the first round "p<position>.<changes seen then>". Must not know what changes a device. */
#define _GNU_SOURCE
#include "delta.h"

#include "errors.h"
#include "json.h"
#include "kind.h"
#include "number.h"
#include "odata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKEN_LIFETIME_S 604800

typedef struct delta_state {
    uint64_t selected;
    size_t position; /* next row of the first round */
    size_t seen;     /* changes that need not be told */
    bool changes;    /* tell changes, not rows */
    bool latest;     /* only a link */
} delta_state;

static bool read_pair(const char *text, char kind, uint64_t *out_first, uint64_t *out_second)
{
    size_t len = strcspn(text, ".");
    return text[0] == kind && text[len] == '.' && len > 1 &&
           sim_number_read(text + 1, len - 1, UINT32_MAX, out_first) &&
           sim_number_read(text + len + 1, strlen(text + len + 1), UINT64_MAX / 2, out_second);
}

static void start_again(sim_call *call)
{
    char location[400];
    sim_errors_graph(call->world, call->response, 410, "syncStateNotFound",
                     "The sync state generation is not found. Start over.");
    (void)snprintf(location, sizeof location,
                   "%s://%.200s/%s/devices/delta?$deltatoken=", call->request->scheme,
                   call->request->host, call->version);
    sim_http_header(call->response, "location", location);
}

static bool read_tokens(sim_call *call, delta_state *out)
{
    const char *delta = sim_params_get(&call->query, "$deltatoken");
    const char *page = sim_params_get(&call->query, "$skiptoken");
    uint64_t first = 0;
    uint64_t second = 0;
    out->seen = json_array_size(call->tenant->changes);
    if (page != NULL && read_pair(page, 'p', &first, &second)) {
        out->position = (size_t)first;
        out->seen = (size_t)second;
        return true;
    }
    out->latest = delta != NULL && strcmp(delta, "latest") == 0;
    if (page == NULL && (delta == NULL || *delta == '\0' || out->latest))
        return true;
    int64_t now = sim_world_now(call->world) / 1000;
    if (page != NULL || !read_pair(delta, 'd', &first, &second)) {
        sim_errors_graph(call->world, call->response, 400, "Request_BadRequest",
                         "The token is badly formed.");
        return false;
    }
    if (first < call->tenant->deltas_lost || first > out->seen ||
        now - (int64_t)second > TOKEN_LIFETIME_S) {
        start_again(call);
        return false;
    }
    out->changes = true;
    out->seen = (size_t)first;
    return true;
}

static bool read_query(sim_call *call, delta_state *out)
{
    static const char *const allowed[] = {"$select",    "$filter", "$deltatoken",
                                          "$skiptoken", "$top",    NULL};
    const char *name;
    *out = (delta_state){0};
    if (!sim_odata_only(&call->query, allowed, &name) ||
        !sim_kind_select(&sim_kind_device, sim_params_get(&call->query, "$select"),
                         &out->selected)) {
        sim_errors_graph(call->world, call->response, 400, "Request_UnsupportedQuery",
                         "The query option or a property is not supported.");
        return false;
    }
    out->selected |= 1;
    return read_tokens(call, out);
}

static void write_link(const sim_call *call, const char *kind, char mark, size_t first,
                       uint64_t second, sup_buffer *out)
{
    const char *select = sim_params_get(&call->query, "$select");
    sup_buffer_printf(out, ",\"@odata.%s\":\"%s://%s/%s/devices/delta?%s%s%s%s=%c%zu.%llu\"", kind,
                      call->request->scheme, call->request->host, call->version,
                      select != NULL ? "$select=" : "", select != NULL ? select : "",
                      select != NULL ? "&" : "", mark == 'p' ? "$skiptoken" : "$deltatoken", mark,
                      first, (unsigned long long)second);
}

/* Rows of the first round; true when there are more. */
static bool write_rows(const sim_call *call, delta_state *state, sup_buffer *out)
{
    const sim_rows *rows = &call->tenant->directory;
    size_t most = (size_t)call->world->switches.values[SIM_SWITCH_DIRECTORY_PAGE_SIZE];
    size_t count = 0;
    for (; state->position < sim_rows_end(rows) && count < most; state->position++) {
        if (!sim_rows_alive(rows, state->position))
            continue;
        sup_buffer_add_str(out, count++ > 0 ? "," : "");
        sim_kind_write(&sim_kind_device, call->tenant, state->position, state->selected, out);
    }
    return state->position < sim_rows_end(rows);
}

/* An object that changed again later is told then. */
static bool is_last_change(const sim_tenant *tenant, size_t at, const char *id)
{
    for (size_t i = at + 1; i < json_array_size(tenant->changes); i++)
        if (strcasecmp(sim_json_text(json_array_get(tenant->changes, i), "id", ""), id) == 0)
            return false;
    return true;
}

static void write_changes(const sim_call *call, const delta_state *state, sup_buffer *out)
{
    const sim_tenant *tenant = call->tenant;
    const char *before = "";
    for (size_t i = state->seen; i < json_array_size(tenant->changes); i++) {
        const json_t *change = json_array_get(tenant->changes, i);
        const char *id = sim_json_text(change, "id", "");
        const char *reason = sim_json_text(change, "reason", NULL);
        size_t position;
        if (!is_last_change(tenant, i, id))
            continue;
        if (reason == NULL && !sim_tenant_find_object(tenant, id, &position))
            continue;
        sup_buffer_add_str(out, before);
        before = ",";
        if (reason == NULL)
            sim_kind_write(&sim_kind_device, tenant, position, state->selected, out);
        else
            sup_buffer_printf(out, "{\"id\":\"%s\",\"@removed\":{\"reason\":\"%s\"}}", id, reason);
    }
}

void sim_delta_run(sim_call *call)
{
    delta_state state;
    if (!read_query(call, &state))
        return;
    sup_buffer rows;
    sup_buffer_init(&rows, SIM_HTTP_BODY_MAX);
    bool more = false;
    size_t seen = json_array_size(call->tenant->changes);
    if (state.changes) {
        write_changes(call, &state, &rows);
    } else if (!state.latest) {
        more = write_rows(call, &state, &rows);
        seen = state.seen;
    }
    sup_buffer *out = &call->response->body;
    sim_odata_context(call, "devices", out);
    if (more)
        write_link(call, "nextLink", 'p', state.position, seen, out);
    else
        write_link(call, "deltaLink", 'd', seen, (uint64_t)(sim_world_now(call->world) / 1000),
                   out);
    sup_buffer_add_str(out, ",\"value\":[");
    sup_buffer_add_str(out, sup_buffer_text(&rows));
    sup_buffer_add_str(out, "]}");
    sup_buffer_done(&rows);
}
