/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard's decisions as one table, and that everything unknown is refused. */
/* LINK: plugin/src/domain/guard_rules.c plugin/src/domain/naming.c
   plugin/src/domain/alike.c plugin/src/domain/alike_order.c plugin/src/base/unicode.c
   plugin/src/domain/view.c plugin/src/domain/volume.c host-sdk/support/guid.c
   host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "host-sdk/include/dph/hook_guard.h"
#include "plugin/src/domain/guard_rules.h"

static uint32_t check(uint32_t kind, uint32_t object, uint32_t relation, bool other_organization,
                      bool other_folder, const char *tag)
{
    bkey_guard_op op = {kind,         object, relation, other_organization,
                        other_folder, false,  tag,      strlen(tag)};
    return bkey_guard_rules_check(&op)->code;
}

static uint32_t on_record(uint32_t kind, const char *tag)
{
    return check(kind, BKEY_GUARD_RECORD, BKEY_GUARD_SELF, false, true, tag);
}

static uint32_t on_folder(uint32_t kind, bool other_organization)
{
    return check(kind, BKEY_GUARD_FOLDER, BKEY_GUARD_SELF, other_organization, true, "");
}

static uint32_t on_ancestor(uint32_t kind, bool other_organization)
{
    return check(kind, BKEY_GUARD_FOLDER, BKEY_GUARD_ANCESTOR, other_organization, true, "");
}

/* S1.53 S1.54 S1.55 S1.56 S1.57 S1.60 S1.61 S1.62 S1.63 S1.66 */
Test(guard_rules, a_record_is_not_edited_deleted_moved_copied_rotated_or_shared)
{
    cr_expect_eq(on_record(BKEY_GUARD_EDIT, "current"), 1001);
    cr_expect_eq(on_record(BKEY_GUARD_DELETE, "current"), 1002);
    cr_expect_eq(on_record(BKEY_GUARD_DELETE, "superseded"), 1002);
    cr_expect_eq(on_record(BKEY_GUARD_PURGE, "superseded"), 1002);
    cr_expect_eq(on_record(BKEY_GUARD_MOVE, "current"), 1003);
    cr_expect_eq(on_record(BKEY_GUARD_COPY, "current"), 1004);
    cr_expect_eq(on_record(BKEY_GUARD_ROTATE, "current"), 1005);
    cr_expect_eq(on_record(BKEY_GUARD_SHARE, "current"), 1006);
    cr_expect_eq(on_record(BKEY_GUARD_MERGE, "current"), 1007);
    cr_expect_eq(on_record(BKEY_GUARD_IMPORT, "current"), 1007);
    cr_expect_eq(on_record(BKEY_GUARD_CREATE, ""), 1009);
}

/* S1.60 */
Test(guard_rules, a_record_leaves_neither_folder_nor_organization)
{
    cr_expect_eq(check(BKEY_GUARD_MOVE, BKEY_GUARD_RECORD, BKEY_GUARD_SELF, true, false, ""), 1003);
    cr_expect_eq(check(BKEY_GUARD_MOVE, BKEY_GUARD_RECORD, BKEY_GUARD_SELF, false, true, ""), 1003);
    cr_expect_eq(check(BKEY_GUARD_MOVE, BKEY_GUARD_RECORD, BKEY_GUARD_SELF, false, false, ""), 0);
}

/* S1.70 S1.74 */
Test(guard_rules, only_a_superseded_key_is_archived_by_hand_and_any_is_unarchived)
{
    static const char *const tags[] = {"current", "gone_at_source", "", "other"};
    cr_expect_eq(on_record(BKEY_GUARD_ARCHIVE, "superseded"), 0);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        cr_expect_eq(on_record(BKEY_GUARD_ARCHIVE, tags[i]), 1008, "%s", tags[i]);
        cr_expect_eq(on_record(BKEY_GUARD_UNARCHIVE, tags[i]), 0, "%s", tags[i]);
    }
    cr_expect_eq(on_record(BKEY_GUARD_UNARCHIVE, "superseded"), 0);
}

/* S1.35 S1.37 S1.39 S1.40 */
Test(guard_rules, the_folder_moves_inside_its_organization_and_does_nothing_else)
{
    cr_expect_eq(on_folder(BKEY_GUARD_MOVE, false), 0);
    cr_expect_eq(on_folder(BKEY_GUARD_MOVE, true), 1103);
    cr_expect_eq(on_folder(BKEY_GUARD_EDIT, false), 1101);
    cr_expect_eq(on_folder(BKEY_GUARD_DELETE, false), 1102);
    cr_expect_eq(on_folder(BKEY_GUARD_PURGE, false), 1102);
    for (uint32_t kind = BKEY_GUARD_CREATE; kind < BKEY_GUARD_KIND_COUNT; kind++) {
        if (kind != BKEY_GUARD_MOVE)
            cr_expect_neq(on_folder(kind, false), 0, "kind %u", kind);
    }
}

