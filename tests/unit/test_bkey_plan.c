/* SPDX-License-Identifier: Apache-2.0
 *
 * Planning, scenario by scenario. */
/* LINK: tests/support/plan_world.c plugin/src/domain/plan.c plugin/src/domain/plan_join.c
   plugin/src/domain/plan_import.c plugin/src/domain/plan_record.c plugin/src/domain/plan_hash.c
   plugin/src/domain/idsort.c plugin/src/domain/lineage.c plugin/src/domain/match.c
   plugin/src/domain/match_?*.c plugin/src/domain/naming.c plugin/src/domain/alike.c
   plugin/src/domain/alike_order.c plugin/src/base/unicode.c plugin/src/domain/view.c
   plugin/src/domain/volume.c plugin/src/base/pattern.c plugin/src/base/error.c
   host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -lpcre2-8 -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/plan_world.h"

#define T INT64_C(1760000000000)
#define HOUR INT64_C(3600000)

static world w;

static void set_up(void)
{
    world_configuration(&w, "c-1", "SERIAL01", 0);
    world_configuration(&w, "c-2", "SERIAL02", 1);
    world_device(&w, 1, "FERN-LT-014", "serial01");
    world_device(&w, 2, "FERN-PC-003", "SERIAL02");
    world_device(&w, 3, "FERN-PC-009", "To be filled by O.E.M.");
}

TestSuite(plan, .init = set_up);

static uint32_t todo_of(uint32_t key)
{
    bkey_plan plan = world_plan(&w);
    uint32_t todo = world_find(&plan, key)->todo;
    bkey_plan_free(&plan);
    return todo;
}

static void expect_quiet(void)
{
    bkey_plan plan = world_plan(&w);
    for (size_t i = 0; i < plan.key_count; i++)
        cr_expect_eq(plan.keys[i].todo, 0, "row %zu: %x", i, plan.keys[i].todo);
    cr_expect_eq(plan.match_count, 0);
    cr_expect_eq(plan.fetches, 0);
    bkey_plan_free(&plan);
}

Test(plan, of_nothing_is_nothing)
{
    expect_quiet();
    world empty = {0};
    bkey_plan plan = world_plan(&empty);
    cr_expect(plan.key_count == 0 && plan.match_count == 0 && plan.unmatched == 0);
    bkey_plan_free(&plan);
    bkey_plan_free(&plan);
    bkey_plan_free(NULL);
}

/* S1.1 S1.4 S1.28 */
Test(plan, every_listed_key_is_fetched_first_and_has_its_own_record_after)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T, BKEY_VOLUME_FIXED);
    world_list(&w, 3, 2, T, BKEY_VOLUME_OS);
    for (uint32_t key = 1; key <= 3; key++)
        cr_expect_eq(todo_of(key), BKEY_DO_FETCH, "nothing is shown before its secret is held");
    world_tick(&w);
    cr_expect_eq(w.record_count, 3);
    cr_expect_eq(world_record(&w, 1)->organization, 0);
    cr_expect_eq(world_record(&w, 3)->organization, 1);
    cr_expect_eq(world_held(&w, 3)->organization, 1);
    cr_expect_eq(w.decision_count, 2);
    expect_quiet();
}

/* S1.28: one unreadable key does not hold back the others. */
Test(plan, an_unreadable_key_is_asked_for_again_and_holds_nobody_back)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    w.unreadable[w.unreadable_count++] = world_guid(0xA0, 2);
    world_tick(&w);
    cr_expect_not_null(world_record(&w, 1));
    cr_expect_not(world_record(&w, 1)->archived, "the newer one is not held");
    cr_expect_null(world_record(&w, 2));
    cr_expect_eq(todo_of(1), 0);
    cr_expect_eq(todo_of(2), BKEY_DO_FETCH);
    w.unreadable_count = 0;
    world_tick(&w);
    cr_expect(world_record(&w, 1)->archived);
    cr_expect_not(world_record(&w, 2)->archived);
    expect_quiet();
}

/* S1.51 */
Test(plan, a_key_listed_twice_is_one_key_and_the_last_row_counts)
{
    world_list(&w, 1, 3, T, BKEY_VOLUME_FIXED);
    world_list(&w, 1, 1, T + 1, BKEY_VOLUME_OS);
    bkey_plan plan = world_plan(&w);
    cr_expect_eq(plan.key_count, 1);
    cr_expect_eq(plan.fetches, 1);
    cr_expect_eq(plan.keys[0].volume, BKEY_VOLUME_OS);
    cr_expect_eq(plan.keys[0].created_ms, T + 1);
    cr_expect_eq(plan.keys[0].organization, 0);
    bkey_plan_free(&plan);
    world_tick(&w);
    cr_expect_eq(w.record_count, 1);
    expect_quiet();
}

