/* SPDX-License-Identifier: Apache-2.0
 *
 * The only user of h2o: carries requests in and answers out, late or broken where told so. Must not
 * know what a request means. */
#define _GNU_SOURCE
#define H2O_USE_LIBUV 0
#include "server.h"

#include "http.h"
#include "routes.h"
#include "tls.h"

#include <errno.h>
#include <h2o.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#define DELAYS_MAX 256

/* h2o keeps one timer list per duration. */
typedef struct delay {
    h2o_timeout_t timeout;
    uint64_t ms;
} delay;

struct sim_server {
    sim_world *world;
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener;
    h2o_socket_t *signals;
    delay *delays[DELAYS_MAX];
    size_t delay_count;
    uint16_t port;
    bool stop;
    bool dated; /* the clock was moved once, so the date is ours from then on */
};

typedef struct sim_handler {
    h2o_handler_t super;
    sim_server *server;
} sim_handler;

/* An answer on its way; lives in the request's pool and is disposed of with it. */
typedef struct pending {
    h2o_timeout_entry_t timer;
    h2o_generator_t generator;
    h2o_req_t *request;
    sim_server *server;
    sim_response response;
    bool counted;
} pending;

static const char *copy_text(h2o_req_t *request, const char *base, size_t len)
{
    return h2o_strdup(&request->pool, base, len).base;
}

static const char *copy_header(h2o_req_t *request, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&request->headers, name, strlen(name), -1);
    if (at < 0)
        return NULL;
    h2o_iovec_t value = request->headers.entries[at].value;
    return copy_text(request, value.base, value.len);
}

static sim_request read_request(h2o_req_t *request)
{
    return (sim_request){
        .method = copy_text(request, request->method.base, request->method.len),
        .target = copy_text(request, request->path.base, request->path.len),
        .scheme = copy_text(request, request->scheme->name.base, request->scheme->name.len),
        .host = copy_text(request, request->authority.base, request->authority.len),
        .authorization = copy_header(request, "authorization"),
        .user_agent = copy_header(request, "user-agent"),
        .client_request_id = copy_header(request, "client-request-id"),
        .accept_encoding = copy_header(request, "accept-encoding"),
        .body = request->entity.base,
        .body_len = request->entity.len,
        .version = (uint32_t)request->version,
    };
}

static void forget_pending(void *memory)
{
    pending *answer = memory;
    if (h2o_timeout_is_linked(&answer->timer))
        h2o_timeout_unlink(&answer->timer);
    if (answer->counted)
        sim_counts_end(&answer->server->world->counts);
    sim_http_done(&answer->response);
}

/* Connecting a TCP socket to nowhere sends RST at once; on HTTP/2 only the stream is reset. */
static void reset_connection(h2o_req_t *request)
{
    h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (request->version < 0x200)
        (void)connect(h2o_socket_get_fd(socket), &nowhere, sizeof nowhere);
    request->http1_is_persistent = 0;
}

static void break_off(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)generator;
    h2o_send(request, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void add_headers(h2o_req_t *request, const sim_response *response)
{
    h2o_add_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   response->content_type, strlen(response->content_type));
    for (size_t i = 0; i < response->header_count; i++) {
        const sim_header *header = &response->headers[i];
        h2o_add_header_by_str(&request->pool, &request->res.headers, header->name,
                              strlen(header->name), 1, NULL, header->value, strlen(header->value));
    }
}

/* h2o writes the Date header from this cache, which lasts as long as the loop's present moment. */
static void set_date(sim_server *server, h2o_req_t *request)
{
    char text[SIM_CLOCK_HTTP_SIZE];
    h2o_timestamp_t stamp;
    const sim_world *world = server->world;
    int64_t skew_ms = world->switches.values[SIM_SWITCH_CLOCK_SKEW_S] * 1000;
    if (skew_ms == 0 && world->clock.offset_ms == 0 && !server->dated)
        return;
    server->dated = true;
    h2o_get_timestamp(&server->context, &request->pool, &stamp);
    sim_clock_http(sim_world_now(world) + skew_ms, text);
    memcpy(stamp.str->rfc1123, text, H2O_TIMESTR_RFC1123_LEN);
}

/* GOAWAY on every HTTP/2 connection that is open; those that come later are served. */
static void go_away(sim_server *server)
{
    h2o_context_request_shutdown(&server->context);
    server->context.shutdown_requested = 0;
}

