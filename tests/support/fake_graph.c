/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/support/fake_graph.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/buffer.h"

#define SLOTS 256u
#define ITEMS 20u
#define ORIGIN "https://graph.example"
#define USUAL_SCOPES "DeviceManagementManagedDevices.Read.All BitlockerKey.Read.All"

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

static void answer_token(fake_graph *graph, sup_buffer *out)
{
    char payload[700];
    char encoded[1000];
    const char *scopes = graph->scopes[0] != '\0' ? graph->scopes : USUAL_SCOPES;
    graph->token_number++;
    graph->used = 0;
    if (graph->application)
        (void)snprintf(payload, sizeof payload,
                       "{\"tid\":\"%s\",\"idtyp\":\"app\",\"roles\":[\"DeviceManagementManaged"
                       "Devices.Read.All\",\"BitlockerKey.Read.All\"],\"n\":%u}",
                       graph->tenant, graph->token_number);
    else
        (void)snprintf(payload, sizeof payload, "{\"tid\":\"%s\",\"scp\":\"%s\",\"n\":%u}",
                       graph->tenant, scopes, graph->token_number);
    (void)sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)payload,
                            strlen(payload), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sup_buffer_printf(out, "{\"token_type\":\"Bearer\",\"access_token\":\"%s%s.sig%u\"",
                      graph->opaque ? "" : "e30.", encoded, graph->token_number);
    if (graph->token_answer[0] != '\0') {
        sup_buffer_add_str(out, graph->token_answer);
        return;
    }
    if (graph->renews)
        sup_buffer_printf(out, ",\"refresh_token\":\"renewed-%u\"", graph->token_number);
    sup_buffer_add_str(out, ",\"expires_in\":3600}");
}

static void answer_device_code(fake_graph *graph, sup_buffer *out)
{
    graph->device_used = false;
    graph->device_codes++;
    sup_buffer_printf(out,
                      "{\"user_code\":\"USER-%u\",\"device_code\":\"device-%u\","
                      "\"verification_uri\":\"https://login.example/device\","
                      "\"expires_in\":900,\"interval\":5,\"message\":\"Go there.\"}",
                      graph->device_codes, graph->device_codes);
}

/* A device code, or one from the page, is good for one token. */
static int32_t answer_poll(fake_graph *graph, sup_buffer *out)
{
    const char *word = graph->device_used ? "invalid_grant" : graph->device_answer;
    if (word[0] != '\0') {
        sup_buffer_printf(out, "{\"error\":\"%s\"}", word);
        return 400;
    }
    bool renews = graph->renews;
    graph->device_used = true;
    graph->renews = true;
    answer_token(graph, out);
    graph->renews = renews;
    return 200;
}

static int32_t answer_sign_in(fake_graph *graph, const net_slot *slot, sup_buffer *out)
{
    if (slot->is_poll)
        return answer_poll(graph, out);
    if (strstr(slot->url, "/devicecode") != NULL)
        answer_device_code(graph, out);
    else
        answer_token(graph, out);
    return 200;
}

static void put_device(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    if (index == graph->odd_device && graph->odd_device_row[0] != '\0') {
        sup_buffer_add_str(out, graph->odd_device_row);
        return;
    }
    sup_buffer_printf(out,
                      "{\"id\":\"3a000000-0000-4000-8000-%012x\",\"azureADDeviceId\":\"%s\","
                      "\"deviceName\":\"%s\",\"serialNumber\":\"%s\",\"isEncrypted\":%s,"
                      "\"operatingSystem\":\"Windows\",\"manufacturer\":\"HP\",\"userId\":\"%s\"",
                      index, row->id, row->name, row->serial, row->not_encrypted ? "false" : "true",
                      row->owner);
    if (row->seen[0] != '\0')
        sup_buffer_printf(out, ",\"lastSyncDateTime\":\"%s\"", row->seen);
    sup_buffer_add_str(out, "}");
    if (row->twice)
        sup_buffer_printf(out,
                          ",{\"azureADDeviceId\":\"%s\",\"deviceName\":\"%s\","
                          "\"serialNumber\":\"%s-2\"}",
                          row->id, row->name, row->serial);
}

static void put_object(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"0b000000-0000-4000-8000-%012x\",\"deviceId\":\"%s\","
                      "\"displayName\":\"%s\",\"operatingSystem\":\"Windows\",\"trustType\":",
                      index, row->id, row->name);
    sup_buffer_printf(out, row->join[0] != '\0' ? "\"%s\"}" : "null}", row->join);
}

