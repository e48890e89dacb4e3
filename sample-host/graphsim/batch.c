/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON batching: each item is a request of its own. Must not know what items ask for. */
#define _GNU_SOURCE
#include "batch.h"

#include "errors.h"
#include "json.h"
#include "routes.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ITEMS_MAX 20U
#define KEYS_PATH "informationprotection/bitlocker/recoverykeys"

typedef struct batch_item {
    const json_t *json;
    const char *id;
    int status; /* 0: not run yet */
    sup_buffer answer;
} batch_item;

static void refuse(sim_call *call, const char *message)
{
    sim_errors_graph(call->world, call->response, 400, "BadRequest", message);
}

static const char *check_item(const batch_item *items, size_t count, const json_t *json)
{
    const char *id = sim_json_text(json, "id", NULL);
    if (id == NULL || sim_json_text(json, "method", NULL) == NULL ||
        sim_json_text(json, "url", NULL) == NULL)
        return "Each request needs an id, a method and a url.";
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(items[i].id, id) == 0)
            return "The ids of the requests must differ.";
    const json_t *body = json_object_get(json, "body");
    const json_t *headers = json_object_get(json, "headers");
    if (body != NULL && json_object_get(headers, "Content-Type") == NULL &&
        json_object_get(headers, "content-type") == NULL)
        return "A request with a body needs the header Content-Type.";
    return NULL;
}

static batch_item *find(batch_item *items, size_t count, const char *id)
{
    for (size_t i = 0; i < count && id != NULL; i++)
        if (strcasecmp(items[i].id, id) == 0)
            return &items[i];
    return NULL;
}

/* Requests are all parallel, or each waits for ones before it. */
static const char *check_order(batch_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *needs = json_object_get(items[i].json, "dependsOn");
        for (size_t k = 0; k < json_array_size(needs); k++)
            if (find(items, i, json_string_value(json_array_get(needs, k))) == NULL)
                return "A request depends on one that does not stand before it.";
    }
    return NULL;
}

static bool needs_failed(batch_item *items, size_t count, const batch_item *item)
{
    const json_t *needs = json_object_get(item->json, "dependsOn");
    for (size_t k = 0; k < json_array_size(needs); k++) {
        const batch_item *other = find(items, count, json_string_value(json_array_get(needs, k)));
        if (other == NULL || other->status >= 400)
            return true;
    }
    return false;
}

static void write_headers(const sim_response *response, sup_buffer *out)
{
    sup_buffer_add_str(out, "\"headers\":{\"Content-Type\":");
    sim_json_string(out, response->content_type);
    static const char *const shown[][2] = {{"retry-after", "Retry-After"},
                                           {"location", "Location"},
                                           {"www-authenticate", "WWW-Authenticate"},
                                           {"x-ms-resource-unit", "x-ms-resource-unit"},
                                           {"odata-version", "OData-Version"}};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const char *value = sim_http_find(response, shown[i][0]);
        if (value == NULL)
            continue;
        sup_buffer_printf(out, ",\"%s\":", shown[i][1]);
        sim_json_string(out, value);
    }
    sup_buffer_add_str(out, "}");
}

static void write_body(const sim_response *response, sup_buffer *out)
{
    if (response->body.len == 0)
        return;
    sup_buffer_add_str(out, ",\"body\":");
    if (strncmp(response->content_type, "application/json", 16) == 0) {
        sup_buffer_add(out, sup_buffer_text(&response->body), response->body.len);
        return;
    }
    size_t size = sodium_base64_encoded_len(response->body.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text != NULL)
        (void)sodium_bin2base64(text, size, (const unsigned char *)response->body.ptr,
                                response->body.len, sodium_base64_VARIANT_ORIGINAL);
    sim_json_string(out, text);
    free(text);
}

static void keep_answer(batch_item *item, const sim_response *response)
{
    item->status = response->status;
    sup_buffer_add_str(&item->answer, "{\"id\":");
    sim_json_string(&item->answer, item->id);
    sup_buffer_printf(&item->answer, ",\"status\":%d,", response->status);
    write_headers(response, &item->answer);
    write_body(response, &item->answer);
    sup_buffer_add_str(&item->answer, "}");
}