static void send_answer(pending *answer)
{
    h2o_req_t *request = answer->request;
    const sim_response *response = &answer->response;
    h2o_iovec_t body = {(char *)(uintptr_t)sup_buffer_text(&response->body), response->body.len};
    request->res.status = response->status;
    request->res.reason = sim_http_reason(response->status);
    request->res.content_length = response->chunked ? SIZE_MAX : body.len;
    set_date(answer->server, request);
    if (response->ending == SIM_ENDING_CLOSE)
        request->http1_is_persistent = 0;
    add_headers(request, response);
    if (response->ending == SIM_ENDING_RESET) {
        reset_connection(request);
        h2o_start_response(request, &answer->generator);
        h2o_send(request, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    h2o_start_response(request, &answer->generator);
    if (response->ending == SIM_ENDING_CUT) {
        answer->generator.proceed = break_off;
        body.len /= 2;
        request->http1_is_persistent = 0;
        h2o_send(request, &body, 1, H2O_SEND_STATE_IN_PROGRESS);
        return;
    }
    if (response->go_away)
        go_away(answer->server);
    h2o_send(request, &body, 1, H2O_SEND_STATE_FINAL);
}

static void send_late(h2o_timeout_entry_t *timer)
{
    send_answer(H2O_STRUCT_FROM_MEMBER(pending, timer, timer));
}

/* Durations beyond the table's size share the one made last. */
static h2o_timeout_t *find_delay(sim_server *server, uint64_t ms)
{
    for (size_t i = 0; i < server->delay_count; i++)
        if (server->delays[i]->ms == ms)
            return &server->delays[i]->timeout;
    if (server->delay_count == DELAYS_MAX)
        return &server->delays[DELAYS_MAX - 1]->timeout;
    delay *made = h2o_mem_alloc(sizeof *made);
    made->ms = ms;
    h2o_timeout_init(server->context.loop, &made->timeout, ms);
    server->delays[server->delay_count++] = made;
    return &made->timeout;
}

static int on_request(h2o_handler_t *self, h2o_req_t *request)
{
    sim_server *server = ((sim_handler *)(void *)self)->server;
    pending *answer = h2o_mem_alloc_shared(&request->pool, sizeof *answer, forget_pending);
    memset(&answer->timer, 0, sizeof answer->timer);
    answer->generator = (h2o_generator_t){NULL, NULL};
    answer->request = request;
    answer->server = server;
    sim_request read = read_request(request);
    answer->counted = !sim_routes_is_control(read.target);
    if (answer->counted)
        sim_counts_begin(&server->world->counts);
    sim_http_init(&answer->response);
    sim_routes_handle(server->world, &read, &answer->response);
    if (answer->response.delay_ms == 0) {
        send_answer(answer);
        return 0;
    }
    answer->timer.cb = send_late;
    h2o_timeout_link(server->context.loop, find_delay(server, answer->response.delay_ms),
                     &answer->timer);
    return 0;
}

static void on_connection(h2o_socket_t *listener, const char *err)
{
    sim_server *server = listener->data;
    if (err != NULL)
        return;
    h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
    if (socket != NULL)
        h2o_accept(&server->accept, socket);
}

static void on_signal(h2o_socket_t *signals, const char *err)
{
    sim_server *server = signals->data;
    (void)err;
    server->stop = true;
}

static int open_listener(uint16_t port, uint16_t *out_port, char err[256])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        (void)snprintf(err, 256, "cannot listen on 127.0.0.1:%u: %s", port, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    *out_port = ntohs(address.sin_port);
    return fd;
}

static h2o_socket_t *watch(sim_server *server, int fd, h2o_socket_cb on_ready)
{
    h2o_socket_t *socket =
        h2o_evloop_socket_create(server->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    socket->data = server;
    h2o_socket_read_start(socket, on_ready);
    return socket;
}

static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void configure(sim_server *server)
{
    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(H2O_STRLIT("graphsim"));
    server->config.http2.idle_timeout = 600000;
    server->config.http1.req_timeout = 600000;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    sim_handler *handler = (sim_handler *)(void *)h2o_create_handler(path, sizeof *handler);
    handler->super.on_req = on_request;
    handler->server = server;
    h2o_context_init(&server->context, h2o_evloop_create(), &server->config);
    server->accept.ctx = &server->context;
    server->accept.hosts = server->config.hosts;
}

sim_server *sim_server_new(sim_world *world, const sim_options *options, char err[256])
{
    const char *tls = options->tls;
    uint16_t port = options->port;
    uint16_t bound = 0;
    SSL_CTX *context = tls != NULL ? sim_tls_open(tls, err) : NULL;
    int fd = tls == NULL || context != NULL ? open_listener(port, &bound, err) : -1;
    if (fd < 0) {
        SSL_CTX_free(context);
        return NULL;
    }
    if (context != NULL && !options->http1)
        h2o_ssl_register_alpn_protocols(context, h2o_http2_alpn_protocols);
    sim_server *server = h2o_mem_alloc(sizeof *server);
    *server = (sim_server){.world = world, .port = bound};
    configure(server);
    server->accept.ssl_ctx = context;
    server->listener = watch(server, fd, on_connection);
    server->signals = watch(server, open_signals(), on_signal);
    return server;
}

uint16_t sim_server_port(const sim_server *server)
{
    return server->port;
}

void sim_server_run(sim_server *server)
{
    while (!server->stop)
        (void)h2o_evloop_run(server->context.loop, INT32_MAX);
}

/* Connections still open go with the process: h2o cannot end them from outside at once. */
void sim_server_free(sim_server *server)
{
    if (server == NULL)
        return;
    SSL_CTX_free(server->accept.ssl_ctx);
    h2o_socket_read_stop(server->listener);
    h2o_socket_close(server->listener);
    h2o_socket_read_stop(server->signals);
    h2o_socket_close(server->signals);
}