static void put_state(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"3a000000-0000-4000-8000-%012x\",\"deviceName\":\"%s\","
                      "\"encryptionState\":\"%s\",\"advancedBitLockerStates\":\"%s\"}",
                      index, row->name, row->not_encrypted ? "notEncrypted" : "encrypted",
                      row->backup);
}

/* What was removed since; the address that is given next is always the same. */
static int32_t answer_removals(const fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *before = "";
    const bool is_first = strstr(url, "deltatoken=latest") != NULL;
    if (!is_first && graph->lost_changes) {
        sup_buffer_add_str(out, "{\"error\":{\"code\":\"syncStateNotFound\",\"message\":\"\"}}");
        return 410;
    }
    sup_buffer_add_str(out, "{\"value\":[");
    for (uint32_t i = 0; i < graph->device_count && !is_first; i++) {
        if (graph->devices[i].removed[0] == '\0')
            continue;
        sup_buffer_printf(out,
                          "%s{\"id\":\"0b000000-0000-4000-8000-%012x\",\"@removed\":{\"reason\":"
                          "\"%s\"}}",
                          before, i, graph->devices[i].removed);
        before = ",";
    }
    sup_buffer_add_str(out, "],\"@odata.deltaLink\":\"" ORIGIN
                            "/v1.0/devices/delta?$deltatoken=since\"}");
    return 200;
}

static void put_key(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_key *row = &graph->keys[index];
    if (index == 0 && graph->odd_key_row[0] != '\0') {
        sup_buffer_add_str(out, graph->odd_key_row);
        return;
    }
    sup_buffer_printf(out, "{\"id\":\"%s\",\"createdDateTime\":\"%s\",\"volumeType\":\"%s\"",
                      row->id, row->created, row->volume);
    if (row->device_id[0] != '\0')
        sup_buffer_printf(out, ",\"deviceId\":\"%s\"", row->device_id);
    sup_buffer_add_str(out, "}");
}

static void put_user(const fake_graph *graph, uint32_t index, sup_buffer *out)
{
    const fake_user *row = &graph->users[index];
    sup_buffer_printf(out, "{\"id\":\"%s\",\"displayName\":\"%s\",\"givenName\":\"%s\",", row->id,
                      row->name, row->first);
    sup_buffer_printf(out, "\"surname\":\"%s\",\"userPrincipalName\":\"%s\",\"mail\":\"%s\",",
                      row->last, row->sign_in, row->mail);
    sup_buffer_printf(out, "\"otherMails\":[],\"proxyAddresses\":[%s],\"accountEnabled\":%s,",
                      row->proxies, row->disabled ? "false" : "true");
    sup_buffer_printf(out, "\"userType\":\"%s\",\"assignedLicenses\":[%s]}",
                      row->guest ? "Guest" : "Member", row->licences);
}

static void answer_licences(const fake_graph *graph, sup_buffer *out)
{
    sup_buffer_printf(
        out,
        "{\"value\":[{\"skuId\":\"" FAKE_SKU "\",\"skuPartNumber\":\"SPB\","
        "\"capabilityStatus\":\"Enabled\",\"servicePlans\":[{\"servicePlanId\":\"" FAKE_PLAN
        "\",\"servicePlanName\":\"%s\",\"provisioningStatus\":"
        "\"Success\"}]}]}",
        graph->no_plan ? "INTUNE_O365" : "INTUNE_A");
}

static bool is_listed(const fake_graph *graph, fake_route route, uint32_t index)
{
    if (route == FAKE_ROUTE_KEYS)
        return !graph->keys[index].gone;
    if (route == FAKE_ROUTE_USERS)
        return !graph->users[index].gone;
    const fake_device *device = &graph->devices[index];
    if (route == FAKE_ROUTE_DIRECTORY)
        return !device->not_in_entra && device->removed[0] == '\0';
    return !device->gone;
}

static uint32_t list_rows(const fake_graph *graph, fake_route route, uint32_t *out_rows)
{
    uint32_t count = 0;
    uint32_t total = route == FAKE_ROUTE_KEYS    ? graph->key_count
                     : route == FAKE_ROUTE_USERS ? graph->user_count
                                                 : graph->device_count;
    for (uint32_t i = 0; i < total; i++)
        if (is_listed(graph, route, i))
            out_rows[count++] = i;
    return count;
}

static uint32_t read_number(const char *text)
{
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number;
}

