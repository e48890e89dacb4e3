/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/fake_graph_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 256u
#define ITEMS 20u

typedef struct net_slot {
    uint64_t tag;
    char url[10240];
    char bearer[512];
    bool is_post;
    bool is_poll; /* with a device code */
    bool is_batch;
    char json[4096];
} net_slot;

typedef struct fake_net {
    bkey_net net;
    fake_graph *graph;
    fake_ports *ports;
    net_slot slots[SLOTS];
    uint32_t count;
} fake_net;

typedef struct plug {
    fake_graph *graph;
    fake_ports *ports;
} plug;

static _Thread_local plug the_plug; /* one network at a time in a thread */

/* ---- answers ---- */

static fake_route route_of(const net_slot *slot)
{
    if (slot->is_batch)
        return FAKE_ROUTE_BATCH;
    if (slot->is_post)
        return FAKE_ROUTE_TOKEN;
    if (strstr(slot->url, "/managedDevices/") != NULL)
        return FAKE_ROUTE_ADDRESSES;
    if (strstr(slot->url, "/managedDevices") != NULL)
        return FAKE_ROUTE_DEVICES;
    if (strstr(slot->url, "/managedDeviceEncryptionStates") != NULL)
        return FAKE_ROUTE_REPORT;
    if (strstr(slot->url, "/subscribedSkus") != NULL)
        return FAKE_ROUTE_LICENCES;
    if (strstr(slot->url, "/v1.0/users") != NULL)
        return FAKE_ROUTE_USERS;
    if (strstr(slot->url, "/devices/delta") != NULL)
        return FAKE_ROUTE_REMOVALS;
    if (strstr(slot->url, "/v1.0/devices") != NULL)
        return FAKE_ROUTE_DIRECTORY;
    return strstr(slot->url, "/recoveryKeys/") != NULL ? FAKE_ROUTE_SECRET : FAKE_ROUTE_KEYS;
}

static const fake_graph_fault *find_fault(fake_graph *graph, fake_route route)
{
    for (uint32_t i = 0; i < graph->fault_count; i++) {
        fake_graph_fault *fault = &graph->faults[i];
        if (fault->route != route || fault->count == 0)
            continue;
        if (fault->skip > 0) {
            fault->skip--;
            continue;
        }
        if (fault->count > 0)
            fault->count--;
        return fault;
    }
    return NULL;
}

/* What an item of a batch gets, or a request of its own: faults first. */
static int32_t answer_read(fake_graph *graph, const char *url, int64_t *out_wait_ms,
                           sup_buffer *out)
{
    graph->requests[FAKE_ROUTE_SECRET]++;
    const fake_graph_fault *fault = find_fault(graph, FAKE_ROUTE_SECRET);
    *out_wait_ms = -1;
    if (fault == NULL)
        return fake_graph_answer_secret(graph, url, out);
    sup_buffer_add_str(out, fault->body);
    *out_wait_ms = fault->retry_after_ms;
    return fault->status;
}

static void answer_item(fake_graph *graph, uint32_t id, const char *url, sup_buffer *out)
{
    sup_buffer body;
    int64_t wait_ms = -1;
    const fake_graph_fault *fault = find_fault(graph, FAKE_ROUTE_ITEM);
    int32_t status = fault != NULL ? fault->status : graph->batch_status;
    sup_buffer_init(&body, 65536);
    if (status == 0)
        status = answer_read(graph, url, &wait_ms, &body);
    graph->batched += status == 200;
    sup_buffer_printf(out, "%s{\"id\":\"%u\",\"status\":%d,\"headers\":{", id > 0 ? "," : "", id,
                      status == 0 ? 504 : status);
    if (wait_ms >= 0)
        sup_buffer_printf(out, "\"Retry-After\":\"%lld\"", (long long)wait_ms / 1000);
    sup_buffer_add_str(out, "}");
    if (body.len > 0 && body.ptr[0] == '{')
        sup_buffer_printf(out, ",\"body\":%s", sup_buffer_text(&body));
    else
        sup_buffer_add_str(out, ",\"body\":\"PGh0bWw+\""); /* what is no JSON comes as base64 */
    sup_buffer_add_str(out, "}");
    if (graph->extra_rows && id == 0)
        sup_buffer_add_str(out, ",{\"id\":\"0\",\"status\":500},{\"id\":\"77\",\"status\":200}");
    sup_buffer_done(&body);
}

