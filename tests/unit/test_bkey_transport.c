/* SPDX-License-Identifier: Apache-2.0
 *
 * The transport against a tiny server on loopback that misbehaves by path. */
/* LINK: plugin/src/graph/transport*.c plugin/src/graph/challenge.c plugin/src/base/jsonscan*.c
 * host-sdk/support/utf8.c plugin/src/graph/origin.c plugin/src/base/secret.c
 * plugin/src/base/error.c host-sdk/support/buffer.c host-sdk/support/guid.c host-sdk/support/hex.c
 */
/* LIBS: -lsodium -lcurl */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ctype.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/src/graph/transport.h"

#define PARALLEL 100

static int listener;
static unsigned port;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned held;
static unsigned hits;
static unsigned connections;
static bkey_slab *slab;
static bkey_net *net;

static void send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        len -= (size_t)sent;
    }
}

static void answer(int fd, const char *head, const char *body, size_t len)
{
    char start[512];
    int n = snprintf(start, sizeof start, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, len);
    send_all(fd, start, (size_t)n);
    send_all(fd, body, len);
}

/* Answers when PARALLEL requests are there at once. */
static void wait_for_all(void)
{
    pthread_mutex_lock(&lock);
    held++;
    pthread_cond_broadcast(&changed);
    while (held < PARALLEL)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* Dates count from the reply's own Date, whatever the clock here says. */
static void answer_retry(int fd, const char *name)
{
    static const char *heads[][2] = {
        {"date",
         "Retry-After: Thu, 20 Aug 2026 10:00:30 GMT\r\nDate: Thu, 20 Aug 2026 10:00:00 GMT"},
        {"past",
         "date: Thu, 20 Aug 2026 10:00:30 GMT\r\nretry-after: Thu, 20 Aug 2026 10:00:00 GMT"},
        {"undated", "Retry-After: Thu, 20 Aug 2026 10:00:30 GMT"},
        {"ten", "RETRY-after:  10 "},
        {"soon", "Retry-After: soon"},
        {"negative", "Retry-After: -5"},
        {"eternal", "Retry-After: 99999999999"},
        {"far",
         "Retry-After: Sat, 06 Nov 9994 10:00:30 GMT\r\nDate: Thu, 20 Aug 2026 10:00:00 GMT"},
        {"nothing", "Retry-After:"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        char head[200];
        if (strcmp(heads[i][0], name) != 0)
            continue;
        (void)snprintf(head, sizeof head, "429 Slow\r\n%s", heads[i][1]);
        answer(fd, head, "", 0);
    }
}

/* False: the connection is over. */
static bool serve_path(int fd, const char *path, const char *request, size_t len)
{
    static char big[100000];
    pthread_mutex_lock(&lock);
    hits++;
    pthread_mutex_unlock(&lock);
    if (strcmp(path, "/ok") == 0)
        answer(fd, "200 OK", "{\"a\":1}", 7);
    else if (strcmp(path, "/echo") == 0)
        answer(fd, "200 OK", request, len);
    else if (strcmp(path, "/big") == 0)
        answer(fd, "200 OK", memset(big, 'x', sizeof big), sizeof big);
    else if (strcmp(path, "/hold") == 0) {
        wait_for_all();
        answer(fd, "200 OK", "{}", 2);
    } else if (strcmp(path, "/redirect") == 0)
        answer(fd, "302 Found\r\nLocation: /ok", "", 0);
    else if (strncmp(path, "/retry/", 7) == 0)
        answer_retry(fd, path + 7);
    else if (strcmp(path, "/cut") == 0) {
        send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":", 45);
        return false;
    } else if (strcmp(path, "/garbage") == 0) {
        send_all(fd, "\x01\x02 no http here\r\n\r\n", 19);
        return false;
    } else if (strcmp(path, "/reset") == 0) {
        struct linger now = {1, 0};
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return false;
    } else if (strcmp(path, "/silent") == 0) {
        char byte;
        (void)recv(fd, &byte, 1, 0); /* until the client gives up */
        return false;
    }
    return true;
}

static size_t body_len(const char *request)
{
    const char *header = strcasestr(request, "content-length:");
    size_t len = 0;
    for (header += header != NULL ? 15 : 0; header != NULL && (*header == ' ' || isdigit(*header));
         header++)
        len = *header == ' ' ? len : len * 10 + (size_t)(*header - '0');
    return len;
}

static bool read_path(const char *request, char out[256])
{
    const char *at = strchr(request, ' ');
    size_t len = at != NULL ? strcspn(at + 1, " ") : 256;
    if (len >= 256)
        return false;
    memcpy(out, at + 1, len);
    out[len] = '\0';
    return true;
}

static void *serve(void *context)
{
    int fd = (int)(intptr_t)context;
    char request[65536];
    size_t len = 0;
    bool open = true;
    while (open) {
        ssize_t got = recv(fd, request + len, sizeof request - 1 - len, 0);
        if (got <= 0)
            break;
        len += (size_t)got;
        request[len] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        char path[256];
        if (end == NULL || len < (size_t)(end + 4 - request) + body_len(request) ||
            !read_path(request, path))
            continue;
        open = serve_path(fd, path, request, len);
        len = 0;
    }
    (void)close(fd);
    return NULL;
}

static void *accept_all(void *context)
{
    (void)context;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&lock);
        connections++;
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
    }
}

