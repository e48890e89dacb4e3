/* SPDX-License-Identifier: Apache-2.0
 *
 * Titles of records and names that people may not use. */
/* LINK: plugin/src/domain/naming.c plugin/src/domain/alike.c plugin/src/domain/alike_order.c
   plugin/src/base/unicode.c host-sdk/support/guid.c host-sdk/support/hex.c
   host-sdk/support/utf8.c */
/* LIBS: -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/naming.h"

#define RESERVED "BitLocker Keys (via Network Glue)"

static const sup_guid device = {{0xbe, 0x1a, 0x9f, 0xfc, 0xba, 0x30}};

/* S1.44 */
Test(naming, the_title_is_the_device_name_as_it_is)
{
    static const char *const names[] = {"FERN-LT-014", " padded ", "L\xC3\xA4ptop \xF0\x9F\x98\x80",
                                        "=cmd|'x'!A1", "<b>x</b>"};
    char title[BKEY_NAMING_TITLE_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_expect_not(bkey_naming_title(names[i], &device, title));
        cr_expect_str_eq(title, names[i]);
    }
}

/* S1.50 */
Test(naming, a_blank_or_missing_name_gets_the_same_stand_in_each_time)
{
    static const char *const names[] = {
        NULL, "", "   ", "\t\r\n", "\xC2\xA0\xE3\x80\x80", "\xE2\x80\x8B", "\xEF\xBB\xBF"};
    char title[BKEY_NAMING_TITLE_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_expect(bkey_naming_title(names[i], &device, title), "row %zu", i);
        cr_expect_str_eq(title, "Unnamed device be1a9ffc");
    }
}

Test(naming, a_long_name_is_cut_between_characters)
{
    char name[4 * 300 + 1];
    char title[BKEY_NAMING_TITLE_SIZE];
    for (size_t i = 0; i < 300; i++)
        memcpy(name + 4 * i, "\xF0\x9F\x98\x80", 4);
    name[sizeof name - 1] = '\0';
    cr_expect_not(bkey_naming_title(name, &device, title));
    cr_expect_eq(strlen(title), 4 * 255);
    name[4 * 255] = '\0';
    cr_expect_not(bkey_naming_title(name, &device, title));
    cr_expect_str_eq(title, name);
}

Test(naming, malformed_bytes_become_question_marks)
{
    char title[BKEY_NAMING_TITLE_SIZE];
    cr_expect_not(bkey_naming_title("A\xFF\xC3", &device, title));
    cr_expect_str_eq(title, "A??");
}

static bkey_naming_verdict check(uint32_t kind, const char *name)
{
    return bkey_naming_check(kind, name, strlen(name), RESERVED);
}

/* S1.31 S1.33 */
Test(naming, the_reserved_name_is_refused_for_category_and_folder)
{
    cr_expect_eq(check(BKEY_NAMING_CATEGORY, RESERVED), BKEY_NAMING_RESERVED);
    cr_expect_eq(check(BKEY_NAMING_FOLDER, RESERVED), BKEY_NAMING_RESERVED);
    cr_expect_eq(check(BKEY_NAMING_CATEGORY, "bitlocker keys (VIA network glue)"),
                 BKEY_NAMING_RESERVED);
    cr_expect_eq(check(BKEY_NAMING_FOLDER, "bitlocker keys (via network glue)"),
                 BKEY_NAMING_RESERVED);
}

/* S1.34 */
Test(naming, a_longer_name_that_contains_the_words_is_free)
{
    cr_expect_eq(check(BKEY_NAMING_FOLDER, "Old " RESERVED), BKEY_NAMING_FREE);
    cr_expect_eq(check(BKEY_NAMING_FOLDER, RESERVED " 2024"), BKEY_NAMING_FREE);
    cr_expect_eq(check(BKEY_NAMING_CATEGORY, RESERVED "s"), BKEY_NAMING_FREE);
    cr_expect_eq(check(BKEY_NAMING_FOLDER, "BitLocker Keys"), BKEY_NAMING_FREE);
    cr_expect_eq(check(BKEY_NAMING_FOLDER, ""), BKEY_NAMING_FREE);
}

Test(naming, the_setting_decides_what_is_reserved)
{
    cr_expect_eq(bkey_naming_check(BKEY_NAMING_FOLDER, "Keys", 4, "Keys"), BKEY_NAMING_RESERVED);
    cr_expect_eq(bkey_naming_check(BKEY_NAMING_FOLDER, RESERVED, strlen(RESERVED), "Keys"),
                 BKEY_NAMING_FREE);
}

Test(naming, names_are_bounded_in_characters_not_bytes)
{
    char name[2 * 256 + 1];
    for (size_t i = 0; i < 256; i++)
        memcpy(name + 2 * i, "\xC3\xA9", 2);
    cr_expect_eq(bkey_naming_check(BKEY_NAMING_FOLDER, name, 2 * 255, RESERVED), BKEY_NAMING_FREE);
    cr_expect_eq(bkey_naming_check(BKEY_NAMING_FOLDER, name, 2 * 256, RESERVED),
                 BKEY_NAMING_TOO_LONG);
}

Test(naming, malformed_names_and_unknown_kinds_are_refused)
{
    cr_expect_eq(check(BKEY_NAMING_FOLDER, "A\xFF"), BKEY_NAMING_MALFORMED);
    cr_expect_eq(check(0, "A"), BKEY_NAMING_NO_KIND);
    cr_expect_eq(check(3, "A"), BKEY_NAMING_NO_KIND);
}
