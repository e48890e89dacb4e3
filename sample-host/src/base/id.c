/* SPDX-License-Identifier: Apache-2.0
 *
 * Random ids. */
#include "sample-host/src/base/id.h"

#include "sample-host/src/base/os_clock.h"
#include "support/hex.h"

#include <sodium.h>
#include <string.h>

#define TIME_BYTES 6u

void host_id_new(char out[HOST_ID_SIZE])
{
    uint8_t bytes[(HOST_ID_SIZE - 1) / 2];
    randombytes_buf(bytes, sizeof bytes);
    sup_hex_format(bytes, sizeof bytes, out);
}

void host_id_new_ordered(char out[HOST_ID_SIZE])
{
    uint8_t bytes[(HOST_ID_SIZE - 1) / 2];
    const uint64_t now_ms = (uint64_t)host_clock_wall_ms();
    randombytes_buf(bytes, sizeof bytes);
    for (size_t i = 0; i < TIME_BYTES; i++) {
        bytes[i] = (uint8_t)(now_ms >> (8 * (TIME_BYTES - 1 - i)));
    }
    sup_hex_format(bytes, sizeof bytes, out);
}

bool host_id_valid(const char *text, size_t len)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    if (len == 0 || len > HOST_ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' || strchr(allowed, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}
