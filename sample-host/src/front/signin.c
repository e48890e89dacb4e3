/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/signin.h"

#include "sample-host/src/front/os_clock.h"
#include "sample-host/src/front/os_signal.h"
#include "sample-host/src/front/os_terminal.h"
#include "support/utf8.h"

#include <stdio.h>
#include <string.h>

#define LEAST_PAUSE_MS 200
#define MOST_PAUSE_MS 5000

static const char *find_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool is_open(const json_t *status)
{
    const char *state = find_text(status, "state");
    return strcmp(state, "begun") == 0 || strcmp(state, "waiting") == 0 ||
           strcmp(state, "answered") == 0;
}

bool front_signin_is_begun(const host_reply *reply)
{
    return reply->exit_code == HOST_EXIT_DONE && is_open(json_object_get(reply->body, "signin"));
}

static void say(const char *before, const char *text, const char *after)
{
    char clean[4096];
    sup_utf8_clean(text, strlen(text), clean, sizeof clean);
    (void)fprintf(stderr, "%s%s%s", before, clean, after);
}

/* True once there was something to say. */
static bool say_what_to_do(const json_t *status)
{
    const char *page = find_text(status, "authorize_url");
    const char *code = find_text(status, "user_code");
    if (page[0] != '\0') {
        say("Open this address in a browser and sign in:\n  ", page, "\n");
    } else if (code[0] != '\0') {
        say("Open ", find_text(status, "verification_uri"), " in a browser");
        say(" and type the code ", code, "\n");
    }
    (void)fflush(stderr);
    return page[0] != '\0' || code[0] != '\0';
}

static void wait_for_poll(const front_signin *signin, const json_t *status)
{
    json_int_t pause = json_integer_value(json_object_get(status, "poll_ms"));
    json_int_t left = json_integer_value(json_object_get(status, "expires_s"));
    pause = pause < LEAST_PAUSE_MS ? LEAST_PAUSE_MS : pause;
    pause = pause > MOST_PAUSE_MS ? MOST_PAUSE_MS : pause;
    for (json_int_t done = 0; done < pause && front_signal_seen(NULL) == 0;
         done += LEAST_PAUSE_MS) {
        if (front_terminal_err())
            front_progress_tell(signin->progress, "waiting for the sign-in; seconds left:",
                                (uint64_t)(left - done / 1000 > 0 ? left - done / 1000 : 0), 0);
        front_clock_wait(LEAST_PAUSE_MS);
    }
}

static bool take_status(const front_signin *signin, const char *command, const char *tenant,
                        json_t **status, host_error *err)
{
    host_reply reply;
    const bool cancels = strcmp(command, "signin cancel") == 0;
    host_reply_init(&reply);
    bool ok = signin->run(signin->context, command, tenant, cancels, &reply, err);
    if (ok && reply.exit_code != HOST_EXIT_DONE)
        ok = host_error_set(err, reply.status, reply.code, "%s", reply.message);
    if (ok) {
        json_decref(*status);
        *status = json_incref(reply.body);
    }
    host_reply_done(&reply);
    return ok;
}

static void end_reply(host_reply *reply, const json_t *status)
{
    const bool done = strcmp(find_text(status, "state"), "done") == 0;
    const bool failed = strcmp(find_text(status, "state"), "failed") == 0;
    (void)json_object_del(reply->body, "signin");
    (void)json_object_del(reply->body, "pending");
    reply->exit_code = done ? HOST_EXIT_DONE : HOST_EXIT_REFUSED;
    reply->status = done ? DPH_OK : DPH_E_DENIED;
    (void)snprintf(reply->message, sizeof reply->message, "%s",
                   done     ? "Signed in."
                   : failed ? find_text(status, "error")
                            : "The sign-in was taken back; nothing was changed.");
    if (!done) {
        json_decref(reply->body);
        reply->body = NULL;
    }
}

bool front_signin_follow(const front_signin *signin, host_reply *reply, host_error *err)
{
    char tenant[64];
    json_t *status = json_incref(json_object_get(reply->body, "signin"));
    bool said = say_what_to_do(status);
    bool ok = true;
    (void)snprintf(tenant, sizeof tenant, "%s", find_text(status, "tenant"));
    while (ok && is_open(status)) {
        wait_for_poll(signin, status);
        const bool stopped = front_signal_seen(NULL) != 0;
        ok = take_status(signin, stopped ? "signin cancel" : "signin status", tenant, &status, err);
        said = said || !ok || say_what_to_do(status);
        if (stopped)
            break;
    }
    if (ok)
        end_reply(reply, status);
    json_decref(status);
    return ok;
}