/* S1.2 S1.67 S1.69 */
Test(plan, a_newer_key_archives_the_older_one_when_it_is_held)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_not(world_record(&w, 1)->archived);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    cr_expect_eq(todo_of(1), 0, "not before the new secret is held");
    bkey_plan first = world_plan(&w);
    world_fetch(&w, &first);
    bkey_plan_free(&first);
    cr_expect_eq(todo_of(1), BKEY_DO_ARCHIVE | BKEY_DO_UPDATE);
    cr_expect_eq(todo_of(2), BKEY_DO_CREATE);
    world_tick(&w);
    cr_expect(world_record(&w, 1)->archived);
    cr_expect_eq(world_record(&w, 1)->lineage, BKEY_LINEAGE_SUPERSEDED);
    cr_expect_not(world_record(&w, 2)->archived);
    expect_quiet();
}

/* S1.67 S1.68 */
Test(plan, of_three_generations_seen_first_the_old_ones_are_created_archived)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    world_list(&w, 3, 1, T + 2 * HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect(world_record(&w, 1)->archived);
    cr_expect(world_record(&w, 2)->archived);
    cr_expect_not(world_record(&w, 3)->archived);
    expect_quiet();
}

/* S1.52 */
Test(plan, two_data_volumes_both_stay_visible)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_FIXED);
    world_list(&w, 2, 1, T + 100 * HOUR, BKEY_VOLUME_FIXED);
    world_list(&w, 3, 1, T + 200 * HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    for (uint32_t key = 1; key <= 3; key++)
        cr_expect_not(world_record(&w, key)->archived, "key %u", key);
}

/* S1.52 S1.73 */
Test(plan, a_key_of_another_volume_is_no_successor)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T, BKEY_VOLUME_FIXED);
    world_list(&w, 3, 1, T + HOUR, BKEY_VOLUME_REMOVABLE);
    world_tick(&w);
    cr_expect_not(world_record(&w, 1)->archived);
    world_unlist(&w, 2);
    world_tick(&w);
    cr_expect_not(world_record(&w, 2)->archived);
    cr_expect_eq(world_record(&w, 2)->lineage, BKEY_LINEAGE_GONE);
}

/* S1.2 S1.44 S1.48 */
Test(plan, a_renamed_device_renames_current_and_archived_records_alike)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    w.devices[0].name = "FERN-LT-NEW";
    cr_expect_eq(todo_of(1), BKEY_DO_RENAME);
    cr_expect_eq(todo_of(2), BKEY_DO_RENAME);
    world_tick(&w);
    cr_expect(world_record(&w, 1)->archived);
    expect_quiet();
}

/* S1.50 */
Test(plan, a_blank_name_gets_a_flagged_stand_in_which_outlives_the_device)
{
    w.devices[0].name = "  ";
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    bkey_plan plan = world_plan(&w);
    cr_expect(world_find(&plan, 1)->unnamed);
    bkey_plan_free(&plan);
    w.devices[0] = w.devices[--w.device_count];
    expect_quiet();
    world_device(&w, 1, "NAMED-NOW", "SERIAL01");
    cr_expect_eq(todo_of(1), BKEY_DO_RENAME | BKEY_DO_UPDATE);
    world_tick(&w);
    expect_quiet();
}

