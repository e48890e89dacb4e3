/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves support/hex. */
/* LINK: host-sdk/support/hex.c */
#include "support/hex.h"

#include <criterion/criterion.h>
#include <string.h>

Test(hex, every_character_is_a_digit_or_refused)
{
    for (int c = -128; c < 128; c++) {
        const char *digits = "0123456789abcdef";
        const char *upper = "0123456789ABCDEF";
        int want = -1;
        for (int i = 0; i < 16; i++)
            want = (c == digits[i] || c == upper[i]) ? i : want;
        cr_assert_eq(sup_hex_digit((char)c), want, "character %d", c);
    }
}

Test(hex, bytes_are_written_in_lower_case_and_terminated)
{
    const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xab, 0xff};
    char text[11];
    memset(text, 'x', sizeof text);
    sup_hex_format(bytes, sizeof bytes, text);
    cr_assert_str_eq(text, "000ff0abff");
}

Test(hex, no_bytes_give_an_empty_text)
{
    char text[1] = {'x'};
    sup_hex_format((const uint8_t *)"", 0, text);
    cr_assert_eq(text[0], '\0');
}

Test(hex, every_byte_survives_a_round_trip)
{
    uint8_t bytes[256];
    uint8_t back[256];
    char text[513];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    sup_hex_format(bytes, sizeof bytes, text);
    cr_assert(sup_hex_parse(text, 512, back, sizeof back));
    cr_assert_arr_eq(bytes, back, sizeof bytes);
}

Test(hex, text_that_is_no_hex_of_the_wanted_length_is_refused)
{
    static const struct {
        const char *text;
        size_t len;
        size_t out_len;
        bool ok;
    } rows[] = {
        {"", 0, 0, true},          {"00", 2, 1, true},   {"aAfF", 4, 2, true}, {"0", 1, 1, false},
        {"000", 3, 1, false},      {"00", 2, 2, false},  {"0g", 2, 1, false},  {"g0", 2, 1, false},
        {"0\0", 2, 1, false},      {" 00", 3, 1, false}, {"+1", 2, 1, false},  {"0x", 2, 1, false},
        {"\xc3\xa9", 2, 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[4];
        bool ok = sup_hex_parse(rows[i].text, rows[i].len, out, rows[i].out_len);
        cr_assert_eq(ok, rows[i].ok, "row %zu: %s", i, rows[i].text);
    }
}
