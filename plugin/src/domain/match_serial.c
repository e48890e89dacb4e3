/* SPDX-License-Identifier: Apache-2.0
 *
 * How a serial number is compared. Must not know devices or configurations. */
#include "domain/match.h"

#include <string.h>

#define SHORTEST 4U

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_outside_ascii(char c)
{
    return ((unsigned char)c & 0x80U) != 0;
}

static bool counts(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || is_outside_ascii(c);
}

/* Bytes of the character that begins there. */
static size_t length_of(const char *text)
{
    size_t len = 1;
    while (is_outside_ascii(*text) && ((unsigned char)text[len] & 0xC0U) == 0x80U)
        len++;
    return len;
}

/* "----", "0000-0000" and "........" name no device, nor does an erased chip, which reads as the
 * same character outside of ASCII over and over. */
static bool has_variety(const char *text)
{
    const char *first = NULL;
    size_t len = 0;
    for (; *text != '\0'; text += len) {
        len = length_of(text);
        if (!counts(*text))
            continue;
        if (first == NULL)
            first = text;
        else if (length_of(first) != len || memcmp(first, text, len) != 0)
            return true;
    }
    return false;
}

/* Where characters were lost, two serial numbers may look the same. */
static bool has_losses(const char *text)
{
    return strstr(text, "\xEF\xBF\xBD") != NULL;
}

size_t bkey_match_serial(const char *serial, char out[BKEY_MATCH_SERIAL_MAX + 1])
{
    size_t done = 0;
    bool gap = false;
    out[0] = '\0';
    if (serial == NULL)
        return 0;
    for (; *serial != '\0'; serial++) {
        if (is_blank(*serial)) {
            gap = done > 0;
            continue;
        }
        if (done + (gap ? 2U : 1U) > BKEY_MATCH_SERIAL_MAX) {
            out[0] = '\0';
            return 0;
        }
        if (gap)
            out[done++] = ' ';
        out[done++] = to_upper(*serial);
        gap = false;
    }
    out[done] = '\0';
    if (done >= SHORTEST && has_variety(out) && !has_losses(out))
        return done;
    out[0] = '\0';
    return 0;
}
