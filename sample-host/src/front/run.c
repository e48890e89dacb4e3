/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/run.h"

#include "dph/dph.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/front/args.h"
#include "sample-host/src/front/client.h"
#include "sample-host/src/front/os_clock.h"
#include "sample-host/src/front/os_signal.h"
#include "sample-host/src/front/os_socket.h"
#include "sample-host/src/front/os_terminal.h"
#include "sample-host/src/front/passphrase.h"
#include "sample-host/src/front/progress.h"
#include "sample-host/src/front/render.h"
#include "sample-host/src/front/sentence.h"
#include "sample-host/src/front/signin.h"
#include "support/utf8.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a command waits for another one that owns the data, or for a server that starts. */
#define TRIES 30
#define PAUSE_MS 100
#define OUTPUT_MAX 536870912u

void front_run_complain(const char *sentence)
{
    char clean[HOST_MESSAGE_SIZE];
    front_sentence_make(sentence, clean);
    (void)fprintf(stderr, "dochost: %s\n", clean);
}

/* `name check -` takes the name from standard input: it may hold what a shell would change. */
static bool read_name(const front_options *options, host_error *err)
{
    json_t *name = json_object_get(options->args, "name");
    host_secret line = {0};
    if (strcmp(options->command->name, "name check") != 0 || name == NULL ||
        strcmp(json_string_value(name), "-") != 0)
        return true;
    if (!front_terminal_secret("Name: ", &line, err))
        return false;
    json_t *text = json_stringn(line.ptr == NULL ? "" : (const char *)line.ptr, line.len);
    host_secret_done(&line);
    if (text == NULL || json_object_set_new(options->args, "name", text) != 0)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "the name is not UTF-8");
    return true;
}

static json_t *resolve_path(const char *path, host_error *err)
{
    char whole[PATH_MAX];
    if (!host_file_absolute(path, whole, sizeof whole, err))
        return NULL;
    return json_string(whole);
}

static bool resolve_list(json_t *list, host_error *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *whole = resolve_path(json_string_value(json_array_get(list, i)), err);
        if (whole == NULL || json_array_set_new(list, i, whole) != 0)
            return false;
    }
    return true;
}

/* A server has another current folder than the one who asks. */
static bool resolve_paths(const front_options *options, host_error *err)
{
    char key[FRONT_ARGS_NAME_SIZE];
    for (size_t i = 0; i < options->command->option_count; i++) {
        const host_option *option = &options->command->options[i];
        front_args_key(option, key);
        json_t *value = json_object_get(options->args, key);
        if (value == NULL || (option->flags & HOST_OPTION_PATH) == 0)
            continue;
        if (json_is_array(value)) {
            if (!resolve_list(value, err))
                return false;
            continue;
        }
        json_t *whole = resolve_path(json_string_value(value), err);
        if (whole == NULL || json_object_set_new(options->args, key, whole) != 0)
            return false;
    }
    return true;
}

/* Files may hold secrets: their content goes the way of one, and where it lies stays here. */
static bool read_file(const front_options *options, host_secret *out, host_error *err)
{
    const char *path = json_string_value(json_object_get(options->args, "file"));
    if (path == NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "the name of a file is missing");
    if (!host_file_read(path, HOST_COMMAND_FILE_MAX, false, out, err))
        return false;
    (void)json_object_del(options->args, "file");
    return out->len > 0 || host_error_set(err, DPH_E_INVALID, 0, "the file is empty");
}

static bool read_secret(const front_options *options, host_secret *out, host_error *err)
{
    int wanted = host_command_wants_secret(options->command, options->args);
    bool must = wanted == HOST_SECRET_MUST;
    if (wanted == HOST_SECRET_NONE)
        return true;
    if ((options->command->flags & HOST_COMMAND_READS_FILE) != 0)
        return read_file(options, out, err);
    if (options->passphrase_file != NULL && strcmp(options->passphrase_file, "-") == 0)
        return host_error_set(
            err, DPH_E_INVALID, HOST_CODE_USAGE,
            "standard input holds one secret only: give the passphrase in a file");
    if (host_command_wants_two(options->command, options->args)) {
        if (!front_terminal_two_secrets(
                "Refresh token, and the app's own secret on a line below: ", out, err))
            return false;
    } else if (!front_terminal_secret(must ? "Secret: " : "Secret (empty for none): ", out, err)) {
        return false;
    }
    if (must && out->ptr == NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "the secret is missing: give it as one line on standard input");
    return true;
}

