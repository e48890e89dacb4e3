/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/message.h"

#include "support/utf8.h"

#include <string.h>

json_t *front_message_from_request(const host_request *request)
{
    json_t *args = json_deep_copy(request->args);
    return args == NULL ? NULL
                        : json_pack("{s:s, s:o, s:s?}", "command", request->command, "args", args,
                                    "as", request->actor.as_user);
}

bool front_message_to_request(const json_t *message, host_request *out)
{
    const json_t *command = json_object_get(message, "command");
    const json_t *args = json_object_get(message, "args");
    if (!json_is_string(command) || !json_is_object(args))
        return false;
    if (strlen(json_string_value(command)) != json_string_length(command))
        return false;
    const json_t *as = json_object_get(message, "as");
    if (as != NULL && !json_is_string(as) && !json_is_null(as))
        return false;
    out->actor.as_user = json_string_value(as);
    out->command = json_string_value(command);
    out->args = args;
    return true;
}

json_t *front_message_from_reply(const host_reply *reply)
{
    char clean[HOST_MESSAGE_SIZE];
    sup_utf8_clean(reply->message, strlen(reply->message), clean, sizeof clean);
    return json_pack("{s:i, s:i, s:I, s:s, s:O?}", "exit_code", reply->exit_code, "status",
                     (int)reply->status, "code", (json_int_t)reply->code, "message", clean, "body",
                     reply->body);
}

bool front_message_to_reply(const json_t *message, host_reply *out)
{
    const json_t *code = json_object_get(message, "exit_code");
    const char *text = json_string_value(json_object_get(message, "message"));
    if (!json_is_integer(code) || text == NULL)
        return false;
    json_int_t exit_code = json_integer_value(code);
    if (exit_code < HOST_EXIT_DONE || exit_code > HOST_EXIT_USAGE)
        return false;
    out->exit_code = (int)exit_code;
    out->status = (dph_status)json_integer_value(json_object_get(message, "status"));
    out->code = (uint32_t)json_integer_value(json_object_get(message, "code"));
    sup_utf8_clean(text, strlen(text), out->message, sizeof out->message);
    json_t *body = json_object_get(message, "body");
    if (json_is_object(body))
        out->body = json_incref(body);
    return true;
}
