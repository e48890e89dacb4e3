/* SPDX-License-Identifier: Apache-2.0
 *
 * What is a problem, in which order problems are told, and in which words. */
/* LINK: plugin/src/domain/preflight.c plugin/src/domain/preflight_text.c
 * plugin/src/domain/settings.c plugin/src/base/error.c host-sdk/support/utf8.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/preflight.h"

static const bkey_preflight_code every[] = {
    BKEY_PREFLIGHT_ADD_ON,        BKEY_PREFLIGHT_KEYS_OFF,     BKEY_PREFLIGHT_INTUNE_OFF,
    BKEY_PREFLIGHT_CONTACTS_OFF,  BKEY_PREFLIGHT_LICENCES_OFF, BKEY_PREFLIGHT_ACCESS,
    BKEY_PREFLIGHT_PERM_TYPE,     BKEY_PREFLIGHT_PERM_DEVICES, BKEY_PREFLIGHT_PERM_KEY_LIST,
    BKEY_PREFLIGHT_PERM_KEY_READ, BKEY_PREFLIGHT_NO_DEVICES,   BKEY_PREFLIGHT_DEVICES_REFUSED,
    BKEY_PREFLIGHT_KEYS_REFUSED,  BKEY_PREFLIGHT_USER_AGENT,   BKEY_PREFLIGHT_DEVICES_FAILED,
    BKEY_PREFLIGHT_KEYS_FAILED,   BKEY_PREFLIGHT_CLOCK,        BKEY_PREFLIGHT_SIGN_IN_ENDING,
    BKEY_PREFLIGHT_CERT_ENDING,   BKEY_PREFLIGHT_TOKEN_SHORT,  BKEY_PREFLIGHT_NO_INTUNE,
    BKEY_PREFLIGHT_NO_LICENCE,    BKEY_PREFLIGHT_SELF_SERVICE,
};

#define EVERY (sizeof every / sizeof every[0])

/* S1.18: whatever is found first. */
Test(preflight, problems_are_told_in_one_order_and_once)
{
    bkey_preflight list = {.count = 0};
    for (size_t i = EVERY; i > 0; i--)
        bkey_preflight_add(&list, every[i - 1], (int64_t)i);
    for (size_t i = 0; i < EVERY; i++)
        bkey_preflight_add(&list, every[i], 99);
    cr_assert_eq(list.count, EVERY);
    for (size_t i = 0; i < EVERY; i++) {
        cr_expect_eq(list.items[i].code, every[i]);
        cr_expect_eq(list.items[i].number, (int64_t)i + 1);
    }
    cr_expect_leq(EVERY, BKEY_PREFLIGHT_MAX);
    cr_expect_eq(bkey_preflight_first(&list)->code, BKEY_PREFLIGHT_ADD_ON);
}

Test(preflight, warnings_and_notes_keep_nothing_from_running)
{
    bkey_preflight list = {.count = 0};
    cr_expect_null(bkey_preflight_first(&list));
    bkey_preflight_add(&list, BKEY_PREFLIGHT_CLOCK, 1000);
    bkey_preflight_add(&list, BKEY_PREFLIGHT_SELF_SERVICE, 0);
    cr_expect_null(bkey_preflight_first(&list));
    bkey_preflight_add(&list, BKEY_PREFLIGHT_NO_DEVICES, 0);
    cr_assert_not_null(bkey_preflight_first(&list));
    cr_expect_eq(bkey_preflight_first(&list)->reason, BKEY_E_NO_INTUNE);
}

Test(preflight, every_error_has_a_reason_and_every_problem_whole_sentences)
{
    for (size_t i = 0; i < EVERY; i++) {
        bkey_preflight list = {.count = 0};
        bkey_preflight_text text;
        bkey_preflight_fail(&list, every[i], bkey_fail(BKEY_E_NETWORK), 5);
        bkey_preflight_describe(&list.items[0], &text);
        cr_expect_eq(text.severity == BKEY_PREFLIGHT_ERROR, bkey_preflight_first(&list) != NULL);
        cr_expect_eq(text.what[strlen(text.what) - 1], '.', "%s", text.what);
        cr_expect_str_neq(text.name, "unknown");
        cr_expect_gt(strlen(text.brief), 10u);
        cr_expect_lt(strlen(text.brief), 64u, "%s", text.brief);
        list.count = 0;
        bkey_preflight_add(&list, every[i], 5);
        const bool has_own = every[i] == BKEY_PREFLIGHT_ACCESS ||
                             every[i] == BKEY_PREFLIGHT_DEVICES_FAILED ||
                             every[i] == BKEY_PREFLIGHT_KEYS_FAILED;
        if (text.severity == BKEY_PREFLIGHT_ERROR && !has_own)
            cr_expect_neq(list.items[0].reason, 0, "%s", text.name);
    }
}

/* A finding that a newer version kept is not lost on an older one. */
Test(preflight, what_is_not_known_is_said_to_be_so)
{
    const bkey_preflight_problem newer = {(bkey_preflight_code)255, 0, 0};
    bkey_preflight_text text;
    bkey_preflight_describe(&newer, &text);
    cr_expect_str_eq(text.name, "unknown");
    cr_expect_not_null(strstr(text.what, "newer version"));
}

