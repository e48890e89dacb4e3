/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_answer.h"

#include "sample-host/src/front/sentence.h"

#include <string.h>

const char *front_rest_answer_code(unsigned status)
{
    static const struct {
        unsigned status;
        const char *code;
    } codes[] = {{400, "INVALID_REQUEST"},   {401, "UNAUTHORIZED"},       {403, "FORBIDDEN"},
                 {404, "NOT_FOUND"},         {405, "METHOD_NOT_ALLOWED"}, {409, "CONFLICT"},
                 {413, "PAYLOAD_TOO_LARGE"}, {429, "RATE_LIMITED"},       {503, "UNAVAILABLE"}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].status == status)
            return codes[i].code;
    }
    return "INTERNAL_ERROR";
}

unsigned front_rest_answer_status(const host_reply *reply)
{
    static const struct {
        dph_status status;
        unsigned http;
    } map[] = {{DPH_E_INVALID, 400},   {DPH_E_NOT_FOUND, 404},      {DPH_E_CONFLICT, 409},
               {DPH_E_DENIED, 403},    {DPH_E_UNAVAILABLE, 503},    {DPH_E_UNSUPPORTED, 400},
               {DPH_E_TOO_LARGE, 413}, {DPH_E_CANCELLED, 503},      {DPH_E_DEADLINE, 503},
               {DPH_E_REENTRANT, 409}, {DPH_E_UNKNOWN_OUTCOME, 500}};
    if (reply->exit_code == HOST_EXIT_DONE)
        return 200;
    if (reply->exit_code == HOST_EXIT_USAGE)
        return 400;
    if (reply->code == HOST_CODE_BUSY || reply->code == HOST_CODE_AMBIGUOUS ||
        reply->code == HOST_CODE_DUPLICATE)
        return 409;
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
        if (map[i].status == reply->status)
            return map[i].http;
    }
    return 500;
}

static json_t *make_error(unsigned status, const char *message, json_t *details)
{
    char clean[HOST_MESSAGE_SIZE];
    front_sentence_make(message, clean);
    return json_pack("{s:b, s:{s:s, s:s, s:o}}", "success", 0, "error", "code",
                     front_rest_answer_code(status), "message", clean, "details", details);
}

static json_t *make_details(const host_reply *reply)
{
    json_t *details = reply->body == NULL ? json_object() : json_copy(reply->body);
    if (reply->code != 0 && json_object_set_new(details, "code", json_integer(reply->code)) != 0) {
        json_decref(details);
        return NULL;
    }
    return details;
}

static json_t *make_list(const host_reply *reply)
{
    json_t *meta = reply->body == NULL ? json_object() : json_copy(reply->body);
    json_t *rows = json_object_get(meta, "rows");
    json_t *data = json_is_array(rows) ? json_incref(rows) : json_array();
    json_object_del(meta, "rows");
    if (json_object_get(meta, "total") == NULL)
        json_object_set_new(meta, "total", json_integer((json_int_t)json_array_size(data)));
    return json_pack("{s:b, s:o, s:o}", "success", 1, "data", data, "meta", meta);
}

static json_t *make_one(const host_reply *reply)
{
    json_t *data = reply->body == NULL ? json_object() : json_incref(reply->body);
    if (reply->body == NULL && reply->message[0] != '\0')
        json_object_set_new(data, "message", json_string(reply->message));
    return json_pack("{s:b, s:o, s:{}}", "success", 1, "data", data, "meta");
}

front_rest_answer front_rest_answer_reply(const host_reply *reply, bool list)
{
    front_rest_answer answer = {.status = front_rest_answer_status(reply)};
    if (reply->exit_code != HOST_EXIT_DONE)
        answer.json = make_error(answer.status, reply->message, make_details(reply));
    else
        answer.json = list ? make_list(reply) : make_one(reply);
    return answer;
}

front_rest_answer front_rest_answer_error(unsigned status, const char *message)
{
    return (front_rest_answer){status, make_error(status, message, json_object())};
}

void front_rest_answer_done(front_rest_answer *answer)
{
    json_decref(answer->json);
    answer->json = NULL;
}
