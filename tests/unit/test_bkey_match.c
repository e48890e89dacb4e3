/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching: decisions first, then serial numbers; junk and ambiguity match nothing. */
/* LINK: plugin/src/domain/match.c plugin/src/domain/match_serial.c plugin/src/domain/plan_hash.c
   plugin/src/base/pattern.c plugin/src/base/error.c host-sdk/support/guid.c
   host-sdk/support/hex.c */
/* LIBS: -lpcre2-8 */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/match.h"

static const bkey_configuration configurations[] = {
    {"c-alpha", "5CG4021XQZ", 0, false},
    {"c-beta", "  pf-3k  9x ", 0, false},
    {"c-twin-1", "TWIN0001", 0, false},
    {"c-twin-2", "twin0001", 1, false},
    {"c-archived", "ARCH0001", 0, true},
    {"c-old", "BOTH0001", 0, true},
    {"c-new", "BOTH0001", 1, false},
    {"c-junk", "To be filled by O.E.M.", 0, false},
    {"c-blank", "", 0, false},
    {"c-none", NULL, 1, false},
    {"c-vm", "VMware-56 4d 12 ab", 1, false},
    {NULL, "NOID0001", 0, false},
    {"c-same-1", "SAME0001", 0, false},
    {"c-same-2", "SAME0001", 0, false},
};
#define COUNT (sizeof configurations / sizeof configurations[0])

static bkey_match_index *match_index;

static void open_index(void)
{
    cr_assert(bkey_is_ok(bkey_match_index_new(configurations, COUNT, &match_index)));
}

static void close_index(void)
{
    bkey_match_index_free(&match_index);
    cr_expect_null(match_index);
    bkey_match_index_free(&match_index);
}

TestSuite(match, .init = open_index, .fini = close_index);

static bkey_match match_with(const char *serial, const bkey_decision *decision)
{
    bkey_device device = {.id = {{1}}, .name = "PC", .serial = serial};
    bkey_match match;
    cr_assert(bkey_is_ok(bkey_match_device(match_index, &device, decision, &match)));
    return match;
}

/* S1.1 S1.104 */
Test(match, an_exact_serial_number_matches_whatever_its_case_and_blanks)
{
    static const struct {
        const char *serial;
        const char *id;
    } rows[] = {{"5CG4021XQZ", "c-alpha"},
                {" 5cg4021xqz\t", "c-alpha"},
                {"PF-3K 9X", "c-beta"},
                {"vmware-56 4d 12 AB", "c-vm"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_match match = match_with(rows[i].serial, NULL);
        cr_assert_eq(match.outcome, BKEY_MATCHED_SERIAL, "%s", rows[i].serial);
        cr_expect_str_eq(configurations[match.configuration].id, rows[i].id);
        cr_expect_eq(match.organization, configurations[match.configuration].organization);
        cr_expect(match.remember);
    }
}

Test(match, nearly_the_same_serial_number_matches_nothing)
{
    static const char *const rows[] = {"5CG4021XQ", "5CG4021XQZ1", "5CG 4021XQZ", "PF-3K9X",
                                       "5CG4021XQ2"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_match match = match_with(rows[i], NULL);
        cr_expect_eq(match.outcome, BKEY_UNMATCHED_NOWHERE, "%s", rows[i]);
        cr_expect(match.configuration == BKEY_NONE && match.organization == BKEY_NONE);
        cr_expect_not(match.remember);
    }
}

/* S1.105 */
Test(match, two_configurations_with_one_serial_number_match_nothing)
{
    cr_expect_eq(match_with("TWIN0001", NULL).outcome, BKEY_UNMATCHED_AMBIGUOUS);
    cr_expect_eq(match_with("SAME0001", NULL).outcome, BKEY_UNMATCHED_AMBIGUOUS);
    cr_expect_eq(match_with("SAME0001", NULL).organization, BKEY_NONE);
}

Test(match, archived_configurations_are_no_candidates)
{
    cr_expect_eq(match_with("ARCH0001", NULL).outcome, BKEY_UNMATCHED_ARCHIVED);
    bkey_match match = match_with("BOTH0001", NULL);
    cr_assert_eq(match.outcome, BKEY_MATCHED_SERIAL);
    cr_expect_str_eq(configurations[match.configuration].id, "c-new");
}

/* S1.104 */
Test(match, junk_serial_numbers_are_no_evidence)
{
    static const char *const rows[] = {
        NULL,
        "",
        "   ",
        "abc",
        "0000000000",
        "-----",
        "........",
        "XXXX",
        "xxxxxxx",
        "0000-0000",
        "To be filled by O.E.M.",
        "to  be filled by oem",
        "Default string",
        "DEFAULT",
        "System Serial Number",
        "Serial Number",
        "Chassis Serial Number",
        "SerialNumber",
        "0123456789",
        "123456789",
        "1234567890",
        "12345678",
        "None",
        "N/A",
        "NULL",
        "Not Applicable",
        "Not Specified",
        "Not Available",
        "INVALID",
        "Unknown",
        "OEM string",
        "Base Board Serial Number",
        "System",
        "Test",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(match_with(rows[i], NULL).outcome, BKEY_UNMATCHED_JUNK, "%s", rows[i]);
}

Test(match, ordinary_serial_numbers_are_not_taken_for_junk)
{
    static const char *const rows[] = {"7654321",      "INVALID7", "N0NE123",  "SYSTEM42",
                                       "123456789012", "TESTBED1", "DEFAULT9", "VMware-1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(match_with(rows[i], NULL).outcome, BKEY_UNMATCHED_NOWHERE, "%s", rows[i]);
    }
}

Test(match, an_overlong_serial_number_is_no_evidence)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 2];
    memset(serial, 'A', sizeof serial);
    serial[1] = 'B';
    serial[BKEY_MATCH_SERIAL_MAX] = '\0';
    cr_expect_eq(match_with(serial, NULL).outcome, BKEY_UNMATCHED_NOWHERE);
    serial[BKEY_MATCH_SERIAL_MAX] = 'A';
    serial[BKEY_MATCH_SERIAL_MAX + 1] = '\0';
    cr_expect_eq(match_with(serial, NULL).outcome, BKEY_UNMATCHED_JUNK);
}

