/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery passwords: vectors, boundaries, and every way to be wrong. */
/* LINK: plugin/src/domain/recovery_key.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/domain/recovery_key.h"

static const struct {
    uint8_t bytes[16];
    const char *text;
} vectors[] = {
    {{0x38, 0xa4, 0xfd, 0xfc, 0x27, 0xed, 0x77, 0x03, 0xb3, 0x83, 0xee, 0x99, 0x57, 0x58, 0xeb,
      0xa4},
     "462440-712415-667821-009757-370865-433466-248765-464409"},
    {{0xd3, 0x68, 0x42, 0x72, 0x98, 0xd8, 0x3c, 0xf9, 0x14, 0x67, 0xa8, 0xd7, 0x2d, 0xbb, 0x9f,
      0x44},
     "295185-321750-609928-701844-290268-607288-527087-193237"},
    {{0xe6, 0x25, 0x05, 0x02, 0xe6, 0xb5, 0x8d, 0x14, 0xfa, 0x0d, 0x37, 0x71, 0xca, 0x93, 0xce,
      0x62},
     "106722-005687-512226-057871-039358-318813-416174-278234"},
    {{0}, "000000-000000-000000-000000-000000-000000-000000-000000"},
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff},
     "720885-720885-720885-720885-720885-720885-720885-720885"},
    {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     "002816-008470-014124-019778-025432-031086-036740-042394"},
};
#define VECTORS (sizeof vectors / sizeof vectors[0])

static bkey_recovery_key_fault parse(const char *text)
{
    uint8_t out[BKEY_RECOVERY_KEY_BYTES];
    return bkey_recovery_key_parse(text, strlen(text), out);
}

/* S2.3 */
Test(recovery_key, the_vectors_go_there_and_back)
{
    for (size_t i = 0; i < VECTORS; i++) {
        uint8_t bytes[BKEY_RECOVERY_KEY_BYTES];
        char text[BKEY_RECOVERY_KEY_TEXT_SIZE];
        cr_assert_eq(bkey_recovery_key_parse(vectors[i].text, 55, bytes), BKEY_RECOVERY_KEY_OK);
        cr_expect_eq(memcmp(bytes, vectors[i].bytes, sizeof bytes), 0, "%s", vectors[i].text);
        bkey_recovery_key_format(vectors[i].bytes, text);
        cr_expect_str_eq(text, vectors[i].text);
    }
}

/* S2.3 */
Test(recovery_key, hyphens_spaces_or_nothing_separate_and_blanks_around_are_ignored)
{
    char other[80];
    for (size_t i = 0; i < VECTORS; i++) {
        const char *text = vectors[i].text;
        uint8_t bytes[BKEY_RECOVERY_KEY_BYTES];
        size_t len = 0;
        for (const char *c = text; *c != '\0'; c++) {
            if (*c != '-')
                other[len++] = *c;
        }
        cr_expect_eq(bkey_recovery_key_parse(other, len, bytes), BKEY_RECOVERY_KEY_OK);
        cr_expect_eq(memcmp(bytes, vectors[i].bytes, sizeof bytes), 0);
        for (len = 0; text[len] != '\0'; len++)
            other[len] = text[len] == '-' ? ' ' : text[len];
        cr_expect_eq(bkey_recovery_key_parse(other, len, bytes), BKEY_RECOVERY_KEY_OK);
        snprintf(other, sizeof other, " \t%s\r\n", text);
        cr_expect_eq(parse(other), BKEY_RECOVERY_KEY_OK);
    }
}

