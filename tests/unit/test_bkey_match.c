/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching: decisions first, then serial numbers; junk and ambiguity match nothing. */
/* LINK: plugin/src/domain/match.c plugin/src/domain/match_?*.c plugin/src/domain/plan_hash.c
   plugin/src/domain/idsort.c plugin/src/base/pattern.c plugin/src/base/error.c
   host-sdk/support/guid.c host-sdk/support/hex.c */
/* LIBS: -lpcre2-8 */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/domain/match.h"

#define CONF(id_, serial_, organization_, archived_)                                               \
    {                                                                                              \
        .id = (id_), .serial = (serial_), .organization = (organization_), .archived = (archived_) \
    }
static const bkey_configuration configurations[] = {
    CONF("c-alpha", "5CG4021XQZ", 0, false),
    CONF("c-beta", "  pf-3k  9x ", 0, false),
    CONF("c-twin-1", "TWIN0001", 0, false),
    CONF("c-twin-2", "twin0001", 1, false),
    CONF("c-archived", "ARCH0001", 0, true),
    CONF("c-old", "BOTH0001", 0, true),
    CONF("c-new", "BOTH0001", 1, false),
    CONF("c-junk", "To be filled by O.E.M.", 0, false),
    CONF("c-blank", "", 0, false),
    CONF("c-none", NULL, 1, false),
    CONF("c-vm", "VMware-56 4d 12 ab", 1, false),
    CONF(NULL, "NOID0001", 0, false),
    CONF("c-same-1", "SAME0001", 0, false),
    CONF("c-same-2", "SAME0001", 0, false),
    {.id = "c-mac", .serial = "None", .organization = 1, .mac = "3C-52-82-11-22-33, 3c5282112244"},
    {.id = "c-mac-2", .serial = "", .organization = 0, .mac = "3c:52:82:aa:bb:cc"},
    {.id = "c-dock", .serial = "", .organization = 0, .mac = "00:50:b6:11:22:33"},
    {.id = "c-name", .serial = "OTHER001", .organization = 0, .hostname = "FERN-LT-014"},
    {.id = "c-name-1", .serial = "OTHER002", .organization = 0, .hostname = "TWICE"},
    {.id = "c-name-2", .serial = "OTHER003", .organization = 1, .hostname = "twice"},
};
#define COUNT (sizeof configurations / sizeof configurations[0])

static bkey_match_world the_world;
static bkey_match_index *match_index;

static void open_world(void)
{
    bkey_match_index_free(&match_index);
    cr_assert(bkey_is_ok(bkey_match_index_new(&the_world, &match_index)));
}

static void open_index(void)
{
    the_world = (bkey_match_world){
        .configurations = configurations, .configuration_count = COUNT, .organization_count = 2};
    open_world();
}

static void close_index(void)
{
    bkey_match_index_free(&match_index);
    cr_expect_null(match_index);
    bkey_match_index_free(&match_index);
}

TestSuite(match, .init = open_index, .fini = close_index);

static bkey_match match_device(const bkey_device *device, const bkey_decision *decision)
{
    bkey_match match;
    cr_assert(bkey_is_ok(bkey_match_device(match_index, device, decision, &match)));
    return match;
}

static bkey_match match_with(const char *serial, const bkey_decision *decision)
{
    bkey_device device = {.id = {{1}}, .name = "PC", .serial = serial};
    return match_device(&device, decision);
}

static bkey_decision decide(const char *configuration, uint32_t organization,
                            bkey_match_reason reason)
{
    return (bkey_decision){.device_id = {{1}},
                           .configuration_id = configuration,
                           .organization = organization,
                           .revision = 3,
                           .reason = (uint8_t)reason};
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
        "To be set by OEM",
        "Default_String",
        "No Serial Number",
        "SYS-1234567890",
        "MB-1234567890",
        "BSN12345678901234567",
        "Eval",
        "\xC3\xBF\xC3\xBF\xC3\xBF\xC3\xBF\xC3\xBF\xC3\xBF",
        "\xEF\xBC\x90\xEF\xBC\x90\xEF\xBC\x90\xEF\xBC\x90",
        "\xEF\xBF\xBD"
        "AB\xEF\xBF\xBD\xEF\xBF\xBD",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(match_with(rows[i], NULL).outcome, BKEY_UNMATCHED_JUNK, "%s", rows[i]);
}

Test(match, ordinary_serial_numbers_are_not_taken_for_junk)
{
    static const char *const rows[] = {"7654321",
                                       "INVALID7",
                                       "N0NE123",
                                       "SYSTEM42",
                                       "123456789012",
                                       "TESTBED1",
                                       "DEFAULT9",
                                       "VMware-1",
                                       "EVAL0001",
                                       "SYS-1234567891",
                                       "\xC3\x84\xC3\x96\xC3\x9C-1"};
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
    bkey_decision decision = decide("c-beta", 0, BKEY_MATCH_SERIAL);
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect_eq(match.outcome, BKEY_MATCHED_REMEMBERED);
    cr_expect_str_eq(configurations[match.configuration].id, "c-beta");
    cr_expect_not(match.remember);
}

