/* SPDX-License-Identifier: Apache-2.0
 *
 * What is current: S1.67, S1.69, S1.73 as rules over one line of keys. */
/* LINK: plugin/src/domain/lineage.c */
#include <criterion/criterion.h>

#include "plugin/src/domain/lineage.h"

#define MINUTE INT64_C(60000)
#define BURST (10 * MINUTE)
#define T INT64_C(1760000000000)
#define YEAR_ONE INT64_C(-62135596800000)

typedef struct row {
    bkey_lineage_fact fact;
    bkey_lineage expected;
} row;

#define CUR BKEY_LINEAGE_CURRENT
#define OLD BKEY_LINEAGE_SUPERSEDED
#define GONE BKEY_LINEAGE_GONE

static void expect_line(const char *name, const row *rows, size_t count)
{
    int64_t newest = BKEY_DATE_UNKNOWN;
    for (size_t i = 0; i < count; i++)
        newest = bkey_lineage_fold(newest, &rows[i].fact);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(bkey_lineage_of(&rows[i].fact, newest, BURST), rows[i].expected, "%s, key %zu",
                     name, i);
}

#define EXPECT(name, ...)                                                                          \
    do {                                                                                           \
        static const row rows[] = {__VA_ARGS__};                                                   \
        expect_line(name, rows, sizeof rows / sizeof rows[0]);                                     \
    } while (0)

#define OS(created, listed, held, expected)                                                        \
    {                                                                                              \
        {created, BKEY_VOLUME_OS, listed, held}, expected                                          \
    }
#define FIXED(created, listed, held, expected)                                                     \
    {                                                                                              \
        {created, BKEY_VOLUME_FIXED, listed, held}, expected                                       \
    }
#define UNKNOWN(created, listed, held, expected)                                                   \
    {                                                                                              \
        {created, BKEY_VOLUME_UNKNOWN, listed, held}, expected                                     \
    }

/* S1.67 S1.69 */
Test(lineage, of_three_generations_the_newest_is_current)
{
    EXPECT("three", OS(T, true, true, OLD), OS(T + 60 * MINUTE, true, true, OLD),
           OS(T + 120 * MINUTE, true, true, CUR));
}

/* S1.52 S1.67 */
Test(lineage, keys_of_one_burst_are_current_together)
{
    EXPECT("edge", OS(T, true, true, CUR), OS(T + BURST, true, true, CUR));
    EXPECT("past", OS(T, true, true, OLD), OS(T + BURST + 1, true, true, CUR));
    EXPECT("equal", OS(T, true, true, CUR), OS(T, true, true, CUR));
    EXPECT("no chain", OS(T, true, true, OLD), OS(T + 8 * MINUTE, true, true, CUR),
           OS(T + 16 * MINUTE, true, true, CUR));
}

/* S1.73 */
Test(lineage, an_unheld_key_never_hides_a_held_one)
{
    EXPECT("unheld newer", OS(T, true, true, CUR), OS(T + 60 * MINUTE, true, false, CUR));
    EXPECT("unheld newest of three", OS(T, true, true, OLD), OS(T + 60 * MINUTE, true, true, CUR),
           OS(T + 120 * MINUTE, true, false, CUR));
}

/* S1.73 */
Test(lineage, a_key_that_is_gone_supersedes_nothing)
{
    EXPECT("newer is gone", OS(T, true, true, CUR), OS(T + 60 * MINUTE, false, true, GONE));
    EXPECT("all gone", OS(T, false, true, GONE), OS(T + 60 * MINUTE, false, true, GONE));
}

/* S1.69 S1.73 */
Test(lineage, gone_is_superseded_only_with_a_newer_listed_and_held_one)
{
    EXPECT("os", OS(T, false, true, OLD), OS(T + MINUTE, true, true, CUR));
    EXPECT("os, newer not held", OS(T, false, true, GONE), OS(T + MINUTE, true, false, CUR));
    EXPECT("os, only older left", OS(T + MINUTE, false, true, GONE), OS(T, true, true, CUR));
    EXPECT("os, same instant", OS(T, false, true, GONE), OS(T, true, true, CUR));
    EXPECT("fixed", FIXED(T, false, true, OLD), FIXED(T + MINUTE, true, true, CUR));
    EXPECT("fixed, alone", FIXED(T, false, true, GONE));
}

/* S1.52 S1.73 */
Test(lineage, on_data_volumes_a_date_alone_supersedes_nothing)
{
    EXPECT("fixed", FIXED(T, true, true, CUR), FIXED(T + 10000 * MINUTE, true, true, CUR));
    EXPECT("unknown", UNKNOWN(T, true, true, CUR), UNKNOWN(T + 10000 * MINUTE, true, true, CUR));
    static const row removable[] = {{{T, BKEY_VOLUME_REMOVABLE, true, true}, CUR},
                                    {{T + BURST * 9, BKEY_VOLUME_REMOVABLE, true, true}, CUR}};
    expect_line("removable", removable, 2);
}

/* S1.73 */
Test(lineage, an_unknown_date_neither_supersedes_nor_is_superseded)
{
    EXPECT("older?", OS(BKEY_DATE_UNKNOWN, true, true, CUR), OS(T, true, true, CUR));
    EXPECT("year one", OS(YEAR_ONE, true, true, CUR), OS(T, true, true, CUR));
    EXPECT("gone and undated", OS(BKEY_DATE_UNKNOWN, false, true, GONE), OS(T, true, true, CUR));
    EXPECT("alone", OS(T, true, true, CUR), OS(YEAR_ONE, true, true, CUR),
           OS(BKEY_DATE_UNKNOWN, false, true, GONE));
}

Test(lineage, a_line_of_one_is_current_or_gone)
{
    EXPECT("listed", OS(T, true, true, CUR));
    EXPECT("not held yet", OS(T, true, false, CUR));
    EXPECT("gone", OS(T, false, true, GONE));
}

Test(lineage, dates_are_told_from_no_dates)
{
    cr_expect_not(bkey_lineage_is_dated(BKEY_DATE_UNKNOWN));
    cr_expect_not(bkey_lineage_is_dated(YEAR_ONE));
    cr_expect(bkey_lineage_is_dated(YEAR_ONE + 1));
    cr_expect(bkey_lineage_is_dated(0));
}