/* S2.4 */
Test(recovery_key, every_place_has_the_same_bounds)
{
    for (size_t group = 0; group < 8; group++) {
        char text[56];
        snprintf(text, sizeof text, "%s", vectors[3].text);
        memcpy(text + group * 7, "720885", 6);
        cr_expect_eq(parse(text), BKEY_RECOVERY_KEY_OK, "%s", text);
        memcpy(text + group * 7, "720896", 6);
        cr_expect_eq(parse(text), BKEY_RECOVERY_KEY_RANGE, "%s", text);
        memcpy(text + group * 7, "999999", 6);
        cr_expect_eq(parse(text), BKEY_RECOVERY_KEY_RANGE, "%s", text);
        memcpy(text + group * 7, "000001", 6);
        cr_expect_eq(parse(text), BKEY_RECOVERY_KEY_MULTIPLE, "%s", text);
    }
}

/* S2.4: a typing error in one digit is always found in its group. */
Test(recovery_key, every_single_digit_error_is_found)
{
    for (size_t at = 0; at < 55; at++) {
        char text[56];
        if (vectors[0].text[at] == '-')
            continue;
        for (char digit = '0'; digit <= '9'; digit++) {
            snprintf(text, sizeof text, "%s", vectors[0].text);
            text[at] = digit;
            bool same = digit == vectors[0].text[at];
            cr_expect_eq(parse(text) == BKEY_RECOVERY_KEY_OK, same, "%s", text);
        }
    }
}

/* S2.3 S2.4 */
Test(recovery_key, malformed_texts_say_why)
{
    static const struct {
        const char *text;
        bkey_recovery_key_fault fault;
    } rows[] = {
        {"", BKEY_RECOVERY_KEY_LENGTH},
        {"   ", BKEY_RECOVERY_KEY_LENGTH},
        {"000000", BKEY_RECOVERY_KEY_LENGTH},
        {"000000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"000000-000000-000000-000000-000000-000000-000000-00000", BKEY_RECOVERY_KEY_LENGTH},
        {"000000-000000-000000-000000-000000-000000-000000-0000000", BKEY_RECOVERY_KEY_LENGTH},
        {"000000-000000-000000-000000 000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"000000_000000_000000_000000_000000_000000_000000_000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"000000--00000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"00000a-000000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"+00000-000000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"-00000-000000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"00 000-000000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
        {"123456-231453-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_MULTIPLE},
        {"0000000-00000-000000-000000-000000-000000-000000-000000", BKEY_RECOVERY_KEY_CHARACTER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(parse(rows[i].text), rows[i].fault, "%s", rows[i].text);
}

Test(recovery_key, a_nul_or_foreign_byte_inside_is_refused)
{
    char text[56];
    for (size_t at = 0; at < 55; at++) {
        uint8_t out[BKEY_RECOVERY_KEY_BYTES];
        snprintf(text, sizeof text, "%s", vectors[0].text);
        text[at] = '\0';
        cr_expect_neq(bkey_recovery_key_parse(text, 55, out), BKEY_RECOVERY_KEY_OK);
        text[at] = (char)0xB2;
        cr_expect_neq(bkey_recovery_key_parse(text, 55, out), BKEY_RECOVERY_KEY_OK);
    }
}

Test(recovery_key, nothing_is_written_when_the_text_is_wrong)
{
    uint8_t out[BKEY_RECOVERY_KEY_BYTES];
    memset(out, 0xEE, sizeof out);
    const char *text = "720885-720885-720885-720885-720885-720885-720885-720884";
    cr_expect_eq(bkey_recovery_key_parse(text, 55, out), BKEY_RECOVERY_KEY_MULTIPLE);
    for (size_t i = 0; i < sizeof out; i++)
        cr_expect_eq(out[i], 0xEE);
}

Test(recovery_key, every_fault_has_words_without_the_text)
{
    cr_expect_str_empty(bkey_recovery_key_fault_text(BKEY_RECOVERY_KEY_OK));
    for (int i = BKEY_RECOVERY_KEY_LENGTH; i < BKEY_RECOVERY_KEY_COUNT; i++)
        cr_expect_gt(strlen(bkey_recovery_key_fault_text((bkey_recovery_key_fault)i)), 10);
}
