/* SPDX-License-Identifier: Apache-2.0
 *
 * See json_repair.h. Must not know what a document says. */
#include "base/json_repair.h"

#include <stdint.h>

#include "support/utf8.h"

#define ESCAPE_LEN 6u /* backslash, u and four digits */
#define STAND_IN "\xef\xbf\xbd"

/* The value of four hexadecimal digits behind "\u"; UINT32_MAX when it is no such escape. */
static uint32_t read_escape(const char *text, size_t len)
{
    uint32_t value = 0;
    if (len < ESCAPE_LEN || text[0] != '\\' || text[1] != 'u')
        return UINT32_MAX;
    for (size_t i = 2; i < ESCAPE_LEN; i++) {
        uint32_t small = (uint32_t)(unsigned char)text[i] | 0x20u;
        if (small >= '0' && small <= '9')
            value = value * 16 + (small - '0');
        else if (small >= 'a' && small <= 'f')
            value = value * 16 + (small - 'a') + 10;
        else
            return UINT32_MAX;
    }
    return value;
}

/* How many bytes at `text` are fine as they are; 0 = not one, and *out_bad are to be replaced. */
static size_t measure(const char *text, size_t len, size_t *out_bad)
{
    uint32_t c = 0;
    if (text[0] != '\\') {
        *out_bad = 1;
        return sup_utf8_decode(text, len, &c);
    }
    c = read_escape(text, len);
    if (c == UINT32_MAX)
        return len > 1 ? 2 : 1;
    if (c < 0xD800 || c > 0xDFFF)
        return ESCAPE_LEN;
    uint32_t next = read_escape(text + ESCAPE_LEN, len - ESCAPE_LEN);
    *out_bad = ESCAPE_LEN;
    return c < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF ? 2 * (size_t)ESCAPE_LEN : 0;
}

bool bkey_json_repair_text(const char *bytes, size_t len, sup_buffer *out)
{
    bool repaired = false;
    size_t start = 0;
    for (size_t at = 0; at < len;) {
        size_t bad = 0;
        size_t fine = measure(bytes + at, len - at, &bad);
        if (fine == 0) {
            (void)sup_buffer_add(out, bytes + start, at - start);
            (void)sup_buffer_add_str(out, STAND_IN);
            start = at + bad;
            repaired = true;
        }
        at += fine != 0 ? fine : bad;
    }
    return repaired && sup_buffer_add(out, bytes + start, len - start);
}