static void start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    pthread_t thread;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_geq(listener, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(listener, 256), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&thread, NULL, accept_all, NULL), 0);
    pthread_detach(thread);
    bkey_transport_options options = {
        .max_parallel = PARALLEL, .timeout_ms = 20000, .version = "0.1.0"};
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_transport_new(&options, &net)));
}

static void stop(void)
{
    bkey_transport_free(&net);
    cr_expect_null(net);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
}

TestSuite(transport, .init = start, .fini = stop, .timeout = 60);

static bkey_err submit(bkey_net_request *request, const char *path)
{
    char url[512];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, path);
    request->url = url;
    return net->submit(net->self, request);
}

static bkey_net_reply wait_reply(void)
{
    bkey_net_reply reply = {.tag = 0};
    bool got = false;
    while (!got)
        cr_assert(bkey_is_ok(net->next(net->self, 1000, &reply, &got)));
    return reply;
}

static bkey_net_reply ask(bkey_net_request request, const char *path)
{
    cr_assert(bkey_is_ok(submit(&request, path)));
    return wait_reply();
}

static void release(bkey_net_reply *reply)
{
    net->release(net->self, reply);
}

Test(transport, reply_carries_status_body_and_tag)
{
    static const uint32_t flags[] = {0, BKEY_NET_SECRET_REPLY};
    for (size_t i = 0; i < 4; i++) {
        bkey_net_reply reply = ask((bkey_net_request){.tag = 40 + i, .flags = flags[i % 2]}, "/ok");
        cr_expect(bkey_is_ok(reply.error));
        cr_expect_eq(reply.status, 200);
        cr_expect_eq(reply.tag, 40 + i);
        cr_expect_eq(reply.retry_after_ms, -1);
        cr_expect_eq(reply.body.len, 7);
        cr_expect_str_eq((const char *)reply.body.ptr, "{\"a\":1}");
        release(&reply);
    }
    cr_expect_eq(connections, 1, "the connection is used again");
}

Test(transport, headers_are_those_that_microsoft_asks_for)
{
    bkey_secret *bearer = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "tok.en", 6, &bearer)));
    bkey_net_reply reply = ask((bkey_net_request){.bearer = bearer}, "/echo");
    const char *echo = (const char *)reply.body.ptr;
    cr_expect_not_null(strstr(echo, "GET /echo HTTP/1.1"));
    cr_expect_not_null(strstr(echo, "\r\nAuthorization: Bearer tok.en\r\n"));
    cr_expect_not_null(strstr(echo, "\r\nUser-Agent: bitlocker-keys/0.1.0\r\n"));
    cr_expect_not_null(strstr(echo, "\r\nAccept: application/json\r\n"));
    cr_expect_not_null(strstr(echo, "\r\nAccept-Encoding: gzip\r\n"));
    cr_expect_not_null(strstr(echo, "\r\nclient-request-id: "));
    release(&reply);
    reply = ask((bkey_net_request){.flags = BKEY_NET_SECRET_REPLY}, "/echo");
    cr_expect_null(strstr((const char *)reply.body.ptr, "Accept-Encoding"));
    cr_expect_null(strstr((const char *)reply.body.ptr, "Authorization"),
                   "a token does not stay with the handle");
    release(&reply);
    bkey_secret_free(&bearer);
}