/* S1.10 S1.12 S1.13 S1.15 */
Test(preflight, settings_that_are_off_are_problems)
{
    static const bkey_preflight_code wanted[] = {
        BKEY_PREFLIGHT_KEYS_OFF, BKEY_PREFLIGHT_INTUNE_OFF, BKEY_PREFLIGHT_CONTACTS_OFF,
        BKEY_PREFLIGHT_LICENCES_OFF, BKEY_PREFLIGHT_PERM_TYPE};
    bkey_settings settings;
    bkey_preflight list = {.count = 0};
    bkey_settings_init(&settings);
    bkey_preflight_settings(&list, &settings, false);
    cr_expect_eq(list.count, 0);
    settings.sync_bitlocker_keys = false;
    settings.sync_intune_devices = false;
    settings.sync_contacts = false;
    settings.licence_types[0] = '\0';
    bkey_preflight_settings(&list, &settings, true);
    cr_assert_eq(list.count, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(list.items[i].code, wanted[i]);
        cr_expect_eq(bkey_preflight_is_remote(&list.items[i]), i == 4);
    }
}

/* S1.11: of the wrong type is not missing. */
Test(preflight, a_type_that_is_not_accepted_is_told_with_both_types)
{
    bkey_settings settings;
    bkey_preflight list = {.count = 0};
    bkey_preflight_text text;
    bkey_settings_init(&settings);
    bkey_preflight_kind(&list, &settings, true);
    cr_assert_eq(list.count, 1);
    bkey_preflight_describe(&list.items[0], &text);
    cr_expect_str_eq(text.name, "permission-type");
    cr_expect_not_null(strstr(text.what, "are of the type application"));
    cr_expect_not_null(strstr(text.what, "delegated ones only"));
    settings.accepted_grants = BKEY_GRANT_APPLICATION;
    list.count = 0;
    bkey_preflight_kind(&list, &settings, false);
    bkey_preflight_kind(&list, &settings, true);
    cr_assert_eq(list.count, 1);
    bkey_preflight_describe(&list.items[0], &text);
    cr_expect_not_null(strstr(text.what, "are of the type delegated"));
}

Test(preflight, clocks_may_differ_by_five_minutes)
{
    static const struct {
        int64_t ahead_ms;
        bool is_problem;
    } rows[] = {{0, false},       {300000, false}, {300001, true},
                {-300000, false}, {-300001, true}, {86400000, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_preflight list = {.count = 0};
        bkey_preflight_clock(&list, 1800000000000 + rows[i].ahead_ms, 1800000000000);
        cr_expect_eq(bkey_preflight_has(&list, BKEY_PREFLIGHT_CLOCK), rows[i].is_problem, "%zu", i);
        if (rows[i].is_problem)
            cr_expect_eq(list.items[0].number, rows[i].ahead_ms / 1000);
    }
}

Test(preflight, a_sign_in_that_is_not_renewed_ends_after_ninety_days)
{
    static const struct {
        int64_t age_days;
        int64_t left; /* -1 = no problem */
    } rows[] = {{0, -1}, {59, -1}, {60, 30}, {89, 1}, {90, 0}, {400, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_preflight list = {.count = 0};
        bkey_preflight_age(&list, 1800000000000, 1800000000000 - rows[i].age_days * 86400000);
        cr_expect_eq(list.count, rows[i].left >= 0 ? 1u : 0u, "%zu", i);
        if (rows[i].left >= 0)
            cr_expect_eq(list.items[0].number, rows[i].left);
    }
}

Test(preflight, a_certificate_is_told_of_thirty_days_before_its_end)
{
    static const struct {
        int64_t left_ms;
        int64_t left; /* days; -1 = no problem */
        const char *word;
    } rows[] = {{INT64_C(30) * 86400000 + 1, -1, ""},
                {INT64_C(30) * 86400000, 30, "in 30 days"},
                {86400000, 1, "in 1 day."},
                {1, 1, "in 1 day."},
                {0, 0, "has ended"},
                {-86400000, 0, "has ended"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_preflight list = {.count = 0};
        bkey_preflight_text text;
        bkey_preflight_certificate(&list, 1800000000000, 1800000000000 + rows[i].left_ms);
        cr_expect_eq(list.count, rows[i].left >= 0 ? 1u : 0u, "%zu", i);
        if (rows[i].left < 0)
            continue;
        cr_expect_eq(list.items[0].number, rows[i].left);
        cr_expect_null(bkey_preflight_first(&list));
        bkey_preflight_describe(&list.items[0], &text);
        cr_expect_str_eq(text.name, "certificate-ending");
        cr_expect_not_null(strstr(text.what, rows[i].word), "%s", text.what);
    }
}

Test(preflight, a_token_that_ends_within_ten_minutes_is_short)
{
    bkey_preflight list = {.count = 0};
    bkey_preflight_lifetime(&list, 600);
    cr_expect_eq(list.count, 0);
    bkey_preflight_lifetime(&list, 599);
    cr_expect(bkey_preflight_has(&list, BKEY_PREFLIGHT_TOKEN_SHORT));
}
