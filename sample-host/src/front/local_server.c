/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/local_server.h"

#include "dph/dph.h"
#include "sample-host/src/front/exchange.h"
#include "sample-host/src/front/message.h"
#include "sample-host/src/front/os_clock.h"
#include "sample-host/src/front/os_socket.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 32
#define PATIENCE_SECONDS 10
#define PROGRESS_EVERY_MS 100

typedef struct slot {
    front_local_server *server;
    int fd; /* -1 = free */
    uint32_t uid;
    pthread_mutex_t sending;
    int64_t told_ms;
} slot;

struct front_local_server {
    host *h;
    int listener;
    int waker[2];
    atomic_bool stopping;
    pthread_t acceptor;
    pthread_mutex_t lock; /* the slots' fd and used */
    pthread_cond_t idle;
    size_t used;
    slot slots[CONNECTIONS_MAX];
};

static int is_cancelled(void *context)
{
    slot *s = context;
    return atomic_load(&s->server->stopping) || front_socket_gone(s->fd);
}

static void tell_progress(void *context, const char *unit, uint64_t done, uint64_t total)
{
    slot *s = context;
    pthread_mutex_lock(&s->sending);
    int64_t now = front_clock_ms();
    if (now - s->told_ms >= PROGRESS_EVERY_MS || done == total) {
        s->told_ms = now;
        json_t *message = json_pack("{s:s, s:I, s:I}", "unit", unit, "done", (json_int_t)done,
                                    "total", (json_int_t)total);
        if (message != NULL)
            front_exchange_send(s->fd, FRONT_FRAME_PROGRESS, message, NULL);
        json_decref(message);
    }
    pthread_mutex_unlock(&s->sending);
}

static void refuse(host_reply *reply, dph_status status, const char *why)
{
    host_error err;
    host_error_set(&err, status, 0, "%s", why);
    reply->exit_code = HOST_EXIT_REFUSED;
    reply->status = status;
    memcpy(reply->message, err.message, sizeof reply->message);
}

static void run_request(slot *s, const front_exchange *frame, host_reply *reply)
{
    host_request request = {
        .secret = frame->secret.len > 0 ? &frame->secret : NULL,
        .actor = {.kind = DPH_ACTOR_LOCAL,
                  .role = DPH_ROLE_ADMINISTRATOR,
                  .source = DPH_SOURCE_CLI,
                  .os_uid = s->uid,
                  .name = "local",
                  .remote_address = ""},
        .cancelled = is_cancelled,
        .cancel_ctx = s,
        .progress = tell_progress,
        .progress_ctx = s,
    };
    bool understood =
        frame->kind == FRONT_FRAME_REQUEST && front_message_to_request(frame->json, &request);
    const host_command *command = understood ? host_command_find(request.command) : NULL;
    if (!understood)
        refuse(reply, DPH_E_INVALID, "the request makes no sense");
    else if (command == NULL)
        refuse(reply, DPH_E_INVALID, "the running server does not know this command");
    else if ((command->flags & HOST_COMMAND_OFFLINE_ONLY) != 0)
        refuse(reply, DPH_E_DENIED, "this needs the server to be stopped");
    else
        host_command_run(s->server->h, &request, reply);
}

static void answer(slot *s)
{
    front_exchange frame = {0};
    host_reply reply;
    host_error err;
    host_reply_init(&reply);
    front_socket_timeout(s->fd, PATIENCE_SECONDS);
    if (!front_socket_peer_ok(s->fd, &s->uid))
        refuse(&reply, DPH_E_DENIED, "the server belongs to another user");
    else if (!front_exchange_receive(s->fd, &frame, &err))
        refuse(&reply, err.status, err.message);
    else
        run_request(s, &frame, &reply);
    front_exchange_done(&frame);
    json_t *message = front_message_from_reply(&reply);
    if (message != NULL && !front_exchange_send(s->fd, FRONT_FRAME_REPLY, message, &reply.secret))
        host_log_line(DPH_LOG_WARNING, "socket", "an answer could not be sent", NULL);
    json_decref(message);
    host_reply_done(&reply);
    front_socket_drain(s->fd);
}

static void release(slot *s)
{
    front_local_server *server = s->server;
    pthread_mutex_lock(&server->lock);
    front_socket_close(s->fd);
    s->fd = -1;
    server->used--;
    pthread_cond_broadcast(&server->idle);
    pthread_mutex_unlock(&server->lock);
}

static void *serve_one(void *context)
{
    answer(context);
    release(context);
    return NULL;
}

static slot *claim(front_local_server *server, int fd)
{
    slot *found = NULL;
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < CONNECTIONS_MAX && found == NULL; i++) {
        if (server->slots[i].fd < 0)
            found = &server->slots[i];
    }
    if (found != NULL) {
        found->fd = fd;
        found->told_ms = 0;
        server->used++;
    }
    pthread_mutex_unlock(&server->lock);
    return found;
}

static void turn_away(int fd)
{
    host_reply reply;
    host_reply_init(&reply);
    refuse(&reply, DPH_E_UNAVAILABLE, "the server is busy with other commands; try again");
    json_t *message = front_message_from_reply(&reply);
    front_socket_timeout(fd, 1);
    if (message != NULL)
        front_exchange_send(fd, FRONT_FRAME_REPLY, message, NULL);
    json_decref(message);
    host_reply_done(&reply);
    front_socket_close(fd);
}

static void *accept_all(void *context)
{
    front_local_server *server = context;
    int fd = -1;
    while ((fd = front_socket_accept(server->listener, server->waker[0])) >= 0) {
        pthread_t thread;
        slot *s = claim(server, fd);
        if (s == NULL) {
            turn_away(fd);
            continue;
        }
        if (pthread_create(&thread, NULL, serve_one, s) == 0)
            pthread_detach(thread);
        else
            release(s);
    }
    return NULL;
}

static void destroy(front_local_server *server)
{
    front_socket_close(server->waker[0]);
    front_socket_close(server->waker[1]);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        pthread_mutex_destroy(&server->slots[i].sending);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

static front_local_server *create(host *h)
{
    front_local_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return NULL;
    *server = (front_local_server){.h = h, .listener = -1, .waker = {-1, -1}};
    atomic_init(&server->stopping, false);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->idle, NULL);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        server->slots[i].server = server;
        server->slots[i].fd = -1;
        pthread_mutex_init(&server->slots[i].sending, NULL);
    }
    return server;
}

bool front_local_server_start(host *h, front_local_server **out, host_error *err)
{
    front_local_server *server = create(h);
    if (server == NULL)
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    bool ok = front_socket_waker(server->waker, err);
    if (ok)
        server->listener = front_socket_listen(host_data_dir(h), err);
    ok = ok && server->listener >= 0;
    if (ok && pthread_create(&server->acceptor, NULL, accept_all, server) != 0) {
        front_socket_unlisten(host_data_dir(h), server->listener);
        ok = host_error_set(err, DPH_E_NOMEM, 0, "no thread for the socket");
    }
    if (!ok) {
        destroy(server);
        return false;
    }
    *out = server;
    return true;
}

void front_local_server_stop(front_local_server *server)
{
    if (server == NULL)
        return;
    atomic_store(&server->stopping, true);
    front_socket_wake(server->waker[1]);
    pthread_join(server->acceptor, NULL);
    front_socket_unlisten(host_data_dir(server->h), server->listener);
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (server->slots[i].fd >= 0)
            front_socket_stop_reading(server->slots[i].fd);
    }
    while (server->used > 0)
        pthread_cond_wait(&server->idle, &server->lock);
    pthread_mutex_unlock(&server->lock);
    destroy(server);
}
