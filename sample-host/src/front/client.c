/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/client.h"

#include "sample-host/src/front/exchange.h"
#include "sample-host/src/front/message.h"
#include "sample-host/src/front/os_socket.h"

static bool send_request(int fd, const host_request *request)
{
    json_t *message = front_message_from_request(request);
    bool sent =
        message != NULL && front_exchange_send(fd, FRONT_FRAME_REQUEST, message, request->secret);
    json_decref(message);
    return sent;
}

static void tell_progress(const host_request *request, const json_t *message)
{
    const char *unit = json_string_value(json_object_get(message, "unit"));
    json_int_t done = json_integer_value(json_object_get(message, "done"));
    json_int_t total = json_integer_value(json_object_get(message, "total"));
    if (request->progress != NULL && unit != NULL && done >= 0 && total >= 0)
        request->progress(request->progress_ctx, unit, (uint64_t)done, (uint64_t)total);
}

static bool take_reply(front_exchange *frame, host_reply *reply, host_error *err)
{
    if (frame->kind != FRONT_FRAME_REPLY || !front_message_to_reply(frame->json, reply))
        return host_error_set(err, DPH_E_INVALID, 0, "the server's answer makes no sense");
    reply->secret = frame->secret;
    frame->secret = (host_secret){0};
    return true;
}

bool front_client_run(int fd, const host_request *request, host_reply *reply, host_error *err)
{
    front_exchange frame = {0};
    bool ok = send_request(fd, request);
    /* A server that refuses before it has read all still answers: the answer is read in any case.
     */
    bool answered = front_exchange_receive(fd, &frame, err);
    while (ok && answered && frame.kind == FRONT_FRAME_PROGRESS) {
        tell_progress(request, frame.json);
        front_exchange_done(&frame);
        answered = front_exchange_receive(fd, &frame, err);
    }
    ok = answered && take_reply(&frame, reply, err);
    front_exchange_done(&frame);
    front_socket_close(fd);
    return ok;
}