Test(transport, body_is_posted_from_guarded_memory)
{
    bkey_secret *body = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "a=1&b=2", 7, &body)));
    bkey_net_reply reply = ask(
        (bkey_net_request){.body = body, .flags = BKEY_NET_FORM | BKEY_NET_SECRET_REPLY}, "/echo");
    const char *echo = (const char *)reply.body.ptr;
    cr_expect_not_null(strstr(echo, "POST /echo HTTP/1.1"));
    cr_expect_not_null(strstr(echo, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    cr_expect_not_null(strstr(echo, "\r\n\r\na=1&b=2"));
    bkey_secret_free(&body);
    cr_expect_eq(bkey_slab_used(slab), 0, "the caller's again as soon as there is a reply");
    release(&reply);
    reply = ask((bkey_net_request){.tag = 1}, "/echo");
    cr_expect_not_null(strstr((const char *)reply.body.ptr, "GET /echo"));
    release(&reply);
}

/* A batch: its questions are no secret, its answers are. The handle then serves a GET again. */
Test(transport, json_is_posted_from_anywhere)
{
    char text[] = "{\"requests\":[]}";
    bkey_net_request request = {.json = text, .flags = BKEY_NET_SECRET_REPLY};
    cr_assert(bkey_is_ok(submit(&request, "/echo")));
    memset(text, 'x', sizeof text - 1); /* submit has copied it */
    bkey_net_reply reply = wait_reply();
    const char *echo = (const char *)reply.body.ptr;
    cr_expect_not_null(strstr(echo, "POST /echo HTTP/1.1"));
    cr_expect_not_null(strstr(echo, "\r\nContent-Type: application/json\r\n"));
    cr_expect_not_null(strstr(echo, "\r\n\r\n{\"requests\":[]}"));
    cr_expect_null(strstr(echo, "gzip"));
    release(&reply);
    reply = ask((bkey_net_request){.tag = 1}, "/echo");
    cr_expect_not_null(strstr((const char *)reply.body.ptr, "GET /echo HTTP/1.1"));
    release(&reply);
}

Test(transport, broken_replies_are_network_errors)
{
    static const char *paths[] = {"/cut", "/garbage", "/reset"};
    for (size_t i = 0; i < 3; i++) {
        bkey_net_reply reply = ask((bkey_net_request){.tag = i}, paths[i]);
        cr_expect_eq(reply.error.reason, BKEY_E_NETWORK, "%s: %x", paths[i], reply.error.reason);
        cr_expect_eq(reply.status, 0);
        cr_expect_eq(reply.body.len, 0);
        release(&reply);
    }
    bkey_net_reply reply = ask((bkey_net_request){.timeout_ms = 100}, "/silent");
    cr_expect_eq(reply.error.reason, BKEY_E_NETWORK);
    release(&reply);
    reply = ask((bkey_net_request){.tag = 9}, "/ok");
    cr_expect_eq(reply.status, 200, "what broke does not stay broken");
    release(&reply);
}

Test(transport, oversize_replies_are_refused)
{
    bkey_net_request requests[] = {
        {.max_reply = 99999},
        {.max_reply = 1000000, .flags = BKEY_NET_SECRET_REPLY},
        {.max_reply = 1000000, .flags = BKEY_NET_SECRET_REPLY | BKEY_NET_FORM},
        {.max_reply = 1000000, .flags = BKEY_NET_SECRET_REPLY, .json = "{}"},
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        bkey_net_reply reply = ask(requests[i], "/big");
        cr_expect_eq(reply.error.reason, BKEY_E_BODY_SIZE, "%zu: %x", i, reply.error.reason);
        release(&reply);
    }
    bkey_net_reply reply = ask((bkey_net_request){.max_reply = 100000}, "/big");
    cr_expect(bkey_is_ok(reply.error));
    cr_expect_eq(reply.body.len, 100000);
    release(&reply);
}

typedef struct retry_case {
    const char *path;
    int64_t wait_ms;
} retry_case;

Test(transport, retry_after_is_read_in_both_forms)
{
    static const retry_case cases[] = {
        {"/retry/ten", 10000},  {"/retry/date", 30000}, {"/retry/past", 0},
        {"/retry/undated", -1}, {"/retry/soon", -1},    {"/retry/negative", -1},
        {"/retry/eternal", -1}, {"/retry/nothing", -1}, {"/retry/far", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bkey_net_reply reply = ask((bkey_net_request){.tag = 1}, cases[i].path);
        cr_expect_eq(reply.status, 429);
        cr_expect_eq(reply.retry_after_ms, cases[i].wait_ms, "%s: %ld", cases[i].path,
                     (long)reply.retry_after_ms);
        release(&reply);
    }
}

Test(transport, redirect_is_not_followed)
{
    bkey_net_reply reply = ask((bkey_net_request){.tag = 1}, "/redirect");
    cr_expect(bkey_is_ok(reply.error));
    cr_expect_eq(reply.status, 302);
    cr_expect_eq(hits, 1);
    release(&reply);
}

Test(transport, addresses_that_may_not_be_asked_are_refused_without_asking)
{
    static const char *urls[] = {"http://graph.example/v1.0", "ftp://127.0.0.1/x",
                                 "file:///etc/hosts", "https://user@127.0.0.1/", ""};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        bkey_net_request request = {.url = urls[i], .tag = i};
        cr_assert(bkey_is_ok(net->submit(net->self, &request)));
        bkey_net_reply reply = wait_reply();
        cr_expect_eq(reply.error.reason, BKEY_E_URL, "%s", urls[i]);
        cr_expect_eq(reply.tag, i);
        release(&reply);
    }
    cr_expect_eq(connections, 0);
}

/* The hello of TLS is no request for our server: it never answers, and nothing is taken for one. */
Test(transport, server_that_speaks_no_tls_never_succeeds)
{
    char url[64];
    bkey_net_request request = {.url = url, .timeout_ms = 200};
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", port);
    cr_assert(bkey_is_ok(net->submit(net->self, &request)));
    bkey_net_reply reply = wait_reply();
    cr_expect_not(bkey_is_ok(reply.error));
    cr_expect_eq(reply.status, 0);
    release(&reply);
}

Test(transport, hundred_requests_are_under_way_at_once)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < PARALLEL; i++) {
        bkey_net_request request = {.tag = i, .flags = BKEY_NET_SECRET_REPLY};
        cr_assert(bkey_is_ok(submit(&request, "/hold")));
    }
    bkey_net_request more = {.tag = PARALLEL};
    cr_expect(bkey_is(submit(&more, "/ok"), BKEY_E_LIMIT));
    for (; seen < PARALLEL; seen++) {
        bkey_net_reply reply = wait_reply();
        cr_expect_eq(reply.status, 200);
        release(&reply);
    }
    cr_expect_eq(held, PARALLEL);
}

