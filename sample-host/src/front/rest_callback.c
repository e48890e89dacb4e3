/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_callback.h"

#include "sample-host/src/front/rest_route.h"
#include "sample-host/src/front/rest_send.h"
#include "sample-host/src/signin.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MAX 8192u

/* False when it cannot be a value; an absent one is empty. */
static bool take_value(struct MHD_Connection *connection, const char *name, host_secret *out)
{
    const char *given = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    if (!host_secret_init(out, VALUE_MAX))
        return false;
    if (given == NULL)
        return true;
    if (!front_rest_route_unescape(given, strlen(given), (char *)out->ptr, out->cap))
        return false;
    out->len = strlen((const char *)out->ptr);
    return true;
}

static unsigned tell(const json_t *status, char *out, size_t cap)
{
    const char *state = json_string_value(json_object_get(status, "state"));
    const char *error = json_string_value(json_object_get(status, "error"));
    const bool is_done = state != NULL && strcmp(state, "done") == 0;
    const bool is_failed = state != NULL && strcmp(state, "failed") == 0;
    if (is_failed)
        (void)snprintf(out, cap, "%s\n", error != NULL ? error : "The sign-in failed.");
    else
        (void)snprintf(out, cap, "%s\n",
                       is_done ? "Signed in. You can close this page."
                               : "The sign-in goes on. You can close this page.");
    return is_failed ? 400 : 200;
}

enum MHD_Result front_rest_callback(host *h, struct MHD_Connection *connection, const char *remote,
                                    unsigned *out_status)
{
    host_signin_answer answer = {.remote_address = remote};
    host_error err = {0};
    json_t *status = NULL;
    char text[HOST_MESSAGE_SIZE + 2];
    /* The same words for every answer that nobody waits for. */
    (void)snprintf(text, sizeof text,
                   "This sign-in is not waited for (any more). Begin it again.\n");
    *out_status = 400;
    if (take_value(connection, "state", &answer.state) &&
        take_value(connection, "code", &answer.code) &&
        host_signin_finish(h, &answer, &status, &err))
        *out_status = tell(status, text, sizeof text);
    json_decref(status);
    host_secret_done(&answer.state);
    host_secret_done(&answer.code);
    return front_rest_send_text(connection, *out_status, text);
}
