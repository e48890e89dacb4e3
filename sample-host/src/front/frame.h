/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a frame between the command line and a running server: 16 bytes, big-endian, in front
 * of a JSON part and a secret part. Pure; knows no socket.
 *
 *   0  "dhf"       4  kind          8  length of the JSON part     12  length of the secret part
 *   3  version     (32 bits)           (32 bits)                       (32 bits) */
#ifndef FRONT_FRAME_H
#define FRONT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRONT_FRAME_HEAD_SIZE 16
#define FRONT_FRAME_VERSION 1
#define FRONT_FRAME_REQUEST_MAX 1048576u /* JSON part of a request, a progress */
#define FRONT_FRAME_REPLY_MAX 268435456u /* JSON part of a reply */
#define FRONT_FRAME_SECRET_MAX 1048576u

#define FRONT_FRAME_REQUEST 1u
#define FRONT_FRAME_REPLY 2u
#define FRONT_FRAME_PROGRESS 3u

typedef struct front_frame_head {
    uint32_t kind; /* FRONT_FRAME_* */
    uint32_t json_len;
    uint32_t secret_len;
} front_frame_head;

void front_frame_encode(const front_frame_head *head, uint8_t out[FRONT_FRAME_HEAD_SIZE]);
/* NULL when `bytes` is a whole head of this version within all limits, and *out is then set. Else
 * a static sentence that says what is wrong. */
const char *front_frame_decode(const uint8_t *bytes, size_t len, front_frame_head *out);

#endif