/* S1.16 S1.75 */
Test(plan, an_unmatched_key_is_fetched_and_counted_and_has_no_record)
{
    world_list(&w, 1, 3, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 99, T, BKEY_VOLUME_OS);
    world_list(&w, 3, 0, T, BKEY_VOLUME_OS);
    world_list(&w, 4, 0, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_eq(w.record_count, 0);
    cr_expect_eq(w.held_count, 4);
    bkey_plan plan = world_plan(&w);
    cr_expect_eq(plan.unmatched, 4);
    for (uint32_t key = 1; key <= 4; key++) {
        cr_expect_eq(world_find(&plan, key)->organization, BKEY_NONE);
        cr_expect_eq(world_find(&plan, key)->lineage, BKEY_LINEAGE_CURRENT, "each its own line");
    }
    bkey_plan_free(&plan);
    expect_quiet();
}

/* S1.76 */
Test(plan, a_configuration_that_appears_brings_the_record_without_a_new_fetch)
{
    world_device(&w, 4, "LATE", "SERIAL04");
    world_list(&w, 1, 4, T, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_eq(w.record_count, 0);
    world_configuration(&w, "c-4", "SERIAL04", 1);
    cr_expect_eq(todo_of(1), BKEY_DO_CREATE | BKEY_DO_REHOME);
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 1);
    cr_expect_eq(world_held(&w, 1)->organization, 1);
    expect_quiet();
}

/* S1.73 */
Test(plan, a_key_gone_at_the_source_is_marked_stays_visible_and_can_come_back)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    world_unlist(&w, 1);
    cr_expect_eq(todo_of(1), BKEY_DO_META | BKEY_DO_UPDATE);
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->lineage, BKEY_LINEAGE_GONE);
    cr_expect_not(world_record(&w, 1)->archived);
    cr_expect_eq(world_held(&w, 1)->flags, BKEY_HELD_SECRET | BKEY_HELD_GONE);
    expect_quiet();
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    cr_expect_eq(todo_of(1), BKEY_DO_META | BKEY_DO_UPDATE, "and is not fetched again");
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->lineage, BKEY_LINEAGE_CURRENT);
    expect_quiet();
}

/* S1.73: an empty listing is not evidence for archiving anything. */
Test(plan, when_everything_is_gone_nothing_is_archived)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 2, T, BKEY_VOLUME_FIXED);
    world_tick(&w);
    w.listed_count = 0;
    w.device_count = 0;
    world_tick(&w);
    cr_expect_eq(w.record_count, 2);
    for (size_t i = 0; i < w.record_count; i++) {
        cr_expect_not(w.records[i].archived);
        cr_expect_eq(w.records[i].lineage, BKEY_LINEAGE_GONE);
    }
    expect_quiet();
}

/* S1.70 S1.71 */
Test(plan, a_users_unarchive_holds_until_the_lineage_changes_again)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    world_record(&w, 1)->archived = false;
    expect_quiet();
    world_tick(&w);
    cr_expect_not(world_record(&w, 1)->archived);
    world_unlist(&w, 2); /* nothing newer any more: current */
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->lineage, BKEY_LINEAGE_CURRENT);
    world_list(&w, 3, 1, T + 2 * HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect(world_record(&w, 1)->archived, "a new change archives again");
    expect_quiet();
}

/* S1.67: a key that is current again is shown again. */
Test(plan, a_key_that_is_current_again_comes_out_of_the_archive)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    world_unlist(&w, 2);
    cr_expect_eq(todo_of(1), BKEY_DO_UNARCHIVE | BKEY_DO_UPDATE);
    world_tick(&w);
    cr_expect_not(world_record(&w, 1)->archived);
    cr_expect_eq(world_record(&w, 2)->lineage, BKEY_LINEAGE_GONE);
    expect_quiet();
}

Test(plan, an_unreadable_tag_is_repaired_and_in_doubt_the_key_is_shown)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    world_record(&w, 1)->lineage = 0;
    world_record(&w, 1)->content_hash = 1;
    world_record(&w, 1)->archived = true;
    cr_expect_eq(todo_of(1), BKEY_DO_UNARCHIVE | BKEY_DO_UPDATE);
    world_tick(&w);
    expect_quiet();
}

/* S1.79 */
Test(plan, records_survive_their_configuration)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.configurations[0].archived = true;
    cr_expect_eq(todo_of(1), BKEY_DO_UPDATE, "it says that its configuration is gone");
    world_tick(&w);
    expect_quiet();
    w.configurations[0] = w.configurations[--w.configuration_count];
    cr_expect_eq(todo_of(1), BKEY_DO_UPDATE, "the link goes, the record stays");
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 0);
    expect_quiet();
}

/* S1.3 S1.77 */
Test(plan, keys_follow_their_configuration_to_another_organization)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.configurations[0].organization = 1;
    cr_expect_eq(todo_of(1), BKEY_DO_REHOME | BKEY_DO_MOVE);
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 1);
    cr_expect_eq(world_held(&w, 1)->organization, 1);
    cr_expect_eq(w.decisions[0].organization, 1);
    expect_quiet();
}

Test(plan, a_remembered_device_keeps_its_place_without_inventory_or_serial)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.devices[0].serial = "OTHER001";
    expect_quiet();
    w.device_count = 0;
    expect_quiet();
}

Test(plan, a_record_without_any_match_stays_where_it_is)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.decision_count = 0;
    w.configurations[0].serial = "OTHER001";
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 0);
    cr_expect_eq(world_held(&w, 1)->organization, 0);
    expect_quiet();
}

