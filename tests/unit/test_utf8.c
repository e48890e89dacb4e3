/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves support/utf8. */
/* LINK: host-sdk/support/utf8.c */
#include "support/utf8.h"

#include <criterion/criterion.h>
#include <string.h>

Test(utf8, edges_of_every_length_are_decoded)
{
    static const struct {
        const char *text;
        size_t len;
        uint32_t code;
    } rows[] = {
        {"\0", 1, 0},
        {"\x7f", 1, 0x7F},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7FF},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xD7FF},
        {"\xee\x80\x80", 3, 0xE000},
        {"\xef\xbf\xbf", 3, 0xFFFF},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t code = 1;
        cr_assert_eq(sup_utf8_decode(rows[i].text, rows[i].len, &code), rows[i].len, "row %zu", i);
        cr_assert_eq(code, rows[i].code, "row %zu", i);
        cr_assert(sup_utf8_valid(rows[i].text, rows[i].len), "row %zu", i);
        for (size_t cut = 1; cut < rows[i].len; cut++)
            cr_assert_not(sup_utf8_valid(rows[i].text, cut), "row %zu cut to %zu", i, cut);
    }
}

Test(utf8, malformed_sequences_are_refused)
{
    static const char *const rows[] = {
        "\x80",             /* a tail alone */
        "\xbf",             /* a tail alone */
        "\xc0\x80",         /* zero, overlong */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xed\xa0\x80",     /* first surrogate */
        "\xed\xbf\xbf",     /* last surrogate */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80", /* no such lead */
        "\xff",             /* no such lead */
        "\xc3(",            /* tail missing */
        "\xe2\x82(",        /* second tail missing */
        "\xf0\x9f\x98(",    /* third tail missing */
        "ok\xc3",           /* good, then cut */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_assert_not(sup_utf8_valid(rows[i], strlen(rows[i])), "row %zu", i);
}

Test(utf8, nothing_is_valid_but_has_no_code_point)
{
    uint32_t code = 7;
    cr_assert(sup_utf8_valid("", 0));
    cr_assert_eq(sup_utf8_decode("", 0, &code), 0);
    cr_assert_eq(code, 7);
}

Test(utf8, clean_keeps_text_and_replaces_what_could_deceive)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xf0\x9f\x94\x91 key", "\xf0\x9f\x94\x91 key"},
        {"a\tb\nc\rd", "a?b?c?d"},
        {"\x1b[31mred", "?[31mred"},
        {"del\x7f", "del?"},
        {"c1\xc2\x9b", "c1?"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"a\xe2\x80\xaeTXT", "a?TXT"}, /* right-to-left override */
        {"\xd8\x9c", "?"},
        {"\xe2\x80\x8e\xe2\x80\x8f", "??"},
        {"\xe2\x80\xa8\xe2\x80\xa9", "??"},
        {"\xe2\x81\xa6x\xe2\x81\xa9", "?x?"},
        {"\xe2\x80\xa7", "\xe2\x80\xa7"}, /* just below the override range: a hyphenation point */
        {"\xe2\x80\xaf", "\xe2\x80\xaf"}, /* just above it: a narrow space */
        {"\xff\xfe", "??"},
        {"\xc3", "?"},
        {"\xe2\x82", "??"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        size_t len = sup_utf8_clean(rows[i].text, strlen(rows[i].text), out, sizeof out);
        cr_assert_str_eq(out, rows[i].want, "row %zu", i);
        cr_assert_eq(len, strlen(rows[i].want), "row %zu", i);
    }
}

Test(utf8, clean_cuts_between_code_points_only)
{
    static const struct {
        size_t cap;
        const char *want;
    } rows[] = {
        {1, ""}, {2, "a"}, {3, "a"}, {4, "a\xc3\xbc"}, {5, "a\xc3\xbc\x62"}, {6, "a\xc3\xbc\x62"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[8] = "xxxxxxx";
        size_t len = sup_utf8_clean("a\xc3\xbc\x62", 4, out, rows[i].cap);
        cr_assert_str_eq(out, rows[i].want, "row %zu", i);
        cr_assert_eq(len, strlen(rows[i].want), "row %zu", i);
    }
}

Test(utf8, clean_without_room_writes_nothing)
{
    char out[1] = {'x'};
    cr_assert_eq(sup_utf8_clean("abc", 3, out, 0), 0);
    cr_assert_eq(out[0], 'x');
}

Test(utf8, clean_replaces_an_embedded_zero)
{
    char out[8];
    cr_assert_eq(sup_utf8_clean("a\0b", 3, out, sizeof out), 3);
    cr_assert_str_eq(out, "a?b");
}