/* S1.42 S1.43 */
Test(guard_rules, nothing_comes_into_the_folder)
{
    static const uint32_t kinds[] = {BKEY_GUARD_CREATE, BKEY_GUARD_MOVE,  BKEY_GUARD_COPY,
                                     BKEY_GUARD_IMPORT, BKEY_GUARD_MERGE, BKEY_GUARD_EDIT,
                                     BKEY_GUARD_DELETE};
    static const uint32_t objects[] = {BKEY_GUARD_RECORD, BKEY_GUARD_FOLDER};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (size_t j = 0; j < 2; j++)
            cr_expect_eq(check(kinds[i], objects[j], BKEY_GUARD_INSIDE, false, true, ""), 1104,
                         "kind %u, object %u", kinds[i], objects[j]);
    }
    cr_expect_eq(check(BKEY_GUARD_UNARCHIVE, BKEY_GUARD_RECORD, BKEY_GUARD_INSIDE, false, false,
                       "superseded"),
                 0);
}

/* S1.38 S1.41 */
Test(guard_rules, what_contains_the_folder_is_not_deleted_or_moved_away)
{
    cr_expect_eq(on_ancestor(BKEY_GUARD_DELETE, false), 1201);
    cr_expect_eq(on_ancestor(BKEY_GUARD_PURGE, false), 1201);
    cr_expect_eq(on_ancestor(BKEY_GUARD_MERGE, false), 1201);
    cr_expect_eq(on_ancestor(BKEY_GUARD_MOVE, true), 1202);
    cr_expect_eq(on_ancestor(BKEY_GUARD_MOVE, false), 0);
    cr_expect_eq(on_ancestor(BKEY_GUARD_EDIT, false), 0);
    cr_expect_eq(on_ancestor(BKEY_GUARD_COPY, false), 1203);
    cr_expect_eq(on_ancestor(BKEY_GUARD_ARCHIVE, false), 1203);
    cr_expect_eq(
        check(BKEY_GUARD_DELETE, BKEY_GUARD_ORGANIZATION, BKEY_GUARD_ANCESTOR, false, false, ""),
        1201);
    cr_expect_eq(
        check(BKEY_GUARD_EDIT, BKEY_GUARD_ORGANIZATION, BKEY_GUARD_ANCESTOR, false, false, ""), 0);
}

Test(guard_rules, the_reserved_category_is_not_changed)
{
    for (uint32_t kind = BKEY_GUARD_CREATE; kind < BKEY_GUARD_KIND_COUNT; kind++)
        cr_expect_eq(check(kind, BKEY_GUARD_CATEGORY, BKEY_GUARD_SELF, false, false, ""), 1301);
}

Test(guard_rules, whatever_is_not_known_is_refused)
{
    static const uint32_t odd[] = {0, 13, 14, 255, UINT32_MAX};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        for (uint32_t object = 1; object <= 5; object++) {
            for (uint32_t relation = 1; relation <= 3; relation++)
                cr_expect_eq(check(odd[i], object, relation, false, false, "superseded"), 9001);
        }
    }
    for (uint32_t kind = 1; kind < BKEY_GUARD_KIND_COUNT; kind++) {
        cr_expect_eq(check(kind, 0, BKEY_GUARD_SELF, false, false, ""), 9001);
        cr_expect_eq(check(kind, 6, BKEY_GUARD_SELF, false, false, ""), 9001);
        cr_expect_eq(check(kind, BKEY_GUARD_RECORD, 0, false, false, ""), 9001);
        cr_expect_eq(check(kind, BKEY_GUARD_RECORD, 4, false, false, ""), 9001);
        cr_expect_eq(check(kind, BKEY_GUARD_RECORD, BKEY_GUARD_ANCESTOR, false, false, ""), 9001);
        cr_expect_eq(check(kind, BKEY_GUARD_CATEGORY, BKEY_GUARD_INSIDE, false, false, ""), 9001);
        cr_expect_eq(check(kind, BKEY_GUARD_CONFIGURATION, BKEY_GUARD_SELF, false, false, ""),
                     9001);
    }
}

/* Every combination there is: what is allowed is exactly this list, and no more. */
Test(guard_rules, the_allowed_combinations_are_few)
{
    size_t allowed = 0;
    for (uint32_t bits = 0; bits < 4; bits++) {
        for (uint32_t kind = 0; kind < 20; kind++) {
            for (uint32_t object = 0; object < 8; object++) {
                for (uint32_t relation = 0; relation < 5; relation++)
                    allowed += check(kind, object, relation, (bits & 1) != 0, (bits & 2) != 0,
                                     "current") == 0;
            }
        }
    }
    /* record: unarchive 4, move in place 1; folder: move 2; inside: unarchive 2 x 4; ancestors:
     * edit and unarchive 2 x 4 each, move 2 x 2 */
    cr_expect_eq(allowed, 4 + 1 + 2 + 8 + 16 + 4, "%zu", allowed);
}

