/* SPDX-License-Identifier: Apache-2.0
 *
 * See transport.h. Easy handles are kept and used again: making one costs more than a request. Must
 * not know what is asked or answered. */
#include "graph/transport.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "graph/origin.h"
#include "graph/transport_request.h"

#define SPARE_REQUESTS 8u /* replies that are read while others are under way */
#define TOKEN_SLOTS 4u
#define STREAMS 100L /* of a connection */
#define HEAD_ROOM 1u /* for the zero byte behind a body */

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static CURLcode library_result = CURLE_FAILED_INIT;

static void start_library(void)
{
    library_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void limit_connections(bkey_transport *transport, long connections)
{
    if (transport->connections == connections)
        return;
    transport->connections = connections;
    (void)curl_multi_setopt(transport->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
}

static void set_limits(bkey_transport *transport)
{
    CURLM *multi = transport->multi;
    long parallel = (long)transport->net.max_parallel;
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS);
    limit_connections(transport, parallel);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, parallel + 1);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, parallel + 1);
}

static bool keep_text(char **to, const char *text)
{
    const char *safe = text != NULL ? text : "";
    size_t size = strlen(safe) + 1;
    *to = malloc(size);
    if (*to == NULL)
        return false;
    memcpy(*to, safe, size);
    return true;
}

static bool write_agent(bkey_transport *transport, const char *version)
{
    sup_buffer agent;
    sup_buffer_init(&agent, 128);
    (void)sup_buffer_add_str(&agent, "bitlocker-keys/");
    (void)sup_buffer_add_str(&agent, version != NULL ? version : "0");
    transport->agent = sup_buffer_take(&agent);
    sup_buffer_done(&agent);
    return transport->agent != NULL;
}