/* S1.105 */
Test(plan, a_key_that_became_ambiguous_before_it_was_shown_is_nobodys)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    bkey_plan first = world_plan(&w);
    world_fetch(&w, &first);
    bkey_plan_free(&first);
    cr_expect_eq(world_held(&w, 1)->organization, 0);
    world_configuration(&w, "c-twin", "SERIAL01", 1);
    cr_expect_eq(todo_of(1), BKEY_DO_REHOME);
    world_tick(&w);
    cr_expect_eq(world_held(&w, 1)->organization, BKEY_NONE);
    cr_expect_eq(w.record_count, 0);
    expect_quiet();
}

/* D8 S1.105 */
Test(plan, two_devices_of_one_serial_number_wait_for_a_person)
{
    world_device(&w, 5, "FERN-LT-014", "SERIAL01");
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 2, 5, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_eq(w.record_count, 0);
    bkey_plan plan = world_plan(&w);
    cr_expect_eq(plan.unmatched, 2);
    cr_assert_eq(plan.waiting_count, 2);
    cr_expect_eq(plan.waiting[0].match.outcome, BKEY_UNMATCHED_CLONED);
    bkey_plan_free(&plan);
    expect_quiet();
}

/* S1.77: taken back, a match leaves nothing in the folder, and the key stays held. */
Test(plan, a_match_that_was_taken_back_withdraws_the_records)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_assert_eq(w.record_count, 1);
    cr_assert_eq(w.decision_count, 1);
    w.decisions[0].reason = BKEY_MATCH_UNDONE;
    cr_expect_eq(todo_of(1), BKEY_DO_WITHDRAW | BKEY_DO_REHOME);
    world_tick(&w);
    cr_expect_eq(w.record_count, 0);
    cr_expect_eq(world_held(&w, 1)->organization, BKEY_NONE);
    expect_quiet();
    bkey_plan plan = world_plan(&w);
    cr_expect_eq(plan.unmatched, 1);
    bkey_plan_free(&plan);
    w.decisions[0].reason = BKEY_MATCH_IGNORED;
    plan = world_plan(&w);
    cr_expect_eq(plan.unmatched, 0, "nobody waits for an ignored one");
    bkey_plan_free(&plan);
    w.decisions[0].reason = BKEY_MATCH_OPEN;
    world_tick(&w);
    cr_expect_eq(w.record_count, 1, "evidence decides again");
    cr_expect_eq(w.decisions[0].reason, BKEY_MATCH_SERIAL);
    expect_quiet();
}

Test(plan, what_the_source_leaves_out_does_not_erase_what_it_said)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.listed_count = 0;
    world_list(&w, 1, 0, BKEY_DATE_UNKNOWN, BKEY_VOLUME_UNKNOWN);
    expect_quiet();
    w.listed[0].volume = BKEY_VOLUME_FIXED;
    cr_expect_eq(todo_of(1), BKEY_DO_META | BKEY_DO_UPDATE);
    world_tick(&w);
    expect_quiet();
}

Test(plan, a_malformed_secret_is_flagged_in_the_record)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    bkey_plan first = world_plan(&w);
    world_fetch(&w, &first);
    bkey_plan_free(&first);
    world_held(&w, 1)->flags |= BKEY_HELD_MALFORMED;
    bkey_plan_input input = world_input(&w);
    bkey_plan plan = world_plan(&w);
    bkey_plan_record text;
    bkey_plan_record_write(&input, world_find(&plan, 1), &text);
    cr_expect_str_eq(text.data, "v=os;m=1");
    cr_expect_str_eq(text.tag, "current");
    cr_expect_str_eq(text.configuration_id, "c-1");
    cr_expect_str_eq(text.category, WORLD_CATEGORY);
    cr_expect_str_eq(text.title, "FERN-LT-014");
    bkey_plan_free(&plan);
    world_tick(&w);
    expect_quiet();
}

/* S1.73: a key that opens nothing must not hide one that does. */
Test(plan, a_malformed_newer_key_supersedes_no_older_one)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    bkey_plan first = world_plan(&w);
    world_fetch(&w, &first);
    bkey_plan_free(&first);
    world_held(&w, 2)->flags |= BKEY_HELD_MALFORMED;
    world_tick(&w);
    cr_expect_not(world_record(&w, 1)->archived);
    cr_expect_eq(world_record(&w, 1)->lineage, BKEY_LINEAGE_CURRENT);
    cr_expect_not(world_record(&w, 2)->archived, "nor is it hidden itself");
    expect_quiet();
}

