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

/* "----", "0000-0000" and "........" name no device. Bytes outside of ASCII count as letters. */
static bool has_variety(const char *text)
{
    char first = '\0';
    for (; *text != '\0'; text++) {
        bool counts = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
                      ((unsigned char)*text & 0x80U) != 0;
        if (!counts)
            continue;
        if (first == '\0')
            first = *text;
        else if (*text != first)
            return true;
    }
    return false;
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
    if (done >= SHORTEST && has_variety(out))
        return done;
    out[0] = '\0';
    return 0;
}
