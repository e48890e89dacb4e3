/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_send.h"

#include "sample-host/src/base/secret_json.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json; charset=utf-8"

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status,
                             struct MHD_Response *response, const char *type)
{
    add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    if (status == 401)
        add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"dochost\"");
    if (status == 429)
        add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result front_rest_send_json(struct MHD_Connection *connection,
                                     const front_rest_answer *answer, const char *allow)
{
    char *text = answer->json == NULL ? NULL : json_dumps(answer->json, JSON_COMPACT);
    if (text == NULL)
        return MHD_NO;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    if (allow != NULL)
        add_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    return queue(connection, answer->status, response, JSON_TYPE);
}

enum MHD_Result front_rest_send_text(struct MHD_Connection *connection, unsigned status,
                                     const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    return queue(connection, status, response, "text/plain; version=0.0.4; charset=utf-8");
}

enum MHD_Result front_rest_send_file(struct MHD_Connection *connection, const json_t *body)
{
    const json_t *content = json_object_get(body, "content");
    bool is_csv = json_is_string(content);
    char *text = is_csv ? NULL : json_dumps(json_object_get(body, "rows"), JSON_INDENT(1));
    const char *data = is_csv ? json_string_value(content) : text;
    if (data == NULL)
        return MHD_NO;
    size_t len = is_csv ? json_string_length(content) : strlen(data);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);
    free(text);
    if (response == NULL)
        return MHD_NO;
    add_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
               is_csv ? "attachment; filename=\"export.csv\""
                      : "attachment; filename=\"export.json\"");
    return queue(connection, 200, response, is_csv ? "text/csv; charset=utf-8" : JSON_TYPE);
}

enum MHD_Result front_rest_send_secret(struct MHD_Connection *connection, const host_secret *secret)
{
    host_secret text;
    if (!host_secret_json_answer(secret, &text))
        return MHD_NO;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(text.len, text.ptr, sodium_free);
    if (response == NULL) {
        host_secret_done(&text);
        return MHD_NO;
    }
    return queue(connection, 200, response, JSON_TYPE);
}