static bool may_stand_here(const sim_call *call, const char *target)
{
    return strcasestr(target, KEYS_PATH) == NULL ||
           call->world->switches.values[SIM_SWITCH_BATCH_RECOVERY_KEYS] != 0;
}

static void ask(sim_call *call, batch_item *item, sim_response *response)
{
    sup_buffer target;
    sup_buffer body;
    sup_buffer_init(&target, 65536);
    sup_buffer_init(&body, 1U << 20);
    const char *url = sim_json_text(item->json, "url", "");
    const json_t *given = json_object_get(item->json, "body");
    sup_buffer_printf(&target, "/%s/", call->version);
    sup_buffer_add_str(&target, url + (*url == '/'));
    if (given != NULL)
        sim_json_value(&body, given);
    sim_request request = *call->request;
    request.method = sim_json_text(item->json, "method", "");
    request.target = sup_buffer_text(&target);
    request.body = sup_buffer_text(&body);
    request.body_len = body.len;
    request.batched = true;
    if (strcasestr(request.target, "/$batch") != NULL || !may_stand_here(call, request.target))
        sim_errors_graph(call->world, response, 400, "BadRequest",
                         "This request may not be part of a batch.");
    else
        sim_routes_handle_item(call->world, &request, response);
    sup_buffer_done(&target);
    sup_buffer_done(&body);
}

static void run_item(sim_call *call, batch_item *items, size_t count, batch_item *item)
{
    sim_response response;
    sim_http_init(&response);
    if (needs_failed(items, count, item))
        sim_errors_graph(call->world, &response, 424, "FailedDependency", "Failed dependency");
    else
        ask(call, item, &response);
    bool intune = strcasestr(sim_json_text(item->json, "url", ""), "deviceManagement") != NULL;
    bool told = call->world->switches.values[SIM_SWITCH_BATCH_RETRY_AFTER] != 0;
    if (!told || (intune && response.status == 429))
        sim_http_drop(&response, "retry-after");
    if (response.delay_ms > call->response->delay_ms)
        call->response->delay_ms = response.delay_ms;
    if (response.ending == SIM_ENDING_RESET)
        response.status = 504;
    keep_answer(item, &response);
    sim_http_done(&response);
}

/* Graph promises no order. */
static size_t place(const sim_call *call, size_t i, size_t count)
{
    switch (call->world->switches.values[SIM_SWITCH_BATCH_ORDER]) {
    case 1:
        return count - 1 - i;
    case 2:
        return count % 7 == 0 ? count - 1 - i : i * 7 % count;
    default:
        return i;
    }
}

static void run_all(sim_call *call, batch_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_item(call, items, count, &items[i]);
    sup_buffer *out = &call->response->body;
    sup_buffer_add_str(out, "{\"responses\":[");
    for (size_t i = 0; i < count; i++) {
        const batch_item *item = &items[place(call, i, count)];
        sup_buffer_add_str(out, i > 0 ? "," : "");
        sup_buffer_add(out, sup_buffer_text(&item->answer), item->answer.len);
    }
    sup_buffer_add_str(out, "]}");
}

void sim_batch_run(sim_call *call)
{
    batch_item items[ITEMS_MAX];
    json_t *body =
        json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(body, "requests");
    size_t count = json_array_size(list);
    const char *problem = NULL;
    if (!json_is_array(list) || count == 0)
        problem = "The batch holds no requests.";
    else if (count > ITEMS_MAX)
        problem = "Number of batch request steps exceeds the maximum value of 20.";
    for (size_t i = 0; problem == NULL && i < count; i++) {
        problem = check_item(items, i, json_array_get(list, i));
        items[i] = (batch_item){.json = json_array_get(list, i),
                                .id = sim_json_text(json_array_get(list, i), "id", "")};
        sup_buffer_init(&items[i].answer, SIM_HTTP_BODY_MAX);
    }
    if (problem == NULL)
        problem = check_order(items, count);
    if (problem != NULL) {
        refuse(call, problem);
    } else {
        call->secret = true;
        run_all(call, items, count);
        for (size_t i = 0; i < count; i++)
            sup_buffer_done(&items[i].answer);
    }
    json_decref(body);
}