static bool run_here(host *h, const host_request *request, host_reply *reply)
{
    host_command_run(h, request, reply);
    host_close(h);
    return true;
}

static bool is_over(const host_request *request)
{
    return request->cancelled != NULL && request->cancelled(request->cancel_ctx) != 0;
}

/* Whoever owns the data answers: this process, or a server. In between, a short wait. */
static bool run_somewhere(const front_options *options, const host_request *request,
                          const host_secret *passphrase, host_reply *reply, host_error *err)
{
    bool bare = (options->command->flags & HOST_COMMAND_BARE) != 0;
    host_open_options open = {options->data_dir, options->key_file, bare ? HOST_OPEN_BARE : 0,
                              passphrase};
    bool offline = (options->command->flags & HOST_COMMAND_OFFLINE_ONLY) != 0;
    for (int i = 0; i < TRIES && !is_over(request); i++) {
        host *h = NULL;
        if (host_open(&open, &h, err))
            return run_here(h, request, reply);
        if (err->code != HOST_CODE_BUSY)
            return false;
        int fd = offline ? -1 : front_socket_connect(options->data_dir);
        if (fd >= 0)
            return front_client_run(fd, request, reply, err);
        front_clock_wait(PAUSE_MS);
    }
    return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                          offline ? "another process owns %s; stop it first"
                                  : "another process owns %s and no server answers there",
                          options->data_dir);
}

static bool run_request(const front_options *options, const host_request *request,
                        host_reply *reply, host_error *err)
{
    host_secret passphrase = {0};
    if ((options->command->flags & HOST_COMMAND_NO_DATA) != 0)
        return run_here(NULL, request, reply);
    bool ok = front_passphrase_read(options->passphrase_file, &passphrase, err) &&
              run_somewhere(options, request, &passphrase, reply, err);
    host_secret_done(&passphrase);
    return ok;
}

/* A list is an array of its rows, whatever else the body says; anything else is an object. */
static bool add_json(const front_options *options, const host_reply *reply, sup_buffer *text)
{
    bool prints = (options->command->flags & HOST_COMMAND_PRINTS_TEXT) != 0;
    bool list = (options->command->flags & HOST_COMMAND_LIST) != 0 ||
                (prints && json_object_get(reply->body, "rows") != NULL);
    json_t *rows = list ? json_object_get(reply->body, "rows") : reply->body;
    json_t *shown = rows != NULL ? json_incref(rows) : list ? json_array() : json_object();
    bool ok = shown != NULL && front_render_json(shown, front_terminal_out(), text);
    json_decref(shown);
    return ok;
}

/* Text that is the output as it is; on a terminal without control characters but line ends. */
static const json_t *ready_text(const front_options *options, const host_reply *reply)
{
    bool prints = (options->command->flags & HOST_COMMAND_PRINTS_TEXT) != 0;
    const json_t *content = prints ? json_object_get(reply->body, "content") : NULL;
    return options->json || !json_is_string(content) ? NULL : content;
}

static void add_clean(const char *text, size_t len, sup_buffer *out)
{
    char *clean = malloc(len + 1);
    if (clean == NULL)
        return;
    (void)sup_buffer_add(out, clean, sup_utf8_clean(text, len, clean, len + 1));
    free(clean);
}

static void add_ready_text(const json_t *content, sup_buffer *out)
{
    const char *at = json_string_value(content);
    const char *end = at + json_string_length(content);
    if (!front_terminal_out()) {
        (void)sup_buffer_add(out, at, (size_t)(end - at));
        return;
    }
    while (at < end) {
        size_t len = strcspn(at, "\r\n");
        add_clean(at, len, out);
        at += len;
        size_t breaks = strspn(at, "\r\n");
        (void)sup_buffer_add(out, at, breaks);
        at += breaks;
    }
}