static void answer_page(const fake_graph *graph, fake_route route, const char *url, sup_buffer *out)
{
    uint32_t rows[FAKE_GRAPH_KEYS];
    uint32_t count = list_rows(graph, route, rows);
    const char *mark = strstr(url, "skiptoken=");
    uint32_t start = mark != NULL ? read_number(mark + 10) : 0;
    bool empty = graph->empty_page && mark == NULL;
    uint32_t end = empty ? 0 : start + graph->page_size < count ? start + graph->page_size : count;
    uint32_t last = graph->duplicate_rows && end < count ? end + 1 : end;
    static const struct {
        const char *path;
        void (*put)(const fake_graph *graph, uint32_t index, sup_buffer *out);
    } lists[FAKE_ROUTE_COUNT] = {
        [FAKE_ROUTE_DEVICES] = {"/v1.0/deviceManagement/managedDevices", put_device},
        [FAKE_ROUTE_KEYS] = {"/v1.0/informationProtection/bitlocker/recoveryKeys", put_key},
        [FAKE_ROUTE_DIRECTORY] = {"/v1.0/devices", put_object},
        [FAKE_ROUTE_USERS] = {"/v1.0/users", put_user},
        [FAKE_ROUTE_REPORT] = {"/beta/deviceManagement/managedDeviceEncryptionStates", put_state},
    };
    sup_buffer_add_str(out, "{\"value\":[");
    for (uint32_t i = start; i < last; i++) {
        sup_buffer_add_str(out, i > start ? "," : "");
        lists[route].put(graph, rows[i], out);
    }
    sup_buffer_add_str(out, "]");
    if (end < count || graph->loop_pages || empty)
        sup_buffer_printf(out, ",\"@odata.nextLink\":\"%s%s?$skiptoken=%u&long=%0*d\"",
                          graph->foreign_link ? "https://evil.example" : ORIGIN, lists[route].path,
                          end < count ? end : 0, graph->long_link ? 9000 : 1, 0);
    sup_buffer_add_str(out, "}");
}

static int32_t answer_secret(fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *id = strstr(url, "/recoveryKeys/") + 14;
    if (strstr(url, "?$select=key") == NULL)
        abort(); /* any other read would give no key, and still be audited */
    for (uint32_t i = 0; i < graph->key_count; i++) {
        fake_key *key = &graph->keys[i];
        if (strncmp(key->id, id, 36) != 0)
            continue;
        if (key->status != 0) {
            sup_buffer_add_str(out, "{\"error\":{\"code\":\"x\",\"message\":\"y\"}}");
            return key->status;
        }
        if (i == 0 && graph->odd_answer[0] != '\0' &&
            strstr(graph->odd_answer, key->password) == NULL) {
            sup_buffer_add_str(out, graph->odd_answer);
            return 200; /* audited by Microsoft, but it gave no secret */
        }
        key->reads++;
        graph->key_reads++;
        if (graph->on_secret != NULL)
            graph->on_secret(graph->context);
        graph->used++;
        if (i == 0 && graph->odd_answer[0] != '\0')
            sup_buffer_add_str(out, graph->odd_answer);
        else
            sup_buffer_printf(out, "{\"id\":\"%s\",\"key\":\"%s\"}", key->id, key->password);
        return 200;
    }
    return 404;
}

static bool is_managed_id(uint32_t index, const char *id)
{
    char own[40];
    (void)snprintf(own, sizeof own, "3a000000-0000-4000-8000-%012x", index);
    return strncmp(own, id, 36) == 0;
}

static int32_t answer_addresses(const fake_graph *graph, const char *url, sup_buffer *out)
{
    const char *id = strstr(url, "/managedDevices/") + 16;
    if (strstr(url, "ethernetMacAddress") == NULL)
        abort(); /* only who asks by name is told the wired address */
    uint32_t index = 0;
    while (index < graph->device_count && !is_managed_id(index, id))
        index++;
    if (index == graph->device_count)
        return 404;
    const fake_device *row = &graph->devices[index];
    sup_buffer_printf(out,
                      "{\"id\":\"%.36s\",\"ethernetMacAddress\":\"%s\",\"wiFiMacAddress\":\"%s\"}",
                      id, row->wired, row->wifi);
    return 200;
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
        return answer_secret(graph, url, out);
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
        reply->status = answer_sign_in(graph, slot, body);
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
        answer_licences(graph, body);
    } else if (route == FAKE_ROUTE_REMOVALS) {
        reply->status = answer_removals(graph, slot->url, body);
    } else if (is_read) {
        reply->status = answer_read(graph, slot->url, &reply->retry_after_ms, body);
        if (reply->status == 0)
            reply->error = bkey_fail(BKEY_E_NETWORK);
    } else if (route == FAKE_ROUTE_BATCH) {
        answer_batch(graph, slot->json, body);
    } else if (route == FAKE_ROUTE_ADDRESSES) {
        reply->status = answer_addresses(graph, slot->url, body);
    } else {
        answer_page(graph, route, slot->url, body);
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
