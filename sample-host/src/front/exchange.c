/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/exchange.h"

#include "sample-host/src/front/os_socket.h"

#include <stdlib.h>
#include <string.h>

bool front_exchange_send(int fd, uint32_t kind, const json_t *json, const host_secret *secret)
{
    uint8_t head[FRONT_FRAME_HEAD_SIZE];
    uint32_t most = kind == FRONT_FRAME_REPLY ? FRONT_FRAME_REPLY_MAX : FRONT_FRAME_REQUEST_MAX;
    size_t secret_len = secret == NULL ? 0 : secret->len;
    char *text = json_dumps(json, JSON_COMPACT);
    size_t len = text == NULL ? 0 : strlen(text);
    bool ok = text != NULL && len <= most && secret_len <= FRONT_FRAME_SECRET_MAX;
    if (ok) {
        front_frame_head made = {kind, (uint32_t)len, (uint32_t)secret_len};
        front_frame_encode(&made, head);
        ok = front_socket_send(fd, head, sizeof head) && front_socket_send(fd, text, len);
    }
    if (ok && secret_len > 0)
        ok = front_socket_send(fd, secret->ptr, secret_len);
    free(text);
    return ok;
}

static bool lose(host_error *err)
{
    return host_error_set(err, DPH_E_UNAVAILABLE, 0, "the connection ended early");
}

static bool receive_json(int fd, size_t len, json_t **out, host_error *err)
{
    char *text = malloc(len + 1);
    if (text == NULL)
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    bool whole = front_socket_receive(fd, text, len);
    json_t *json = whole ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(text);
    if (!whole)
        return lose(err);
    if (!json_is_object(json)) {
        json_decref(json);
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "the frame holds no JSON object");
    }
    *out = json;
    return true;
}

static bool receive_secret(int fd, size_t len, host_secret *out, host_error *err)
{
    if (len == 0)
        return true;
    if (!host_secret_init(out, len))
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    if (!front_socket_receive(fd, out->ptr, len))
        return lose(err);
    out->len = len;
    return true;
}

bool front_exchange_receive(int fd, front_exchange *out, host_error *err)
{
    uint8_t bytes[FRONT_FRAME_HEAD_SIZE];
    front_frame_head head;
    *out = (front_exchange){0};
    if (!front_socket_receive(fd, bytes, sizeof bytes))
        return lose(err);
    const char *wrong = front_frame_decode(bytes, sizeof bytes, &head);
    if (wrong != NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE, "%s", wrong);
    out->kind = head.kind;
    if (receive_json(fd, head.json_len, &out->json, err) &&
        receive_secret(fd, head.secret_len, &out->secret, err))
        return true;
    front_exchange_done(out);
    return false;
}

void front_exchange_done(front_exchange *exchange)
{
    if (exchange == NULL)
        return;
    json_decref(exchange->json);
    host_secret_done(&exchange->secret);
    *exchange = (front_exchange){0};
}
