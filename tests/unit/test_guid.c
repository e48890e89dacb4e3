/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves support/guid. */
/* LINK: host-sdk/support/guid.c host-sdk/support/hex.c */
#include "support/guid.h"

#include <criterion/criterion.h>
#include <string.h>

#define TEXT "01234567-89ab-cdef-fedc-ba9876543210"

static sup_guid parsed(const char *text)
{
    sup_guid guid;
    cr_assert(sup_guid_parse(text, strlen(text), &guid), "%s", text);
    return guid;
}

Test(guid, bytes_are_in_the_order_of_the_text)
{
    static const uint8_t want[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                     0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    sup_guid guid = parsed(TEXT);
    cr_assert_arr_eq(guid.bytes, want, sizeof want);
}

Test(guid, case_and_braces_do_not_make_another_id)
{
    static const char *const same[] = {
        TEXT,
        "01234567-89AB-CDEF-FEDC-BA9876543210",
        "{01234567-89ab-cdef-fedc-ba9876543210}",
        "{01234567-89Ab-cDeF-FeDc-bA9876543210}",
    };
    sup_guid first = parsed(same[0]);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        sup_guid guid = parsed(same[i]);
        char text[SUP_GUID_TEXT_LEN + 1];
        sup_guid_format(&guid, text);
        cr_assert(sup_guid_equal(&first, &guid), "%s", same[i]);
        cr_assert_str_eq(text, TEXT);
    }
}

Test(guid, malformed_text_is_refused_and_leaves_the_output_alone)
{
    static const char *const rows[] = {
        "",
        "{}",
        "0123456789abcdeffedcba9876543210",
        "01234567-89ab-cdef-fedc-ba987654321",
        "01234567-89ab-cdef-fedc-ba98765432100",
        "g1234567-89ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc-ba987654321g",
        "012345678-9ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc+ba9876543210",
        "01234567889ab-cdef-fedc-ba9876543210",
        "01234567--9ab-cdef-fedc-ba9876543210",
        "{01234567-89ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc-ba9876543210}",
        "{01234567-89ab-cdef-fedc-ba9876543210)",
        "(01234567-89ab-cdef-fedc-ba9876543210)",
        "{{1234567-89ab-cdef-fedc-ba987654321}}",
        " 01234567-89ab-cdef-fedc-ba9876543210",
        "01234567-89ab-cdef-fedc-ba9876543210 ",
        "01234567-89ab-cdef-fedc-ba987654321\n",
        "01234567-89ab-cdef-fedc-ba98765432\xc3\xa9",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sup_guid guid;
        memset(&guid, 0x5a, sizeof guid);
        sup_guid before = guid;
        cr_assert_not(sup_guid_parse(rows[i], strlen(rows[i]), &guid), "row %zu: %s", i, rows[i]);
        cr_assert(sup_guid_equal(&guid, &before), "row %zu: %s", i, rows[i]);
    }
}

Test(guid, only_the_given_length_is_read)
{
    sup_guid guid;
    cr_assert(sup_guid_parse(TEXT "-and-more", SUP_GUID_TEXT_LEN, &guid));
    cr_assert_not(sup_guid_parse(TEXT, SUP_GUID_TEXT_LEN - 1, &guid));
}

Test(guid, order_is_that_of_the_text)
{
    static const char *const sorted[] = {
        "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0100-000000000000", "7fffffff-ffff-ffff-ffff-ffffffffffff",
        "80000000-0000-0000-0000-000000000000", "FFFFFFFF-0000-0000-0000-000000000000",
    };
    size_t count = sizeof sorted / sizeof sorted[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            sup_guid a = parsed(sorted[i]);
            sup_guid b = parsed(sorted[j]);
            int order = sup_guid_compare(&a, &b);
            cr_assert_eq((order > 0) - (order < 0), (i > j) - (i < j), "%zu and %zu", i, j);
            cr_assert_eq(sup_guid_equal(&a, &b), i == j);
        }
    }
}

Test(guid, zero_is_only_all_zeros)
{
    sup_guid zero = parsed("00000000-0000-0000-0000-000000000000");
    cr_assert(sup_guid_is_zero(&zero));
    for (size_t i = 0; i < sizeof zero.bytes; i++) {
        sup_guid other = zero;
        other.bytes[i] = 1;
        cr_assert_not(sup_guid_is_zero(&other), "byte %zu", i);
    }
}
