/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings: defaults, ranges, and that a refused value changes nothing. */
/* LINK: plugin/src/domain/settings.c host-sdk/support/utf8.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/settings.h"

static bkey_settings settings;

static void set_up(void)
{
    bkey_settings_init(&settings);
}

TestSuite(settings, .init = set_up);

static const char *set(const char *key, const char *value)
{
    return bkey_settings_set(&settings, key, strlen(key), value, strlen(value));
}

Test(settings, defaults_are_those_of_the_specification)
{
    cr_expect(settings.sync_bitlocker_keys);
    cr_expect(settings.sync_intune_devices);
    cr_expect_eq(settings.accepted_grants, BKEY_GRANT_DELEGATED); /* S1.11 */
    cr_expect_str_eq(settings.folder_name, "BitLocker Keys (via Network Glue)");
    cr_expect_eq(settings.burst_window_minutes, 10);
    cr_expect_eq(settings.parallel_reads, 100);
    cr_expect(settings.sync_contacts); /* S1.12: a new connection works as it is */
    cr_expect_str_eq(settings.licence_types, "INTUNE_A INTUNE_EDU INTUNE_SMBIZ");
    cr_expect_eq(settings.sync_interval_minutes, 60);
}

Test(settings, every_default_is_valid_and_every_key_is_known)
{
    cr_expect_eq(bkey_settings_count(), 9);
    for (size_t i = 0; i < bkey_settings_count(); i++) {
        const bkey_settings_spec *spec = bkey_settings_at(i);
        cr_expect_null(set(spec->key, spec->initial), "%s", spec->key);
    }
    cr_expect_null(bkey_settings_at(bkey_settings_count()));
    cr_expect_not_null(set("no_such_setting", "1"));
    cr_expect_not_null(set("", ""));
}

Test(settings, numbers_keep_their_range)
{
    static const struct {
        const char *key;
        const char *value;
        bool ok;
    } rows[] = {
        {"burst_window_minutes", "1", true},     {"burst_window_minutes", "1440", true},
        {"burst_window_minutes", "0", false},    {"burst_window_minutes", "1441", false},
        {"sync_interval_minutes", "15", true},   {"sync_interval_minutes", "14", false},
        {"sync_interval_minutes", "1440", true}, {"sync_interval_minutes", "1441", false},
        {"parallel_reads", "1", true},           {"parallel_reads", "200", true},
        {"parallel_reads", "201", false},        {"parallel_reads", "0", false},
        {"parallel_reads", "", false},           {"parallel_reads", "-1", false},
        {"parallel_reads", "+1", false},         {"parallel_reads", " 1", false},
        {"parallel_reads", "1.0", false},        {"parallel_reads", "ten", false},
        {"parallel_reads", "4294967297", false}, {"parallel_reads", "18446744073709551617", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bkey_settings before = settings;
        const char *problem = set(rows[i].key, rows[i].value);
        cr_expect_eq(problem == NULL, rows[i].ok, "%s=%s", rows[i].key, rows[i].value);
        if (!rows[i].ok)
            cr_expect_eq(memcmp(&before, &settings, sizeof before), 0, "%s", rows[i].value);
    }
}

Test(settings, switches_and_choices_take_their_words_only)
{
    cr_expect_null(set("sync_bitlocker_keys", "false"));
    cr_expect_not(settings.sync_bitlocker_keys);
    cr_expect_null(set("sync_intune_devices", "false"));
    cr_expect_not(settings.sync_intune_devices);
    cr_expect_not_null(set("sync_bitlocker_keys", "yes"));
    cr_expect_not_null(set("sync_bitlocker_keys", "1"));
    cr_expect_null(set("accepted_grants", "application"));
    cr_expect_eq(settings.accepted_grants, BKEY_GRANT_APPLICATION);
    cr_expect_null(set("accepted_grants", "both"));
    cr_expect_eq(settings.accepted_grants, BKEY_GRANT_APPLICATION | BKEY_GRANT_DELEGATED);
    cr_expect_not_null(set("accepted_grants", "Delegated"));
    cr_expect_not_null(set("accepted_grants", ""));
}

Test(settings, integers_come_from_the_host_too)
{
    cr_expect_null(bkey_settings_set_int(&settings, "sync_bitlocker_keys", 0));
    cr_expect_not(settings.sync_bitlocker_keys);
    cr_expect_null(bkey_settings_set_int(&settings, "sync_bitlocker_keys", 1));
    cr_expect(settings.sync_bitlocker_keys);
    cr_expect_not_null(bkey_settings_set_int(&settings, "sync_bitlocker_keys", 2));
    cr_expect_null(bkey_settings_set_int(&settings, "burst_window_minutes", 60));
    cr_expect_eq(settings.burst_window_minutes, 60);
    cr_expect_not_null(bkey_settings_set_int(&settings, "burst_window_minutes", -60));
    cr_expect_not_null(bkey_settings_set_int(&settings, "nothing", 1));
}

Test(settings, the_folder_name_is_bounded_visible_text)
{
    char name[4 * 256 + 1];
    for (size_t i = 0; i < 256; i++)
        memcpy(name + 4 * i, "\xF0\x9F\x98\x80", 4);
    name[4 * 256] = '\0';
    cr_expect_not_null(set("folder_name", name));
    name[4 * 255] = '\0';
    cr_expect_null(set("folder_name", name));
    cr_expect_str_eq(settings.folder_name, name);
    cr_expect_not_null(set("folder_name", ""));
    cr_expect_not_null(set("folder_name", "   "));
    cr_expect_not_null(set("folder_name", "a\nb"));
    cr_expect_not_null(set("folder_name", "a\xFF"));
    cr_expect_str_eq(settings.folder_name, name);
}

/* S1.12 */
Test(settings, licence_types_are_names_of_service_plans)
{
    char longest[256];
    cr_expect_null(set("licence_types", " intune_a,,INTUNE_EDU , x1 "));
    cr_expect_str_eq(settings.licence_types, "INTUNE_A INTUNE_EDU X1");
    cr_expect_not_null(set("licence_types", "INTUNE-A"));
    cr_expect_not_null(set("licence_types", "A;B"));
    cr_expect_not_null(set("licence_types", "\xC3\x84"));
    cr_expect_str_eq(settings.licence_types, "INTUNE_A INTUNE_EDU X1");
    cr_expect_null(set("licence_types", ""));
    cr_expect_str_eq(settings.licence_types, "");
    cr_expect_null(set("licence_types", " , "));
    cr_expect_str_eq(settings.licence_types, "");
    memset(longest, 'A', sizeof longest - 1);
    longest[255] = '\0';
    cr_expect_not_null(set("licence_types", longest));
    longest[254] = '\0';
    cr_expect_null(set("licence_types", longest));
    cr_expect_null(set("sync_contacts", "false"));
    cr_expect_not(settings.sync_contacts);
}
