/* SPDX-License-Identifier: Apache-2.0
 *
 * $filter expressions of the simulated Graph. */
/* LINK: sample-host/graphsim/filter.c sample-host/graphsim/json.c host-sdk/support/buffer.c
 * host-sdk/support/iso8601.c */
/* LIBS: -ljansson */
#include "sample-host/graphsim/filter.h"

#include <criterion/criterion.h>
#include <string.h>

static const sim_property properties[] = {
    {"name", NULL, "null", SIM_EQUAL | SIM_UNEQUAL | SIM_CONTAINS | SIM_STARTS},
    {"when", NULL, "null", SIM_LESS | SIM_RANGE | SIM_EQUAL},
    {"on", NULL, "null", SIM_EQUAL},
    {"list/any(t:t/id", NULL, "null", SIM_EQUAL},
    {"fixed", NULL, "null", 0},
};

#define COUNT (sizeof properties / sizeof properties[0])

static void value_of(const void *row, int property, sup_buffer *out)
{
    const char *const *values = row;
    sup_buffer_add_str(out, values[property]);
}

static bool fits(const char *text)
{
    static const char *const row[] = {"\"O'Neil PC\"", "\"2026-03-11T07:42:19.5Z\"", "true",
                                      "\"b5a1464d\"", "\"x\""};
    sim_filter filter;
    cr_assert(sim_filter_read(text, properties, COUNT, &filter), "%s", text);
    return sim_filter_fits(&filter, value_of, row);
}

Test(sim_filter, comparisons_and_functions_decide)
{
    cr_assert(fits("name eq 'o''neil pc'"));
    cr_assert_not(fits("name eq 'other'"));
    cr_assert(fits("name ne 'other'"));
    cr_assert(fits("contains(name,'NEIL')"));
    cr_assert(fits("startswith(name, 'O''')"));
    cr_assert_not(fits("startswith(name,'Neil')"));
    cr_assert(fits("on eq true"));
    cr_assert_not(fits("on eq false"));
    cr_assert(fits("list/any(t:t/id eq 'B5A1464D')"));
}

Test(sim_filter, instants_are_compared_not_their_text)
{
    cr_assert(fits("when eq 2026-03-11T08:42:19.500+01:00"));
    cr_assert(fits("when lt 2026-03-11T07:42:20Z"));
    cr_assert_not(fits("when gt 2026-03-11T07:42:20Z"));
    cr_assert(fits("when ge 2026-03-11T07:42:19.5Z and when le 2026-03-11T07:42:19.5Z"));
    cr_assert_not(fits("when lt 2026-03-11T07:42:19.5Z"));
}

Test(sim_filter, connectors_of_one_kind_join)
{
    cr_assert(fits("name eq 'x' or name eq 'y' or on eq true"));
    cr_assert_not(fits("name eq 'x' and on eq true"));
}

Test(sim_filter, anything_else_is_refused)
{
    static const char *const bad[] = {
        "",
        "name",
        "name eq",
        "name eq 'x",
        "name eq x",
        "name gt 'x'",
        "fixed eq 'x'",
        "other eq 'x'",
        "contains(when,'x')",
        "contains(name 'x')",
        "contains(name,'x'",
        "name eq 'x' and",
        "name eq 'x' xor on eq true",
        "name eq 'x' and on eq true or on eq false",
        "list/any(t:t/id eq 'x'",
        "when lt yesterday",
    };
    sim_filter filter;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_filter_read(bad[i], properties, COUNT, &filter), "%s", bad[i]);
}

Test(sim_filter, too_long_is_refused)
{
    char text[4096] = "name eq 'x'";
    sim_filter filter;
    for (int i = 0; i < SIM_FILTER_TERMS_MAX; i++)
        (void)strncat(text, " or name eq 'x'", sizeof text - strlen(text) - 1);
    cr_assert_not(sim_filter_read(text, properties, COUNT, &filter));
    memset(text, 'x', sizeof text);
    memcpy(text, "name eq '", 9);
    memcpy(text + sizeof text - 2, "'", 2);
    cr_assert_not(sim_filter_read(text, properties, COUNT, &filter));
}
