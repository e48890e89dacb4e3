/* SPDX-License-Identifier: Apache-2.0 */
#include "support/utf8.h"

#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 4;
    return 0;
}

size_t sup_utf8_decode(const char *text, size_t len, uint32_t *out)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    unsigned char lead = (unsigned char)text[0];
    size_t need = sequence_length(lead);
    if (need == 0 || need > len)
        return 0;
    uint32_t value = need == 1 ? lead : lead & (0x7FU >> need);
    for (size_t i = 1; i < need; i++) {
        if (!is_tail(text[i]))
            return 0;
        value = (value << 6) | ((unsigned char)text[i] & 0x3FU);
    }
    if (value < smallest[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *out = value;
    return need;
}

bool sup_utf8_valid(const char *text, size_t len)
{
    uint32_t value;
    for (size_t at = 0; at < len;) {
        size_t step = sup_utf8_decode(text + at, len - at, &value);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

static bool is_unsafe(uint32_t c)
{
    bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
    bool bidi = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                (c >= 0x2066 && c <= 0x2069);
    return control || bidi;
}

size_t sup_utf8_clean(const char *text, size_t len, char *out, size_t cap)
{
    size_t done = 0;
    if (cap == 0)
        return 0;
    for (size_t at = 0; at < len;) {
        /* Most text is printable ASCII: verdicts are cleaned on every guarded change. */
        while (at < len && done + 1 < cap && text[at] >= ' ' && text[at] <= '~')
            out[done++] = text[at++];
        if (at == len)
            break;
        uint32_t value = 0;
        size_t step = sup_utf8_decode(text + at, len - at, &value);
        bool keep = step > 0 && !is_unsafe(value);
        size_t width = keep ? step : 1;
        if (done + width >= cap)
            break;
        if (keep)
            memcpy(out + done, text + at, step);
        else
            out[done] = '?';
        done += width;
        at += step > 0 ? step : 1;
    }
    out[done] = '\0';
    return done;
}