/* S1.79 */
Test(match, a_decision_survives_its_configuration)
{
    bkey_decision archived = decide("c-archived", 0, BKEY_MATCH_SERIAL);
    bkey_match match = match_with("5CG4021XQZ", &archived);
    cr_expect_eq(match.outcome, BKEY_MATCHED_REMEMBERED);
    cr_expect_eq(match.configuration, 4);
    bkey_decision gone = decide("c-deleted", 1, BKEY_MATCH_SERIAL);
    match = match_with("NOWHERE001", &gone);
    cr_expect_eq(match.outcome, BKEY_MATCHED_LOST);
    cr_expect_eq(match.configuration, BKEY_NONE);
    cr_expect_eq(match.organization, 1);
    cr_expect_not(match.remember);
    match = match_with("BOTH0001", &gone);
    cr_expect_eq(match.outcome, BKEY_MATCHED_SERIAL, "made again in the same organization");
    cr_expect(match.remember && match.configuration == 6 && match.organization == 1);
    match = match_with("5CG4021XQZ", &gone);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_CONTESTED, "made again in another one");
    cr_expect_eq(match.organization, BKEY_NONE);
}

/* S1.3 S1.77 */
Test(match, a_decision_follows_its_configuration_to_another_organization)
{
    bkey_decision decision = decide("c-new", 0, BKEY_MATCH_SERIAL);
    bkey_match match = match_with("BOTH0001", &decision);
    cr_expect_eq(match.organization, 1);
    cr_expect(match.remember);
}

Test(match, an_organization_that_left_the_connection_gets_nothing)
{
    bkey_decision decision = decide("c-elsewhere", BKEY_NONE, BKEY_MATCH_SERIAL);
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_ELSEWHERE);
    cr_expect_eq(match.organization, BKEY_NONE);
}

Test(match, without_a_device_only_a_decision_counts)
{
    bkey_match match;
    bkey_decision decision = decide("c-beta", 0, BKEY_MATCH_SERIAL);
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
    const bkey_match_world nothing = {.configurations = NULL};
    cr_assert(bkey_is_ok(bkey_match_index_new(&nothing, &empty)));
    cr_assert(bkey_is_ok(bkey_match_device(empty, &device, NULL, &match)));
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_NOWHERE);
    bkey_match_index_free(&empty);
}

static const bkey_device clones[] = {
    {.id = {{1}}, .name = "PC-1", .serial = "5CG4021XQZ"},
    {.id = {{2}}, .name = "PC-2", .serial = "5cg4021xqz"},
};

/* D8 S1.105: a serial number that two devices have says nothing of either. */
Test(match, cloned_serial_numbers_match_nothing_where_they_could_be_anothers)
{
    the_world.devices = clones;
    the_world.device_count = 2;
    open_world();
    bkey_match match = match_device(&clones[1], NULL);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_CLONED);
    cr_expect_eq(match.organization, BKEY_NONE);
    cr_expect(match.candidate_count == 1 && match.candidates[0] == 0, "a person is shown it");
    the_world.organization_count = 1;
    open_world();
    cr_expect_eq(match_device(&clones[1], NULL).outcome, BKEY_MATCHED_SERIAL,
                 "with one organization nobody else is hit");
}

/* D8: a board that went into another machine took its serial number along. */
Test(match, a_configuration_that_is_another_devices_is_not_given_away)
{
    const bkey_device devices[] = {{.id = {{1}}, .name = "PC-1", .serial = "NEWBOARD1"},
                                   {.id = {{2}}, .name = "PC-2", .serial = "5CG4021XQZ"}};
    const bkey_decision taken = decide("c-alpha", 0, BKEY_MATCH_SERIAL);
    the_world.devices = devices;
    the_world.device_count = 2;
    the_world.decisions = &taken;
    the_world.decision_count = 1;
    open_world();
    cr_expect_eq(match_device(&devices[1], NULL).outcome, BKEY_UNMATCHED_CLAIMED);
    cr_expect_eq(match_device(&devices[0], &taken).outcome, BKEY_MATCHED_REMEMBERED);
    the_world.devices = &devices[1];
    the_world.device_count = 1;
    open_world();
    cr_expect_eq(match_device(&devices[1], NULL).outcome, BKEY_MATCHED_SERIAL,
                 "the old device is gone: the same machine, set up anew");
}

