/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns: what matches, what is refused, and that effort is bounded. */
/* LINK: plugin/src/base/pattern.c plugin/src/base/error.c */
/* LIBS: -lpcre2-8 */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/base/pattern.h"

Test(pattern, matches_ignore_letter_case)
{
    bkey_pattern *pattern = NULL;
    bool matches = false;
    cr_assert(bkey_is_ok(bkey_pattern_new("^to be filled", &pattern)));
    cr_expect(bkey_is_ok(bkey_pattern_match(pattern, "To Be Filled By", 15, &matches)));
    cr_expect(matches);
    cr_expect(bkey_is_ok(bkey_pattern_match(pattern, "not to be filled", 16, &matches)));
    cr_expect_not(matches);
    cr_expect(bkey_is_ok(bkey_pattern_match(pattern, "To Be Filled By", 5, &matches)));
    cr_expect_not(matches, "looks at len bytes only");
    bkey_pattern_free(&pattern);
    cr_expect_null(pattern);
    bkey_pattern_free(&pattern);
    bkey_pattern_free(NULL);
}

Test(pattern, a_malformed_expression_is_refused)
{
    bkey_pattern *pattern = NULL;
    cr_expect(bkey_is(bkey_pattern_new("(", &pattern), BKEY_E_PARAMETER));
    cr_expect_null(pattern);
}

Test(pattern, endless_effort_is_cut_off)
{
    bkey_pattern *pattern = NULL;
    char text[64];
    bool matches = true;
    memset(text, 'a', sizeof text);
    cr_assert(bkey_is_ok(bkey_pattern_new("^(a+)+x?[^a]$", &pattern)));
    bkey_err err = bkey_pattern_match(pattern, text, sizeof text, &matches);
    cr_expect(bkey_is(err, BKEY_E_LIMIT));
    cr_expect(matches, "untouched");
    bkey_pattern_free(&pattern);
}
