/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves support/iso8601. */
/* LINK: host-sdk/support/iso8601.c */
#include "support/iso8601.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#define MIN_MS INT64_C(-62135596800000)
#define MAX_MS INT64_C(253402300799999)

Test(iso8601, known_instants_are_read)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2000-02-29T12:00:00Z", INT64_C(951825600000)},
        {"2026-03-11T07:42:19.120Z", INT64_C(1773214939120)},
        {"2038-01-19T03:14:08Z", INT64_C(2147483648000)},
        {"0001-01-01T00:00:00Z", MIN_MS},
        {"9999-12-31T23:59:59.999Z", MAX_MS},
        {"1970-01-01T00:00:00.1Z", 100},
        {"1970-01-01T00:00:00.0009999Z", 0},
        {"1970-01-01T00:00:00.12345678901234567890123456789Z", 123},
        {"1970-01-01T01:30:00+01:30", 0},
        {"1969-12-31T22:30:00-01:30", 0},
        {"1970-01-01T00:00:00+00:00", 0},
        {"1970-01-01T00:00:00-23:59", INT64_C(86340000)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = 42;
        cr_assert(sup_iso8601_parse(rows[i].text, strlen(rows[i].text), &ms), "%s", rows[i].text);
        cr_assert_eq(ms, rows[i].ms, "%s gave %" PRId64, rows[i].text, ms);
    }
}

Test(iso8601, what_is_no_instant_is_refused_and_leaves_the_output_alone)
{
    static const char *const rows[] = {
        "",
        "2026",
        "2026-03-11",
        "2026-03-11T07:42Z",
        "2026-03-11T07:42:19",
        "2026-03-11 07:42:19Z",
        "2026-03-11t07:42:19Z",
        "2026-03-11T07:42:19z",
        "2026-03-11T07:42:19.Z",
        "2026-03-11T07:42:19,1Z",
        "2026-03-11T07:42:19Z ",
        " 2026-03-11T07:42:19Z",
        "2026-03-11T07:42:19ZZ",
        "2026-3-11T07:42:19Z",
        "26-03-11T07:42:19Z",
        "02026-03-11T07:42:19Z",
        "-2026-03-11T07:42:19Z",
        "0000-01-01T00:00:00Z",
        "2026-00-11T07:42:19Z",
        "2026-13-11T07:42:19Z",
        "2026-03-00T07:42:19Z",
        "2026-03-32T07:42:19Z",
        "2026-04-31T07:42:19Z",
        "2026-02-29T07:42:19Z",
        "1900-02-29T07:42:19Z",
        "2026-03-11T24:00:00Z",
        "2026-03-11T07:60:19Z",
        "2026-03-11T07:42:60Z",
        "2026-03-11T07:42:19+24:00",
        "2026-03-11T07:42:19+01:60",
        "2026-03-11T07:42:19+0100",
        "2026-03-11T07:42:19+01",
        "2026-03-11T07:42:19+",
        "2026-03-11T07:42:19-+1:00",
        "2026-0x-11T07:42:19Z",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = 42;
        cr_assert_not(sup_iso8601_parse(rows[i], strlen(rows[i]), &ms), "%s", rows[i]);
        cr_assert_eq(ms, 42, "%s", rows[i]);
    }
}

Test(iso8601, every_prefix_of_an_instant_is_refused)
{
    const char *text = "2026-03-11T07:42:19.120Z";
    int64_t ms;
    for (size_t len = 0; len < strlen(text); len++)
        cr_assert_not(sup_iso8601_parse(text, len, &ms), "%zu characters", len);
}

Test(iso8601, values_beyond_the_years_are_clamped)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {INT64_MIN, "0001-01-01T00:00:00.000Z"}, {MIN_MS - 1, "0001-01-01T00:00:00.000Z"},
        {MIN_MS, "0001-01-01T00:00:00.000Z"},    {MIN_MS + 1, "0001-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999Z"},        {0, "1970-01-01T00:00:00.000Z"},
        {MAX_MS, "9999-12-31T23:59:59.999Z"},    {MAX_MS + 1, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SUP_ISO8601_TEXT_SIZE];
        sup_iso8601_format(rows[i].ms, text);
        cr_assert_str_eq(text, rows[i].text, "row %zu", i);
    }
}

/* 400 years repeat, so a day more than that meets every kind of month and leap year. */
Test(iso8601, every_day_of_four_centuries_survives_a_round_trip)
{
    for (int64_t day = -25567; day < 146097 - 25567 + 1; day++) {
        int64_t ms = day * INT64_C(86400000) + INT64_C(86399999);
        int64_t back;
        char text[SUP_ISO8601_TEXT_SIZE];
        sup_iso8601_format(ms, text);
        if (!sup_iso8601_parse(text, strlen(text), &back) || back != ms)
            cr_assert_fail("%s", text);
    }
}
