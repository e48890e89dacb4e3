/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/frame.h"

#include <string.h>

static const uint8_t magic[3] = {'d', 'h', 'f'};

static void put32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value = (value << 8) | bytes[i];
    return value;
}

void front_frame_encode(const front_frame_head *head, uint8_t out[FRONT_FRAME_HEAD_SIZE])
{
    memcpy(out, magic, sizeof magic);
    out[3] = FRONT_FRAME_VERSION;
    put32(out + 4, head->kind);
    put32(out + 8, head->json_len);
    put32(out + 12, head->secret_len);
}

const char *front_frame_decode(const uint8_t *bytes, size_t len, front_frame_head *out)
{
    if (len < FRONT_FRAME_HEAD_SIZE)
        return "the frame is cut short";
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return "this is no frame of dochost";
    if (bytes[3] != FRONT_FRAME_VERSION)
        return "the other side speaks another version";
    front_frame_head head = {
        .kind = get32(bytes + 4),
        .json_len = get32(bytes + 8),
        .secret_len = get32(bytes + 12),
    };
    if (head.kind < FRONT_FRAME_REQUEST || head.kind > FRONT_FRAME_PROGRESS)
        return "the frame is of an unknown kind";
    uint32_t most =
        head.kind == FRONT_FRAME_REPLY ? FRONT_FRAME_REPLY_MAX : FRONT_FRAME_REQUEST_MAX;
    if (head.json_len > most || head.secret_len > FRONT_FRAME_SECRET_MAX)
        return "the frame is too large";
    *out = head;
    return NULL;
}
