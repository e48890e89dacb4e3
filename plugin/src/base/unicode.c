/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8proc and the table of look-alikes behind unicode.h. Must not know what names are for. */
#include "base/unicode.h"

#include <utf8proc.h>

struct lookalike {
    uint32_t from;
    uint16_t at;
    uint16_t len;
};
#include "lookalikes_gen.h"

#define COUNT (sizeof lookalikes / sizeof lookalikes[0])
#define FILLER 0x3164u

/* A bracket of full width is drawn with a blank on its outer side. */
static utf8proc_category_t wide_bracket(utf8proc_int32_t c)
{
    const utf8proc_property_t *property = utf8proc_get_property(c);
    bool wide = property->decomp_type == UTF8PROC_DECOMP_TYPE_WIDE;
    return wide ? (utf8proc_category_t)property->category : UTF8PROC_CATEGORY_CN;
}

static bool add_filler(uint32_t *out, size_t cap, size_t *done)
{
    if (*done == cap)
        return false;
    out[(*done)++] = FILLER;
    return true;
}

size_t bkey_unicode_decompose(const char *text, size_t len, uint32_t *out, size_t cap)
{
    size_t done = 0;
    for (size_t at = 0; at < len;) {
        utf8proc_int32_t c = 0;
        int boundary = 0;
        utf8proc_ssize_t step =
            utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
        if (step <= 0)
            return 0;
        utf8proc_category_t bracket = wide_bracket(c);
        if (bracket == UTF8PROC_CATEGORY_PS && !add_filler(out, cap, &done))
            return 0;
        utf8proc_ssize_t more = utf8proc_decompose_char(
            c, (utf8proc_int32_t *)out + done, (utf8proc_ssize_t)(cap - done),
            UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
        if (more < 0 || (size_t)more > cap - done)
            return 0;
        done += (size_t)more;
        at += (size_t)step;
        if (bracket == UTF8PROC_CATEGORY_PE && !add_filler(out, cap, &done))
            return 0;
    }
    return done;
}

static bool is_blank(uint32_t c, utf8proc_category_t category)
{
    bool line_end = (c >= 0x09 && c <= 0x0D) || c == 0x85;
    bool braille_without_dots = c == 0x2800;
    return line_end || braille_without_dots || category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bkey_unicode_ink bkey_unicode_ink_of(uint32_t c)
{
    if (c > 0x20 && c < 0x7F)
        return BKEY_UNICODE_SHOWN;
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)c);
    utf8proc_category_t category = (utf8proc_category_t)property->category;
    if (is_blank(c, category))
        return BKEY_UNICODE_BLANK;
    if (c == 0x115F || c == 0x1160 || c == FILLER || c == 0xFFA0)
        return BKEY_UNICODE_FILLER;
    /* Signs that precede digits are of category Cf too, but they are drawn. */
    bool control =
        category == UTF8PROC_CATEGORY_CC ||
        (category == UTF8PROC_CATEGORY_CF && property->boundclass != UTF8PROC_BOUNDCLASS_PREPEND);
    return control || property->ignorable ? BKEY_UNICODE_HIDDEN : BKEY_UNICODE_SHOWN;
}

uint32_t bkey_unicode_lower(uint32_t c)
{
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

uint32_t bkey_unicode_upper(uint32_t c)
{
    return (uint32_t)utf8proc_toupper((utf8proc_int32_t)c);
}

size_t bkey_unicode_fold(uint32_t c, uint32_t *out)
{
    int boundary = 0;
    utf8proc_ssize_t len = utf8proc_decompose_char(
        (utf8proc_int32_t)c, (utf8proc_int32_t *)out, (utf8proc_ssize_t)BKEY_UNICODE_EXPANSION,
        UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &boundary);
    return len < 0 || (size_t)len > BKEY_UNICODE_EXPANSION ? 0 : (size_t)len;
}

bool bkey_unicode_has_soft_dot(uint32_t c)
{
    return c == 'i' || c == 'j';
}

size_t bkey_unicode_prototype(uint32_t c, const uint32_t **out)
{
    size_t low = 0;
    size_t high = COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lookalikes[middle].from < c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == COUNT || lookalikes[low].from != c)
        return 0;
    *out = lookalike_pool + lookalikes[low].at;
    return lookalikes[low].len;
}