/* S1.65 */
Test(guard_rules, every_refusal_has_a_code_a_key_and_a_sentence_that_fit)
{
    uint32_t last = 0;
    for (size_t i = 0; i < bkey_guard_rules_count(); i++) {
        const bkey_guard_rule *rule = bkey_guard_rules_at(i);
        cr_expect_gt(rule->code, last, "ordered and unique");
        last = rule->code;
        size_t key = strlen(rule->reason_key);
        size_t message = strlen(rule->message);
        cr_expect(key > 0 && key < sizeof((dph_verdict *)0)->reason_key, "%u", rule->code);
        cr_expect_eq(strspn(rule->reason_key, "abcdefghijklmnopqrstuvwxyz0123456789_.-"), key);
        cr_expect(message > 20 && message < sizeof((dph_verdict *)0)->message, "%u", rule->code);
        cr_expect_eq(rule->message[message - 1], '.');
    }
    cr_expect_null(bkey_guard_rules_at(bkey_guard_rules_count()));
    cr_expect_not_null(strstr(bkey_guard_rules_at(4)->message, "Not Permitted"), "S1.118 wording");
}

/* S1.31 S1.33 S1.34 */
Test(guard_rules, names_are_ruled_too)
{
    static const char name[] = "BitLocker Keys (via Network Glue)";
    size_t len = sizeof name - 1;
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_CATEGORY, name, len, name)->code, 2001);
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_FOLDER, name, len, name)->code, 2002);
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_FOLDER, name, len - 1, name)->code, 0);
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_FOLDER, "\xFF", 1, name)->code, 2004);
    cr_expect_eq(bkey_guard_rules_name(7, "x", 1, name)->code, 9001);
    char longer[300];
    memset(longer, 'x', sizeof longer);
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_FOLDER, longer, 256, name)->code, 2003);
    cr_expect_eq(bkey_guard_rules_name(BKEY_NAMING_FOLDER, longer, 255, name)->code, 0);
}

/* The numbers are the ABI's: a drift would turn a rule into another. */
Test(guard_rules, the_numbers_are_those_of_the_abi)
{
    cr_expect_eq(BKEY_GUARD_CREATE, DPH_OP_CREATE);
    cr_expect_eq(BKEY_GUARD_EDIT, DPH_OP_EDIT);
    cr_expect_eq(BKEY_GUARD_DELETE, DPH_OP_DELETE);
    cr_expect_eq(BKEY_GUARD_MOVE, DPH_OP_MOVE);
    cr_expect_eq(BKEY_GUARD_COPY, DPH_OP_COPY);
    cr_expect_eq(BKEY_GUARD_ARCHIVE, DPH_OP_ARCHIVE);
    cr_expect_eq(BKEY_GUARD_UNARCHIVE, DPH_OP_UNARCHIVE);
    cr_expect_eq(BKEY_GUARD_ROTATE, DPH_OP_ROTATE_PASSWORD);
    cr_expect_eq(BKEY_GUARD_SHARE, DPH_OP_SHARE);
    cr_expect_eq(BKEY_GUARD_MERGE, DPH_OP_MERGE);
    cr_expect_eq(BKEY_GUARD_IMPORT, DPH_OP_IMPORT);
    cr_expect_eq(BKEY_GUARD_PURGE, DPH_OP_PURGE);
    cr_expect_eq(BKEY_GUARD_RECORD, DPH_OBJECT_RECORD);
    cr_expect_eq(BKEY_GUARD_FOLDER, DPH_OBJECT_FOLDER);
    cr_expect_eq(BKEY_GUARD_CATEGORY, DPH_OBJECT_CATEGORY);
    cr_expect_eq(BKEY_GUARD_ORGANIZATION, DPH_OBJECT_ORGANIZATION);
    cr_expect_eq(BKEY_GUARD_CONFIGURATION, DPH_OBJECT_CONFIGURATION);
    cr_expect_eq(BKEY_GUARD_SELF, DPH_RELATION_SELF);
    cr_expect_eq(BKEY_GUARD_INSIDE, DPH_RELATION_INSIDE);
    cr_expect_eq(BKEY_GUARD_ANCESTOR, DPH_RELATION_ANCESTOR);
    cr_expect_eq(BKEY_NAMING_CATEGORY, DPH_NAME_CATEGORY);
    cr_expect_eq(BKEY_NAMING_FOLDER, DPH_NAME_FOLDER);
}

/* S1.66: links to other items lie beside the record and are allowed; with anything else they are
 * not (S1.58). */
Test(bkey_guard_rules, links_alone_are_allowed)
{
    bkey_guard_op op = {.kind = BKEY_GUARD_EDIT,
                        .object = BKEY_GUARD_RECORD,
                        .relation = BKEY_GUARD_SELF,
                        .links_only = true,
                        .tag = "current",
                        .tag_len = 7};
    cr_assert_eq(bkey_guard_rules_check(&op)->code, 0);
    op.links_only = false;
    cr_assert_eq(bkey_guard_rules_check(&op)->code, 1001);
    op.links_only = true;
    op.object = BKEY_GUARD_FOLDER;
    cr_assert_eq(bkey_guard_rules_check(&op)->code, 1101);
}