/* S1.51 */
Test(plan, a_second_row_of_a_key_does_not_erase_what_the_first_one_said)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 1, 0, BKEY_DATE_UNKNOWN, BKEY_VOLUME_UNKNOWN)->device_id = (sup_guid){{0}};
    world_tick(&w);
    cr_assert_not_null(world_record(&w, 1), "still of its device");
    cr_expect_eq(world_held(&w, 1)->created_ms, T);
    cr_expect_eq(world_held(&w, 1)->volume, BKEY_VOLUME_OS);
    expect_quiet();
}

/* S1.73 */
Test(plan, a_listing_with_unreadable_rows_makes_nothing_gone_or_archived)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_FIXED);
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_FIXED);
    world_tick(&w);
    world_unlist(&w, 1);
    bkey_plan_input input = world_input(&w);
    bkey_plan plan;
    input.listing_incomplete = true;
    cr_assert(bkey_is_ok(bkey_plan_build(&input, &plan)));
    cr_expect_eq(world_find(&plan, 1)->todo, 0);
    bkey_plan_free(&plan);
    cr_expect_eq(todo_of(1), BKEY_DO_META | BKEY_DO_UPDATE | BKEY_DO_ARCHIVE);
}

/* S1.76 */
Test(plan, a_configuration_that_was_made_again_gets_its_keys_back)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.configurations[0].id = "c-gone";
    w.configurations[0].serial = "OTHER001";
    world_tick(&w);
    world_configuration(&w, "c-3", "SERIAL01", 0);
    cr_expect_eq(todo_of(1), BKEY_DO_UPDATE);
    world_tick(&w);
    cr_expect_str_eq(w.decisions[0].configuration_id, "c-3");
    expect_quiet();
}

/* S1.7: the device changed hands; its new key is not for those who had it before. */
Test(plan, a_lost_configuration_that_reappears_elsewhere_gets_no_new_key)
{
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    w.configurations[0].id = "c-gone";
    w.configurations[0].organization = 1;
    world_list(&w, 2, 1, T + HOUR, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 0, "what is shown stays");
    cr_expect_null(world_record(&w, 2), "in nobody's folder until a person decides");
    expect_quiet();
}

/* S1.7 S1.104: evidence for two configurations is evidence for none. */
Test(plan, a_device_listed_twice_with_two_serial_numbers_matches_nothing)
{
    world_device(&w, 1, "FERN-LT-014", "SERIAL02");
    world_list(&w, 1, 1, T, BKEY_VOLUME_OS);
    world_tick(&w);
    cr_expect_null(world_record(&w, 1));
    cr_expect_eq(w.decision_count, 0);
    w.devices[w.device_count - 1].serial = " serial01";
    world_tick(&w);
    cr_expect_eq(world_record(&w, 1)->organization, 0, "the same number twice is one");
}

Test(plan, rows_are_sorted_by_organization_device_volume_date_and_id)
{
    world_list(&w, 9, 3, T, BKEY_VOLUME_OS);
    world_list(&w, 4, 2, T, BKEY_VOLUME_OS);
    world_list(&w, 8, 1, T, BKEY_VOLUME_FIXED);
    world_list(&w, 7, 1, T + HOUR, BKEY_VOLUME_OS);
    world_list(&w, 6, 1, T, BKEY_VOLUME_OS);
    world_list(&w, 5, 1, T, BKEY_VOLUME_OS);
    static const uint32_t order[] = {5, 6, 7, 8, 4, 9};
    bkey_plan plan = world_plan(&w);
    cr_assert_eq(plan.key_count, 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect_eq(plan.keys[i].id.bytes[15], order[i], "place %zu", i);
    bkey_plan_free(&plan);
}

Test(plan, hashes_tell_texts_and_their_borders_apart)
{
    cr_expect_eq(bkey_plan_hash("a", NULL, NULL, NULL), bkey_plan_hash("a", "", "", ""));
    cr_expect_neq(bkey_plan_hash("ab", "c", "", ""), bkey_plan_hash("a", "bc", "", ""));
    cr_expect_neq(bkey_plan_hash("a", "", "", ""), bkey_plan_hash("", "a", "", ""));
}

Test(plan, more_rows_than_can_be_counted_are_refused)
{
    bkey_plan_input input = world_input(&w);
    bkey_plan plan;
    input.listed_count = SIZE_MAX;
    cr_expect(bkey_is(bkey_plan_build(&input, &plan), BKEY_E_LIMIT));
}