/* "USER:PASSWORD" becomes the header of a CONNECT, without a copy outside guarded memory. */
static bkey_err keep_login(bkey_transport *transport, bkey_bytes login)
{
    static const char name[] = "Proxy-Authorization: Basic ";
    const size_t text_size = sodium_base64_encoded_len(login.len, sodium_base64_VARIANT_ORIGINAL);
    if (login.len == 0)
        return bkey_ok();
    if (login.len > BKEY_TRANSPORT_LOGIN_MAX)
        return bkey_fail(BKEY_E_HTTP_POLICY);
    transport->proxy_login = sodium_malloc(sizeof name - 1 + text_size);
    if (transport->proxy_login == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    memcpy(transport->proxy_login, name, sizeof name - 1);
    (void)sodium_bin2base64(transport->proxy_login + sizeof name - 1, text_size, login.ptr,
                            login.len, sodium_base64_VARIANT_ORIGINAL);
    transport->proxy_header = (struct curl_slist){transport->proxy_login, NULL};
    return bkey_ok();
}

static bkey_err build(bkey_transport *transport, const bkey_transport_options *options)
{
    uint32_t handles = options->max_parallel + SPARE_REQUESTS;
    transport->timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : 60000u;
    transport->request_count = handles;
    transport->requests = calloc(handles, sizeof *transport->requests);
    transport->multi = curl_multi_init();
    if (transport->requests == NULL || transport->multi == NULL ||
        !keep_text(&transport->ca_file, options->ca_file) ||
        !keep_text(&transport->proxy, options->proxy) || !write_agent(transport, options->version))
        return bkey_fail(BKEY_E_NOMEM);
    transport->tls_min = options->tls_1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
    transport->max_body = options->max_body < SIZE_MAX ? (size_t)options->max_body : 0;
    bkey_err err = keep_login(transport, options->proxy_login);
    if (bkey_is_ok(err))
        err = bkey_transport_arena_init(&transport->keys, handles,
                                        BKEY_TRANSPORT_SECRET_MAX + HEAD_ROOM);
    if (bkey_is_ok(err))
        err = bkey_transport_arena_init(&transport->tokens, TOKEN_SLOTS,
                                        BKEY_TRANSPORT_TOKEN_MAX + HEAD_ROOM);
    if (!bkey_is_ok(err))
        return err;
    set_limits(transport);
    for (uint32_t i = handles; i > 0; i--) {
        transport->requests[i - 1].next = transport->idle;
        transport->idle = &transport->requests[i - 1];
    }
    return bkey_ok();
}

/* Where streams are full, curl would make a connection for each further request. What waits for a
 * stream is sooner served; one connection more is for one that the server is about to end. */
static void learn_protocol(bkey_transport *transport, CURL *easy)
{
    long version = 0;
    long parallel = (long)transport->net.max_parallel;
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    if (version == CURL_HTTP_VERSION_2_0)
        limit_connections(transport, (parallel + STREAMS - 1) / STREAMS + 1);
    else if (version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1)
        limit_connections(transport, parallel);
}

static void put_done(bkey_transport *transport, bkey_transport_request *request)
{
    request->next = NULL;
    if (transport->done_last != NULL)
        transport->done_last->next = request;
    else
        transport->done_first = request;
    transport->done_last = request;
}

/* Refusals before anything is sent are replies too, so that callers have one path. */
static bkey_err submit(void *self, const bkey_net_request *wanted)
{
    bkey_transport *transport = self;
    bkey_origin origin;
    if (transport->under_way >= transport->net.max_parallel || transport->idle == NULL)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_transport_request *request = transport->idle;
    if (!bkey_origin_parse(wanted->url, strlen(wanted->url), &origin) ||
        !bkey_origin_is_allowed(&origin)) {
        transport->idle = request->next;
        bkey_transport_request_refuse(request, wanted, BKEY_E_URL);
        put_done(transport, request);
        transport->under_way++;
        return bkey_ok();
    }
    bkey_err err = bkey_transport_request_begin(transport, request, wanted, origin.secure);
    if (!bkey_is_ok(err))
        return err;
    transport->idle = request->next;
    if (curl_multi_add_handle(transport->multi, request->easy) != CURLM_OK) {
        bkey_transport_request_end(request);
        request->next = transport->idle;
        transport->idle = request;
        return bkey_fail(BKEY_E_NOMEM);
    }
    request->running = true;
    transport->under_way++;
    return bkey_ok();
}

static void collect(bkey_transport *transport)
{
    int left = 0;
    const CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(transport->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        char *private = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        bkey_transport_request *request = (bkey_transport_request *)(void *)private;
        (void)curl_multi_remove_handle(transport->multi, request->easy);
        request->running = false;
        learn_protocol(transport, request->easy);
        bkey_transport_request_finish(request, result);
        put_done(transport, request);
    }
}

static bool take_done(bkey_transport *transport, bkey_net_reply *out_reply)
{
    bkey_transport_request *request = transport->done_first;
    if (request == NULL)
        return false;
    transport->done_first = request->next;
    if (transport->done_first == NULL)
        transport->done_last = NULL;
    transport->under_way--;
    *out_reply = request->reply;
    return true;
}

static bkey_err next(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply, bool *out_got)
{
    bkey_transport *transport = self;
    int running = 0;
    if (take_done(transport, out_reply)) {
        *out_got = true;
        return bkey_ok();
    }
    if (curl_multi_perform(transport->multi, &running) != CURLM_OK)
        return bkey_fail(BKEY_E_NOMEM);
    collect(transport);
    if (transport->done_first == NULL && timeout_ms > 0 && transport->under_way > 0) {
        int wait_ms = timeout_ms > 60000u ? 60000 : (int)timeout_ms;
        if (curl_multi_poll(transport->multi, NULL, 0, wait_ms, NULL) != CURLM_OK ||
            curl_multi_perform(transport->multi, &running) != CURLM_OK)
            return bkey_fail(BKEY_E_NOMEM);
        collect(transport);
    }
    *out_got = take_done(transport, out_reply);
    return bkey_ok();
}

static void release(void *self, bkey_net_reply *reply)
{
    bkey_transport *transport = self;
    bkey_transport_request *request = reply->handle;
    if (request == NULL)
        return;
    bkey_transport_request_end(request);
    request->next = transport->idle;
    transport->idle = request;
    *reply = (bkey_net_reply){.handle = NULL};
}

static void cancel_all(void *self)
{
    bkey_transport *transport = self;
    bkey_net_reply reply;
    collect(transport);
    while (take_done(transport, &reply))
        release(transport, &reply);
    for (uint32_t i = 0; i < transport->request_count; i++) {
        bkey_transport_request *request = &transport->requests[i];
        if (!request->running)
            continue;
        (void)curl_multi_remove_handle(transport->multi, request->easy);
        request->running = false;
        transport->under_way--;
        reply.handle = request;
        release(transport, &reply);
    }
}

bkey_err bkey_transport_new(const bkey_transport_options *options, bkey_net **out_net)
{
    if (options->max_parallel == 0 || options->max_parallel > BKEY_TRANSPORT_PARALLEL_MAX)
        return bkey_fail(BKEY_E_SETTING);
    if (pthread_once(&library_once, start_library) != 0 || library_result != CURLE_OK)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    transport->net.self = transport;
    transport->net.max_parallel = options->max_parallel;
    transport->net.submit = submit;
    transport->net.next = next;
    transport->net.release = release;
    transport->net.cancel_all = cancel_all;
    bkey_net *net = &transport->net;
    bkey_err err = build(transport, options);
    if (bkey_is_ok(err))
        *out_net = net;
    else
        bkey_transport_free(&net);
    return err;
}

void bkey_transport_free(bkey_net **net)
{
    if (net == NULL || *net == NULL)
        return;
    bkey_transport *transport = (*net)->self;
    *net = NULL;
    if (transport->multi != NULL)
        cancel_all(transport);
    for (uint32_t i = 0; transport->requests != NULL && i < transport->request_count; i++)
        bkey_transport_request_done(&transport->requests[i]);
    if (transport->multi != NULL)
        (void)curl_multi_cleanup(transport->multi);
    bkey_transport_arena_done(&transport->keys);
    bkey_transport_arena_done(&transport->tokens);
    bkey_transport_arena_done(&transport->batches);
    free(transport->requests);
    free(transport->ca_file);
    free(transport->proxy);
    sodium_free(transport->proxy_login);
    free(transport->agent);
    free(transport);
}