/* D8: what evidence decided, evidence may shake; a person's word stands. */
Test(match, a_serial_number_of_another_organization_contests_evidence_but_no_person)
{
    bkey_decision decision = decide("c-alpha", 0, BKEY_MATCH_SERIAL);
    bkey_match match = match_with("VMware-56 4d 12 ab", &decision);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_CONTESTED);
    cr_expect(match.organization == BKEY_NONE && match.configuration == 0);
    cr_expect_not(match.remember);
    decision.reason = BKEY_MATCH_PERSON;
    match = match_with("VMware-56 4d 12 ab", &decision);
    cr_expect(match.outcome == BKEY_MATCHED_REMEMBERED && match.organization == 0);
    decision.reason = BKEY_MATCH_CREATED;
    cr_expect_eq(match_with("TWIN0001", &decision).outcome, BKEY_MATCHED_REMEMBERED);
}

static const bkey_device nameless = {.id = {{1}}, .name = "", .serial = "None"};

static bkey_match match_macs(uint64_t wired, uint64_t wifi)
{
    const bkey_evidence evidence = {.device_id = {{1}}, .macs = {wired, wifi}, .asked = true};
    the_world.evidence = &evidence;
    the_world.evidence_count = 1;
    open_world();
    return match_device(&nameless, NULL);
}

/* S1.104 */
Test(match, an_address_matches_when_the_serial_number_is_junk)
{
    bkey_match match = match_macs(UINT64_C(0x3C5282112233), 0);
    cr_assert_eq(match.outcome, BKEY_MATCHED_MAC);
    cr_expect_str_eq(configurations[match.configuration].id, "c-mac");
    cr_expect(match.remember && match.reason == BKEY_MATCH_MAC);
    cr_expect_eq(match_macs(0, UINT64_C(0x3C5282112244)).outcome, BKEY_MATCHED_MAC);
    cr_expect_eq(match_macs(UINT64_C(0x3C5282112233), UINT64_C(0x3C5282112244)).outcome,
                 BKEY_MATCHED_MAC);
    cr_expect_eq(match_macs(UINT64_C(0x3C5282112233), UINT64_C(0x3C5282AABBCC)).outcome,
                 BKEY_UNMATCHED_AMBIGUOUS, "two adapters, two configurations");
    match = match_macs(UINT64_C(0x3C5282112255), 0);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_JUNK);
    cr_expect(bkey_match_wants_mac(match_index, &match));
}

Test(match, an_address_does_not_count_beside_a_real_serial_number)
{
    const bkey_evidence evidence = {.device_id = {{1}}, .macs = {UINT64_C(0x3C5282112233), 0}};
    the_world.evidence = &evidence;
    the_world.evidence_count = 1;
    open_world();
    bkey_match match = match_with("NOWHERE01", NULL);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_NOWHERE);
    cr_expect_not(bkey_match_wants_mac(match_index, &match));
}

Test(match, an_address_of_two_devices_matches_neither)
{
    const bkey_evidence evidence[] = {{.device_id = {{1}}, .macs = {UINT64_C(0x3C5282112233), 0}},
                                      {.device_id = {{2}}, .macs = {0, UINT64_C(0x3C5282112233)}}};
    the_world.evidence = evidence;
    the_world.evidence_count = 2;
    open_world();
    cr_expect_eq(match_device(&nameless, NULL).outcome, BKEY_UNMATCHED_CLONED);
}

/* D8: a dock that once stood before the documented machine stands before another one now. */
Test(match, an_address_does_not_take_what_is_another_devices_by_its_serial_number)
{
    const bkey_configuration rows[] = {
        {.id = "c-docked", .serial = "5CG4021XQZ", .organization = 0, .mac = "3C:52:82:DD:DD:01"},
        {.id = "c-plain", .serial = "None", .organization = 0, .mac = "3C:52:82:DD:DD:02"}};
    const bkey_device devices[] = {{.id = {{2}}, .name = "PC-2", .serial = " 5cg4021xqz"},
                                   {.id = {{3}}, .name = "PC-3", .serial = "NONE"}};
    the_world.configurations = rows;
    the_world.configuration_count = 2;
    the_world.devices = devices;
    the_world.device_count = 2;
    bkey_match match = match_macs(UINT64_C(0x3C5282DDDD01), 0);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_CLAIMED);
    cr_expect(match.organization == BKEY_NONE && match.candidate_count == 1);
    cr_expect_eq(match_macs(UINT64_C(0x3C5282DDDD02), 0).outcome, BKEY_MATCHED_MAC,
                 "a junk serial number is nobody's");
}

/* D8: nobody knows yet whether it is the only one with that address. */
Test(match, an_address_waits_until_all_that_could_share_it_were_asked)
{
    the_world.addresses_pending = true;
    cr_expect_eq(match_macs(UINT64_C(0x3C5282112233), 0).outcome, BKEY_UNMATCHED_JUNK);
    the_world.organization_count = 1;
    cr_expect_eq(match_macs(UINT64_C(0x3C5282112233), 0).outcome, BKEY_MATCHED_MAC,
                 "with one organization nobody else is hit");
}