Test(match, a_decision_goes_before_the_serial_number)
{
    bkey_decision decision = {{{1}}, "c-beta", 0, 3};
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect_eq(match.outcome, BKEY_MATCHED_REMEMBERED);
    cr_expect_str_eq(configurations[match.configuration].id, "c-beta");
    cr_expect_not(match.remember);
}

/* S1.79 */
Test(match, a_decision_survives_its_configuration)
{
    bkey_decision archived = {{{1}}, "c-archived", 0, 3};
    bkey_match match = match_with("5CG4021XQZ", &archived);
    cr_expect_eq(match.outcome, BKEY_MATCHED_REMEMBERED);
    cr_expect_eq(match.configuration, 4);
    bkey_decision gone = {{{1}}, "c-deleted", 1, 3};
    match = match_with("NOWHERE001", &gone);
    cr_expect_eq(match.outcome, BKEY_MATCHED_LOST);
    cr_expect_eq(match.configuration, BKEY_NONE);
    cr_expect_eq(match.organization, 1);
    cr_expect_not(match.remember);
    match = match_with("BOTH0001", &gone);
    cr_expect_eq(match.outcome, BKEY_MATCHED_SERIAL, "made again in the same organization");
    cr_expect(match.remember && match.configuration == 6 && match.organization == 1);
    match = match_with("5CG4021XQZ", &gone);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_AMBIGUOUS, "made again in another one");
    cr_expect_eq(match.organization, BKEY_NONE);
}

/* S1.3 S1.77 */
Test(match, a_decision_follows_its_configuration_to_another_organization)
{
    bkey_decision decision = {{{1}}, "c-new", 0, 3};
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect_eq(match.organization, 1);
    cr_expect(match.remember);
}

Test(match, an_organization_that_left_the_connection_gets_nothing)
{
    bkey_decision decision = {{{1}}, "c-elsewhere", BKEY_NONE, 3};
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_ELSEWHERE);
    cr_expect_eq(match.organization, BKEY_NONE);
}

Test(match, without_a_device_only_a_decision_counts)
{
    bkey_match match;
    bkey_decision decision = {{{1}}, "c-beta", 0, 3};
    cr_assert(bkey_is_ok(bkey_match_device(match_index, NULL, NULL, &match)));
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_NO_DEVICE);
    cr_assert(bkey_is_ok(bkey_match_device(match_index, NULL, &decision, &match)));
    cr_expect_eq(match.outcome, BKEY_MATCHED_REMEMBERED);
}

Test(match, an_empty_host_has_no_candidates)
{
    bkey_match_index *empty = NULL;
    bkey_device device = {.id = {{1}}, .name = "PC", .serial = "5CG4021XQZ"};
    bkey_match match;
    cr_assert(bkey_is_ok(bkey_match_index_new(NULL, 0, &empty)));
    cr_assert(bkey_is_ok(bkey_match_device(empty, &device, NULL, &match)));
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_NOWHERE);
    bkey_match_index_free(&empty);
}