static void answer_batch(fake_graph *graph, const char *json, sup_buffer *out)
{
    uint32_t count = 0;
    for (const char *at = json; (at = strstr(at, "\"url\":\"")) != NULL; at += 7)
        count++;
    if (count < 2 || count > ITEMS)
        abort(); /* Graph would refuse it */
    sup_buffer_add_str(out, "{\"responses\":[");
    const char *at = json;
    for (uint32_t i = 0; i + graph->lose_items < count; i++) {
        char url[256];
        at = strstr(at, "\"url\":\"") + 7;
        (void)snprintf(url, sizeof url, "%.*s", (int)strcspn(at, "\""), at);
        answer_item(graph, i, url, out);
    }
    sup_buffer_add_str(out, "]}");
}

static bool is_valid_token(const fake_graph *graph, const char *bearer)
{
    char end[32];
    (void)snprintf(end, sizeof end, ".sig%u", graph->token_number);
    const char *found = strstr(bearer, end);
    return found != NULL && found[strlen(end)] == '\0' &&
           (graph->token_uses == 0 || graph->used < graph->token_uses);
}

static bool is_allowed(const fake_graph *graph, fake_route route)
{
    const bool directory = route == FAKE_ROUTE_DIRECTORY || route == FAKE_ROUTE_REMOVALS;
    return (graph->directory || !directory) && (graph->report || route != FAKE_ROUTE_REPORT);
}

static void answer(fake_net *net, const net_slot *slot, bkey_net_reply *reply)
{
    fake_graph *graph = net->graph;
    fake_route route = route_of(slot);
    sup_buffer *body = calloc(1, sizeof *body);
    if (body == NULL)
        abort();
    sup_buffer_init(body, 4u << 20);
    reply->tag = slot->tag;
    reply->retry_after_ms = -1;
    reply->status = 200;
    const bool is_read = route == FAKE_ROUTE_SECRET;
    graph->requests[route] += is_read ? 0 : 1;
    const fake_graph_fault *fault = is_read ? NULL : find_fault(graph, route);
    if (fault != NULL) {
        sup_buffer_add_str(body, fault->body);
        reply->status = fault->status;
        reply->retry_after_ms = fault->retry_after_ms;
        reply->challenge =
            fault->status == 401 && graph->challenge[0] != '\0' ? graph->challenge : NULL;
        if (fault->status == 0)
            reply->error = bkey_fail(graph->silence != 0 ? graph->silence : BKEY_E_NETWORK);
    } else if (route == FAKE_ROUTE_TOKEN) {
        reply->status = fake_graph_answer_token(graph, slot->url, slot->is_poll, body);
    } else if (!is_valid_token(graph, slot->bearer)) {
        reply->status = 401;
        sup_buffer_add_str(body, "{\"error\":{\"code\":\"InvalidAuthenticationToken\","
                                 "\"message\":\"Lifetime validation failed\"}}");
    } else if (!is_allowed(graph, route)) {
        reply->status = 403;
        sup_buffer_add_str(body, "{\"error\":{\"code\":\"Authorization_RequestDenied\","
                                 "\"message\":\"Insufficient privileges\"}}");
    } else if (graph->no_intune && (route == FAKE_ROUTE_DEVICES || route == FAKE_ROUTE_REPORT)) {
        reply->status = 400;
        sup_buffer_add_str(body, "{\"error\":{\"code\":\"BadRequest\",\"message\":"
                                 "\"Request not applicable to target tenant.\"}}");
    } else if (route == FAKE_ROUTE_LICENCES) {
        fake_graph_answer_licences(graph, body);
    } else if (route == FAKE_ROUTE_REMOVALS) {
        reply->status = fake_graph_answer_removals(graph, slot->url, body);
    } else if (is_read) {
        reply->status = answer_read(graph, slot->url, &reply->retry_after_ms, body);
        if (reply->status == 0)
            reply->error = bkey_fail(BKEY_E_NETWORK);
    } else if (route == FAKE_ROUTE_BATCH) {
        answer_batch(graph, slot->json, body);
    } else if (route == FAKE_ROUTE_ADDRESSES) {
        reply->status = fake_graph_answer_addresses(graph, slot->url, body);
    } else {
        fake_graph_answer_page(graph, route, slot->url, body);
    }
    reply->body.ptr = (const uint8_t *)sup_buffer_text(body);
    reply->body.len = body->len;
    reply->handle = body;
}