Test(match, addresses_are_read_as_people_write_them)
{
    uint64_t macs[4];
    cr_expect_eq(bkey_match_mac("3C:52:82:11:22:33", macs, 4), 1);
    cr_expect_eq(macs[0], UINT64_C(0x3C5282112233));
    cr_expect_eq(bkey_match_mac("3c52.8211.2233 / 3C-52-82-11-22-44;3C5282112244", macs, 4), 2);
    cr_expect_eq(macs[1], UINT64_C(0x3C5282112244));
    cr_expect_eq(bkey_match_mac("3C5282112233, 3C5282112244", macs, 1), 1);
    static const char *const none[] = {
        NULL,         "", "none", "3C:52:82:11:22", "3C:52:82:11:22:33:44", "3C:52:82:11:22:3G",
        "192.168.1.1"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect_eq(bkey_match_mac(none[i], macs, 4), 0, "%s", none[i]);
}

/* Docks, virtual machines, VPNs and private Wi-Fi addresses go from machine to machine. */
Test(match, shared_addresses_are_no_evidence)
{
    static const char *const shared[] = {
        "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF", "01:00:5E:11:22:33", "02:42:AC:11:00:02",
        "DA:A1:19:11:22:33", "00:0C:29:11:22:33", "00:50:56:11:22:33", "00:15:5D:11:22:33",
        "08:00:27:11:22:33", "00:05:9A:3C:7A:00", "00:09:0F:11:22:33", "00:50:B6:11:22:33",
        "00:E0:4C:68:00:01", "3C:52:82:00:00:00", "3C:52:82:FF:FF:FF", "00:00:00:11:22:33"};
    uint64_t mac = 0;
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        cr_expect_eq(bkey_match_mac(shared[i], &mac, 1), 0, "%s", shared[i]);
}

/* S1.104 S1.106 */
Test(match, a_name_alone_suggests_and_never_matches)
{
    bkey_device device = {.id = {{1}}, .name = "fern-lt-014", .serial = "NOWHERE01"};
    bkey_match match = match_device(&device, NULL);
    cr_expect_eq(match.outcome, BKEY_UNMATCHED_NOWHERE);
    cr_expect(match.by_name && match.candidate_count == 1);
    cr_expect_str_eq(configurations[match.candidates[0]].id, "c-name");
    cr_expect_eq(bkey_match_state_of(match.outcome, match.by_name, match.candidate_count),
                 BKEY_MATCH_STATE_SUGGESTED);
    device.name = "TWICE";
    match = match_device(&device, NULL);
    cr_expect(match.by_name && match.candidate_count == 2 && match.organization == BKEY_NONE);
    cr_expect_eq(bkey_match_state_of(match.outcome, match.by_name, match.candidate_count),
                 BKEY_MATCH_STATE_UNMATCHED, "two names suggest nothing");
    device.name = "  ";
    cr_expect_eq(match_device(&device, NULL).candidate_count, 0);
    device.name = "FERN-LT-01";
    cr_expect_eq(match_device(&device, NULL).candidate_count, 0);
}

/* S1.106 */
Test(match, a_persons_word_goes_before_all_evidence)
{
    bkey_decision decision = decide("c-alpha", 0, BKEY_MATCH_IGNORED);
    cr_expect_eq(match_with("5CG4021XQZ", &decision).outcome, BKEY_UNMATCHED_IGNORED);
    decision.reason = BKEY_MATCH_UNDONE;
    cr_expect_eq(match_with("5CG4021XQZ", &decision).outcome, BKEY_UNMATCHED_UNDONE);
    decision.reason = BKEY_MATCH_OPEN;
    bkey_match match = match_with("5CG4021XQZ", &decision);
    cr_expect(match.outcome == BKEY_MATCHED_SERIAL && match.remember, "open again");
}

Test(match, every_outcome_has_its_sentence_and_every_state_its_name)
{
    bkey_match_state state = BKEY_MATCH_STATE_COUNT;
    for (int i = BKEY_MATCHED_REMEMBERED; i < BKEY_MATCH_OUTCOME_COUNT; i++)
        cr_expect_str_not_empty(bkey_match_state_why((bkey_match_outcome)i));
    for (int i = 0; i < BKEY_MATCH_STATE_COUNT; i++) {
        const char *name = bkey_match_state_name((bkey_match_state)i);
        cr_expect(bkey_match_state_parse(name, &state) && (int)state == i);
    }
    cr_expect_not(bkey_match_state_parse("", &state));
    for (int i = BKEY_MATCH_SERIAL; i < BKEY_MATCH_COUNT; i++)
        cr_expect_str_not_empty(bkey_match_state_reason((bkey_match_reason)i));
}