static bool show_body(const front_options *options, const host_reply *reply, FILE *out)
{
    sup_buffer text;
    bool ok = true;
    const json_t *ready = ready_text(options, reply);
    sup_buffer_init(&text, OUTPUT_MAX);
    if (ready != NULL) {
        add_ready_text(ready, &text);
    } else if (options->json || (options->command->flags & HOST_COMMAND_PRINTS_TEXT) != 0) {
        ok = add_json(options, reply, &text);
    } else if (reply->body != NULL) {
        front_render_text(reply->body, options->command->columns, &text);
    }
    ok = ok && !sup_buffer_failed(&text);
    ok = ok && fwrite(sup_buffer_text(&text), 1, text.len, out) == text.len;
    ok = fflush(out) == 0 && ok;
    sup_buffer_done(&text);
    return ok;
}

/* A sentence is the output when there is no other, and a remark beside it otherwise. */
static void tell(const host_reply *reply)
{
    char clean[HOST_MESSAGE_SIZE];
    bool only = reply->body == NULL && reply->secret.len == 0;
    sup_utf8_clean(reply->message, strlen(reply->message), clean, sizeof clean);
    (void)fprintf(only ? stdout : stderr, "%s\n", clean);
}

static int show_reply(const front_options *options, const host_reply *reply)
{
    bool ok = true;
    bool prints_secret = (options->command->flags & HOST_COMMAND_PRINTS_SECRET) != 0;
    bool done = reply->exit_code == HOST_EXIT_DONE;
    if (done && prints_secret && reply->secret.len > 0)
        ok = front_terminal_show(&reply->secret);
    else if (done || reply->body != NULL || (options->json && !prints_secret))
        ok = show_body(options, reply, prints_secret ? stderr : stdout);
    if (!done)
        front_run_complain(reply->message[0] != '\0' ? reply->message : "the command failed");
    else if (!ok)
        front_run_complain("the output could not be written");
    else if (reply->message[0] != '\0' && !options->json)
        tell(reply);
    return done && !ok ? HOST_EXIT_REFUSED : reply->exit_code;
}

typedef struct following {
    const front_options *options;
    const host_request *request;
} following;

static bool run_about(void *context, const char *command, const char *tenant, bool uncancelled,
                      host_reply *reply, host_error *err)
{
    const following *f = context;
    front_options options = *f->options;
    host_request request = *f->request;
    json_t *args = json_pack("{s:s}", "tenant", tenant);
    options.command = host_command_find(command);
    options.args = args;
    request.command = command;
    request.args = args;
    request.secret = NULL;
    request.cancelled = uncancelled ? NULL : request.cancelled;
    bool ok =
        args != NULL && options.command != NULL && run_request(&options, &request, reply, err);
    json_decref(args);
    return ok;
}

/* Somebody has to sign in elsewhere before this command is over. */
static bool follow_signin(const front_options *options, const host_request *request,
                          host_reply *reply, host_error *err)
{
    following f = {options, request};
    const front_signin signin = {run_about, &f, request->progress_ctx};
    return !front_signin_is_begun(reply) || front_signin_follow(&signin, reply, err);
}

static int run_with(const front_options *options, const host_secret *secret)
{
    host_reply reply;
    host_error err;
    front_progress progress;
    host_request request = {
        .command = options->command->name,
        .args = options->args,
        .secret = secret->ptr == NULL ? NULL : secret,
        .actor = {.kind = DPH_ACTOR_LOCAL,
                  .role = DPH_ROLE_ADMINISTRATOR,
                  .source = DPH_SOURCE_CLI,
                  .os_uid = front_terminal_uid(),
                  .name = "local",
                  .remote_address = "",
                  .as_user = options->as_user},
        .cancelled = front_signal_seen,
        .progress = front_progress_tell,
        .progress_ctx = &progress,
    };
    front_progress_init(&progress);
    host_reply_init(&reply);
    bool ok = run_request(options, &request, &reply, &err) &&
              follow_signin(options, &request, &reply, &err);
    front_progress_done(&progress);
    if (!ok)
        front_run_complain(err.message);
    int code = ok ? show_reply(options, &reply) : HOST_EXIT_REFUSED;
    host_reply_done(&reply);
    return code;
}

int front_run_command(const front_options *options)
{
    host_secret secret = {0};
    host_error err;
    front_signal_watch();
    if (!read_name(options, &err) || !resolve_paths(options, &err) ||
        !read_secret(options, &secret, &err)) {
        front_run_complain(err.message);
        host_secret_done(&secret);
        return err.code == HOST_CODE_USAGE ? HOST_EXIT_USAGE : HOST_EXIT_REFUSED;
    }
    int code = run_with(options, &secret);
    host_secret_done(&secret);
    return code;
}