/* ---- bkey_net ---- */

static bkey_err submit(void *self, const bkey_net_request *request)
{
    fake_net *net = self;
    if (net->count >= net->net.max_parallel || net->count == SLOTS)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = fake_ports_step(net->ports);
    if (!bkey_is_ok(err))
        return err;
    net_slot *slot = &net->slots[net->count++];
    memset(slot, 0, sizeof *slot);
    slot->tag = request->tag;
    slot->is_post = request->body != NULL;
    if (request->body != NULL) {
        const char *form = (const char *)bkey_secret_borrow(request->body);
        slot->is_poll = strstr(form, "&device_code=") != NULL || strstr(form, "&code=") != NULL;
        bkey_secret_return(request->body);
    }
    slot->is_batch = request->json != NULL;
    (void)snprintf(slot->json, sizeof slot->json, "%s", request->json != NULL ? request->json : "");
    (void)snprintf(slot->url, sizeof slot->url, "%s", request->url);
    if (request->bearer != NULL) {
        (void)snprintf(slot->bearer, sizeof slot->bearer, "%s",
                       (const char *)bkey_secret_borrow(request->bearer));
        bkey_secret_return(request->bearer);
    }
    if (net->count > net->graph->most_in_flight)
        net->graph->most_in_flight = net->count;
    return bkey_ok();
}

static bkey_err next(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply, bool *out_got)
{
    fake_net *net = self;
    *out_got = false;
    if (net->count == 0) {
        net->ports->mono_ns += (uint64_t)timeout_ms * 1000000u;
        return bkey_ok();
    }
    net->ports->mono_ns += net->graph->answer_ms > 0 ? net->graph->answer_ms * 1000000u : 1000000u;
    /* Answers come in another order than the questions. */
    uint32_t at = net->count > 2 ? net->count / 2 : net->count - 1;
    net_slot slot = net->slots[at];
    net->slots[at] = net->slots[--net->count];
    memset(out_reply, 0, sizeof *out_reply);
    answer(net, &slot, out_reply);
    *out_got = true;
    bkey_err err = fake_ports_step(net->ports);
    if (!bkey_is_ok(err)) /* the answer is lost on its way */
        out_reply->error = bkey_fail(BKEY_E_NETWORK);
    return bkey_ok();
}

static void release(void *self, bkey_net_reply *reply)
{
    (void)self;
    sup_buffer_done(reply->handle);
    free(reply->handle);
    memset(reply, 0, sizeof *reply);
}

static void cancel_all(void *self)
{
    fake_net *net = self;
    net->count = 0;
}

static bkey_err open_net(void *context, uint32_t max_parallel, bkey_net **out_net)
{
    const plug *to = context;
    fake_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    net->graph = to->graph;
    net->ports = to->ports;
    net->net = (bkey_net){net, max_parallel, submit, next, release, cancel_all};
    *out_net = &net->net;
    return bkey_ok();
}

static void close_net(void *context, bkey_net **net)
{
    (void)context;
    if (*net != NULL)
        free((*net)->self);
    *net = NULL;
}

void fake_graph_plug(fake_graph *graph, fake_ports *fake)
{
    the_plug = (plug){graph, fake};
    fake->net_context = &the_plug;
    fake->net_new = open_net;
    fake->net_free = close_net;
}
