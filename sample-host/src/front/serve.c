/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/serve.h"

#include "sample-host/src/front/local_server.h"
#include "sample-host/src/front/os_signal.h"
#include "sample-host/src/front/passphrase.h"
#include "sample-host/src/front/rest.h"
#include "sample-host/src/signin.h"

#include <stdio.h>

#define NAMES_MAX 16
#define DEFAULT_PORT 8420

static const host_option serve_options[] = {
    {"port", HOST_OPTION_INT, "N", "port of the REST API, 0 = any free one (default 8420)"},
    {"address", 0, "ADDRESS", "numeric address to listen on (default 127.0.0.1)"},
    {"cert", 0, "FILE", "certificate chain (PEM): serve https"},
    {"key", 0, "FILE", "private key of the certificate (PEM, mode 0600)"},
    {"name", HOST_OPTION_REPEAT, "NAME", "further host name under which the server is reached"},
};

const host_command front_serve_command = {
    .name = "serve",
    .help = "serve the REST API and the local socket, and sync by the clock, until stopped",
    .options = serve_options,
    .option_count = sizeof serve_options / sizeof serve_options[0],
    .flags = HOST_COMMAND_OFFLINE_ONLY,
    .columns = "",
};

static const char *find_text(const front_options *options, const char *name)
{
    return json_string_value(json_object_get(options->args, name));
}

static bool read_options(const front_options *options, const char *names[NAMES_MAX + 1],
                         front_rest_options *out, host_error *err)
{
    const json_t *port = json_object_get(options->args, "port");
    const json_t *given = json_object_get(options->args, "name");
    const char *address = find_text(options, "address");
    json_int_t number = port == NULL ? DEFAULT_PORT : json_integer_value(port);
    if (number < 0 || number > UINT16_MAX || json_array_size(given) > NAMES_MAX)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--port is 0 to 65535, and --name can be given 16 times");
    for (size_t i = 0; i <= json_array_size(given); i++)
        names[i] = json_string_value(json_array_get(given, i));
    *out = (front_rest_options){
        .address = address == NULL ? "127.0.0.1" : address,
        .port = (uint16_t)number,
        .cert_file = find_text(options, "cert"),
        .key_file = find_text(options, "key"),
        .names = names,
    };
    return true;
}

static bool serve_open(host *h, const front_rest_options *rest_options, host_error *err)
{
    front_rest *rest = NULL;
    front_local_server *local = NULL;
    char callback[256];
    bool ok = front_rest_start(h, rest_options, &rest, err);
    if (ok) {
        front_rest_callback_url(rest, callback, sizeof callback);
        host_signin_serve(h, callback);
    }
    ok = ok && front_local_server_start(h, &local, err) && host_scheduler_start(h, err);
    if (ok) {
        (void)printf("dochost listening on %s\ntoken in %s\n", front_rest_url(rest),
                     host_token_path(h));
        (void)fflush(stdout);
        front_signal_wait();
    }
    host_scheduler_stop(h);
    front_local_server_stop(local);
    front_rest_stop(rest);
    return ok;
}

int front_serve_run(const front_options *options, host_error *err)
{
    const char *names[NAMES_MAX + 1];
    front_rest_options rest_options;
    host *h = NULL;
    host_secret passphrase = {0};
    host_open_options open = {options->data_dir, options->key_file, HOST_OPEN_SERVER, &passphrase};
    if (!read_options(options, names, &rest_options, err))
        return HOST_EXIT_USAGE;
    front_signal_block();
    if (!front_passphrase_read(options->passphrase_file, &passphrase, err))
        return HOST_EXIT_REFUSED;
    bool ok = host_open(&open, &h, err);
    host_secret_done(&passphrase);
    if (!ok)
        return HOST_EXIT_REFUSED;
    ok = serve_open(h, &rest_options, err);
    host_close(h);
    if (ok)
        return HOST_EXIT_DONE;
    return err->code == HOST_CODE_USAGE ? HOST_EXIT_USAGE : HOST_EXIT_REFUSED;
}
