/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/width.h"

#include "support/utf8.h"

#include <stdbool.h>
#include <string.h>

typedef struct range {
    uint32_t first;
    uint32_t last;
} range;

static bool is_in(const range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

static size_t measure(uint32_t c)
{
    /* Combining marks, joiners and variation selectors (Unicode 15, general categories Mn, Me, Cf
     * as far as names hold them). */
    static const range none[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},  {0x064B, 0x065F},
        {0x093C, 0x093C}, {0x0941, 0x0948}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},  {0x0E47, 0x0E4E},
        {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},  {0x2060, 0x2064},
        {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
    /* Wide and full-width (Unicode 15, UAX 11). */
    static const range two[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
                                {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                                {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                                {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};
    if (c < 0x300)
        return 1;
    if (is_in(none, sizeof none / sizeof none[0], c))
        return 0;
    return is_in(two, sizeof two / sizeof two[0], c) ? 2 : 1;
}

size_t front_width_of(const char *text)
{
    size_t len = strlen(text);
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        uint32_t c = 0;
        size_t step = sup_utf8_decode(text + at, len - at, &c);
        width += step == 0 ? 1 : measure(c);
        at += step == 0 ? 1 : step;
    }
    return width;
}