Test(transport, cancelled_requests_never_answer)
{
    bkey_secret *body = NULL;
    bool got = true;
    bkey_net_reply reply;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "x", 1, &body)));
    for (unsigned i = 0; i < 10; i++) {
        bkey_net_request request = {.tag = i, .body = i == 0 ? body : NULL};
        cr_assert(bkey_is_ok(submit(&request, "/silent")));
    }
    cr_assert(bkey_is_ok(net->next(net->self, 10, &reply, &got)));
    cr_expect_not(got);
    net->cancel_all(net->self);
    cr_assert(bkey_is_ok(net->next(net->self, 10, &reply, &got)));
    cr_expect_not(got);
    bkey_secret_free(&body);
    reply = ask((bkey_net_request){.tag = 77}, "/ok");
    cr_expect_eq(reply.tag, 77);
    release(&reply);
}

Test(transport, odd_options_are_refused)
{
    bkey_net *other = NULL;
    bkey_transport_options options = {.max_parallel = 0};
    cr_expect(bkey_is(bkey_transport_new(&options, &other), BKEY_E_SETTING));
    options.max_parallel = BKEY_TRANSPORT_PARALLEL_MAX + 1;
    cr_expect(bkey_is(bkey_transport_new(&options, &other), BKEY_E_SETTING));
    cr_expect_null(other);
}
