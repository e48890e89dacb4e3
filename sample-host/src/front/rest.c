/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest.h"

#include "sample-host/src/front/os_address.h"
#include "sample-host/src/front/os_pem.h"
#include "sample-host/src/front/os_socket.h"
#include "sample-host/src/front/rest_callback.h"
#include "sample-host/src/front/rest_request.h"

#include <stdio.h>
#include <stdlib.h>

#define CONNECTIONS_MAX 256u
#define IDLE_SECONDS 30u

struct front_rest {
    front_rest_shared shared;
    struct MHD_Daemon *daemon; /* owns the listener once it runs */
    int listener;
    host_secret cert;
    host_secret key;
    char bound[FRONT_ADDRESS_TEXT_SIZE];
    char url[FRONT_ADDRESS_TEXT_SIZE + 32];
};

static bool check_options(const front_rest_options *options, front_socket_address *out,
                          host_error *err)
{
    if (!front_socket_address_parse(options->address, options->port, out))
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--address must be a numeric address");
    if ((options->cert_file == NULL) != (options->key_file == NULL))
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "--cert and --key go together");
    if (!out->loopback && options->cert_file == NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "an address that others reach needs --cert and --key");
    if (options->cert_file != NULL && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return host_error_set(err, DPH_E_UNSUPPORTED, 0, "this HTTP library has no TLS");
    return true;
}

static bool read_tls(front_rest *rest, const front_rest_options *options, host_error *err)
{
    if (options->cert_file == NULL)
        return true;
    return front_pem_read(options->cert_file, false, &rest->cert, err) &&
           front_pem_read(options->key_file, true, &rest->key, err);
}

/* The port is known before the first request can come. */
static bool listen_on(front_rest *rest, const front_socket_address *where, host_error *err)
{
    front_address *address = &rest->shared.address;
    rest->listener = front_socket_address_listen(where, &address->port, err);
    if (rest->listener < 0)
        return false;
    (void)snprintf(rest->url, sizeof rest->url, "%s://%s%s%s:%u", address->tls ? "https" : "http",
                   where->v6 ? "[" : "", rest->bound, where->v6 ? "]" : "",
                   (unsigned)address->port);
    return true;
}

/* A thread per connection: a command that waits for the network or the store holds up nobody else.
 */
static bool start_daemon(front_rest *rest, host_error *err)
{
    bool tls = rest->cert.ptr != NULL;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_ITC;
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, rest->cert.ptr},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, rest->key.ptr},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    flags |= tls ? (unsigned)MHD_USE_TLS : 0u;
    rest->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, front_rest_request_handle, &rest->shared, MHD_OPTION_LISTEN_SOCKET,
        rest->listener, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        IDLE_SECONDS, MHD_OPTION_NOTIFY_COMPLETED, front_rest_request_end, &rest->shared,
        MHD_OPTION_UNESCAPE_CALLBACK, front_rest_request_keep, NULL, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_ARRAY, tls ? secure : none, MHD_OPTION_END);
    if (rest->daemon != NULL)
        return true;
    return host_error_set(err, DPH_E_UNAVAILABLE, 0, "the HTTP server does not start%s",
                          tls ? ": does the key belong to the certificate?" : "");
}

static front_rest *create(host *h, const front_rest_options *options,
                          const front_socket_address *where)
{
    front_rest *rest = calloc(1, sizeof *rest);
    if (rest == NULL)
        return NULL;
    front_socket_address_text(front_socket_address_of(where), rest->bound);
    rest->shared.h = h;
    rest->shared.address = (front_address){
        .bound = rest->bound,
        .loopback = where->loopback,
        .tls = options->cert_file != NULL,
        .names = options->names,
    };
    rest->listener = -1;
    front_rest_stats_init(&rest->shared.stats);
    atomic_init(&rest->shared.slow, 0);
    atomic_init(&rest->shared.stopping, false);
    return rest;
}

bool front_rest_start(host *h, const front_rest_options *options, front_rest **out, host_error *err)
{
    front_socket_address where;
    if (!check_options(options, &where, err))
        return false;
    front_rest *rest = create(h, options, &where);
    if (rest == NULL)
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    if (!read_tls(rest, options, err) || !listen_on(rest, &where, err) ||
        !start_daemon(rest, err)) {
        front_rest_stop(rest);
        return false;
    }
    *out = rest;
    return true;
}

const char *front_rest_url(const front_rest *rest)
{
    return rest->url;
}

void front_rest_callback_url(const front_rest *rest, char *out, size_t cap)
{
    const front_address *address = &rest->shared.address;
    const bool named = address->tls && address->names != NULL && address->names[0] != NULL;
    (void)snprintf(out, cap, "%s://%s:%u%s", address->tls ? "https" : "http",
                   named ? address->names[0] : "localhost", (unsigned)address->port,
                   FRONT_REST_CALLBACK_PATH);
}

void front_rest_stop(front_rest *rest)
{
    if (rest == NULL)
        return;
    atomic_store(&rest->shared.stopping, true);
    if (rest->daemon != NULL)
        MHD_stop_daemon(rest->daemon);
    else
        front_socket_close(rest->listener);
    host_secret_done(&rest->cert);
    host_secret_done(&rest->key);
    free(rest);
}
