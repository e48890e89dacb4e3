/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_request.h"

#include "dph/dph.h"
#include "sample-host/src/front/args.h"
#include "sample-host/src/front/os_address.h"
#include "sample-host/src/front/os_clock.h"
#include "sample-host/src/front/rest_answer.h"
#include "sample-host/src/front/rest_body.h"
#include "sample-host/src/front/rest_callback.h"
#include "sample-host/src/front/rest_route.h"
#include "sample-host/src/front/rest_send.h"
#include "support/utf8.h"

#include <stdlib.h>
#include <string.h>

#define SLOW_MAX 4
#define VALUE_SIZE 2048

typedef struct request {
    front_rest_shared *shared;
    struct MHD_Connection *connection;
    const front_route *route;
    const host_command *command;
    json_t *args;
    host_secret body;
    size_t received; /* bytes of body so far */
    bool too_large;
    bool bad_query;
    unsigned status; /* 0 = not answered */
    int64_t began_ms;
    char remote[FRONT_ADDRESS_TEXT_SIZE];
    char method[12];
    char user[HOST_TOKEN_USER_SIZE]; /* whose token it was; "" = the host's own */
} request;

static const char *find_header(request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result send_answer(request *r, front_rest_answer answer)
{
    r->status = answer.status;
    enum MHD_Result result = front_rest_send_json(r->connection, &answer, NULL);
    front_rest_answer_done(&answer);
    return result;
}

static enum MHD_Result refuse(request *r, unsigned status, const char *message)
{
    return send_answer(r, front_rest_answer_error(status, message));
}

static bool has_token(request *r)
{
    static const char scheme[] = "Bearer ";
    const char *given = find_header(r, MHD_HTTP_HEADER_AUTHORIZATION);
    size_t skip = sizeof scheme - 1;
    if (given == NULL || strncmp(given, scheme, skip) != 0)
        return false;
    size_t len = strlen(given + skip);
    return host_token_ok(r->shared->h, given + skip, len) ||
           host_token_user(r->shared->h, given + skip, len, r->user);
}

static enum MHD_Result answer_open(request *r, const char *path)
{
    bool ready = strcmp(path, "/healthz") == 0 || host_ready(r->shared->h);
    r->status = ready ? 200 : 503;
    return front_rest_send_text(r->connection, r->status, ready ? "ok\n" : "not ready\n");
}

static enum MHD_Result answer_metrics(request *r)
{
    sup_buffer text;
    sup_buffer_init(&text, 16384);
    host_sync_counts syncs;
    host_sync_count(r->shared->h, &syncs);
    front_rest_stats_text(&r->shared->stats, host_ready(r->shared->h), &text);
    front_rest_stats_syncs(&syncs, &text);
    r->status = sup_buffer_failed(&text) ? 500 : 200;
    enum MHD_Result result = front_rest_send_text(r->connection, r->status, sup_buffer_text(&text));
    sup_buffer_done(&text);
    return result;
}

static enum MHD_Result put_query(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    request *r = context;
    char text[VALUE_SIZE];
    char clean_name[FRONT_ARGS_NAME_SIZE];
    (void)kind;
    const char *given = value == NULL ? "" : value;
    bool readable = front_rest_route_unescape(name, strlen(name), clean_name, sizeof clean_name) &&
                    front_rest_route_unescape(given, strlen(given), text, sizeof text);
    const host_option *option = readable ? front_args_find(r->command, clean_name) : NULL;
    bool is_flag = option != NULL && (option->flags & HOST_OPTION_FLAG) != 0;
    if (is_flag && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
        return MHD_YES;
    if (option != NULL && front_args_put(r->args, option, is_flag ? NULL : text, NULL))
        return MHD_YES;
    r->bad_query = true;
    return MHD_NO;
}

static bool has_body(const request *r)
{
    return strcmp(r->method, "POST") == 0 || strcmp(r->method, "PATCH") == 0;
}

/* Longer than the limit by its own word. A body without a stated length is measured as it comes. */
static bool announces_too_much(request *r)
{
    const char *length = find_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length != NULL && strtoull(length, NULL, 10) > FRONT_REST_BODY_MAX;
}

static bool is_json(request *r)
{
    static const char wanted[] = "application/json";
    const char *type = find_header(r, MHD_HTTP_HEADER_CONTENT_TYPE);
    const char *length = find_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    bool empty = length != NULL && strcmp(length, "0") == 0;
    bool chunked = find_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
    if (type == NULL)
        return empty || (length == NULL && !chunked);
    size_t len = strcspn(type, "; ");
    return len == sizeof wanted - 1 && memcmp(type, wanted, len) == 0;
}

static enum MHD_Result check_route(request *r, const char *path)
{
    char allow[FRONT_ROUTE_ALLOW_SIZE];
    host_error err;
    int found = front_rest_route_find(r->method, path, &r->route, allow);
    if (found == FRONT_ROUTE_NO_PATH)
        return refuse(r, 404, "there is no such thing");
    if (found == FRONT_ROUTE_NO_METHOD) {
        front_rest_answer answer = front_rest_answer_error(405, "this path has other methods");
        r->status = 405;
        enum MHD_Result result = front_rest_send_json(r->connection, &answer, allow);
        front_rest_answer_done(&answer);
        return result;
    }
    r->command = host_command_find(r->route->command);
    r->args = json_object();
    if (r->command == NULL || r->args == NULL)
        return refuse(r, 500, "this route leads nowhere");
    if (!front_rest_route_args(r->route, path, r->args, &err))
        return refuse(r, 404, err.message);
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, put_query, r);
    if (r->bad_query)
        return refuse(r, 400, "the query has a parameter that does not fit here");
    if (announces_too_much(r))
        return refuse(r, 413, "the body is longer than 1 MiB");
    if (has_body(r) && !is_json(r))
        return refuse(r, 400, "the body must be application/json");
    return MHD_YES;
}

/* Everything that can be said before the body. Leaves status 0 when the body is wanted. */
static enum MHD_Result check_head(request *r, const char *path)
{
    const front_address *address = &r->shared->address;
    bool is_get = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
    if (is_get && (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0))
        return answer_open(r, path);
    if (!front_address_host_ok(address, find_header(r, MHD_HTTP_HEADER_HOST)) ||
        !front_address_origin_ok(address, find_header(r, MHD_HTTP_HEADER_ORIGIN)))
        return refuse(r, 403, "this server does not answer under that name");
    if (strcmp(r->method, "GET") == 0 && strcmp(path, FRONT_REST_CALLBACK_PATH) == 0)
        return front_rest_callback(r->shared->h, r->connection, r->remote, &r->status);
    if (!has_token(r))
        return refuse(r, 401, "a valid bearer token is needed");
    if (is_get && strcmp(path, "/metrics") == 0)
        return r->user[0] == '\0' ? answer_metrics(r)
                                  : refuse(r, 403, "only the host's own token reads this");
    return check_route(r, path);
}

static int is_cancelled(void *context)
{
    front_rest_shared *shared = context;
    return atomic_load(&shared->stopping);
}

static enum MHD_Result send_reply(request *r, host_reply *reply)
{
    if (reply->exit_code == HOST_EXIT_DONE && (r->route->flags & FRONT_ROUTE_FILE) != 0) {
        r->status = 200;
        return front_rest_send_file(r->connection, reply->body);
    }
    if (reply->exit_code != HOST_EXIT_DONE || (r->route->flags & FRONT_ROUTE_REVEALS) == 0) {
        bool list = (r->command->flags & HOST_COMMAND_LIST) != 0;
        front_rest_answer answer = front_rest_answer_reply(reply, list);
        if (answer.status == 200 && (r->route->flags & FRONT_ROUTE_CREATES) != 0)
            answer.status = 201;
        if (answer.status == 200 && (r->route->flags & FRONT_ROUTE_ACCEPTS) != 0)
            answer.status = 202;
        return send_answer(r, answer);
    }
    r->status = 200;
    atomic_fetch_add(&r->shared->stats.reveals, 1);
    return front_rest_send_secret(r->connection, &reply->secret);
}

static enum MHD_Result run(request *r, const host_secret *secret)
{
    host_reply reply;
    host_request wanted = {
        .command = r->command->name,
        .args = r->args,
        .secret = secret->ptr == NULL ? NULL : secret,
        .actor = {.kind = DPH_ACTOR_LOCAL,
                  .role = DPH_ROLE_ADMINISTRATOR,
                  .source = DPH_SOURCE_API,
                  .os_uid = DPH_UID_UNKNOWN,
                  .name = "api",
                  .remote_address = r->remote,
                  .as_user = r->user[0] != '\0' ? r->user : NULL},
        .cancelled = is_cancelled,
        .cancel_ctx = r->shared,
    };
    host_reply_init(&reply);
    host_command_run(r->shared->h, &wanted, &reply);
    enum MHD_Result result = send_reply(r, &reply);
    host_reply_done(&reply);
    return result;
}

static enum MHD_Result run_limited(request *r, const host_secret *secret)
{
    front_rest_shared *shared = r->shared;
    if ((r->route->flags & FRONT_ROUTE_SLOW) == 0)
        return run(r, secret);
    if (atomic_fetch_add(&shared->slow, 1) >= SLOW_MAX) {
        atomic_fetch_sub(&shared->slow, 1);
        return refuse(r, 429, "too many of these run at once; try again later");
    }
    enum MHD_Result result = run(r, secret);
    atomic_fetch_sub(&shared->slow, 1);
    return result;
}

static enum MHD_Result finish(request *r)
{
    host_secret secret = {0};
    host_error err;
    if (r->too_large)
        return refuse(r, 413, "the body is longer than 1 MiB");
    if (!front_rest_body_read(&r->body, r->command, r->args, &secret, &err))
        return refuse(r, 400, err.message);
    enum MHD_Result result = run_limited(r, &secret);
    host_secret_done(&secret);
    return result;
}

static request *begin(front_rest_shared *shared, struct MHD_Connection *connection,
                      const char *method)
{
    request *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    r->shared = shared;
    r->connection = connection;
    r->began_ms = front_clock_ms();
    sup_utf8_clean(method, strlen(method), r->method, sizeof r->method);
    front_socket_address_text(info == NULL ? NULL : info->client_addr, r->remote);
    atomic_fetch_add(&shared->stats.running, 1);
    return r;
}

enum MHD_Result front_rest_request_handle(void *context, struct MHD_Connection *connection,
                                          const char *url, const char *method, const char *version,
                                          const char *upload, size_t *upload_size, void **slot)
{
    (void)version;
    request *r = *slot;
    if (r == NULL) {
        *slot = r = begin(context, connection, method);
        return r == NULL ? MHD_NO : check_head(r, url);
    }
    if (*upload_size == 0)
        return r->status != 0 ? MHD_YES : finish(r);
    r->received += *upload_size;
    if (r->status == 0 && !r->too_large)
        r->too_large = !front_rest_body_add(&r->body, upload, *upload_size);
    /* A body that goes on and on is cut off: nobody waits for its answer. */
    if (r->received > 4 * (size_t)FRONT_REST_BODY_MAX)
        return MHD_NO;
    *upload_size = 0;
    return MHD_YES;
}

static void log_request(const request *r)
{
    json_t *fields =
        json_pack("{s:s, s:s, s:i, s:I, s:s}", "method", r->method, "route",
                  r->route == NULL ? "-" : r->route->path, "status", (int)r->status, "ms",
                  (json_int_t)(front_clock_ms() - r->began_ms), "remote", r->remote);
    host_log_line(DPH_LOG_INFO, "http", "request", fields);
    json_decref(fields);
}

void front_rest_request_end(void *context, struct MHD_Connection *connection, void **slot,
                            enum MHD_RequestTerminationCode why)
{
    front_rest_shared *shared = context;
    request *r = *slot;
    (void)connection;
    (void)why;
    if (r == NULL)
        return;
    front_rest_stats_count(&shared->stats, r->status);
    atomic_fetch_sub(&shared->stats.running, 1);
    log_request(r);
    json_decref(r->args);
    host_secret_done(&r->body);
    free(r);
    *slot = NULL;
}

size_t front_rest_request_keep(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}
