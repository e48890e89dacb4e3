/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard hook: the ABI's operation in, a verdict out, and no whenever in doubt. */
/* LINK: plugin/src/hooks/hook_guard.c plugin/src/domain/guard_rules.c plugin/src/domain/naming.c
   plugin/src/domain/alike.c plugin/src/domain/alike_order.c plugin/src/base/unicode.c
 * plugin/src/domain/view.c plugin/src/domain/volume.c
 * host-sdk/support/?*.c
 */
/* LIBS: -lutf8proc */
#include <criterion/criterion.h>
#include <string.h>

#include "hooks/hooks.h"
#include "plugin.h"

static bkey_plugin plugin;

bkey_plugin *bkey_plugin_of(const dph_plugin *face)
{
    return face->self;
}

const char *bkey_plugin_reserved_name(const bkey_plugin *of)
{
    (void)of;
    return "BitLocker Keys (via Network Glue)";
}

static dph_str text(const char *from)
{
    dph_str str = {from, strlen(from)};
    return str;
}

static dph_op make_op(uint32_t kind, uint32_t object, uint32_t relation)
{
    dph_op op;
    memset(&op, 0, sizeof op);
    op.struct_size = sizeof op;
    op.kind = kind;
    op.object_kind = object;
    op.relation = relation;
    op.organization_id = text("org-a");
    op.target_organization_id = text("org-a");
    op.folder_id = text("f");
    op.target_folder_id = text("f");
    op.guard_owner = text("bitlocker_keys");
    return op;
}

static dph_verdict ask(const dph_op *op)
{
    dph_verdict verdict;
    memset(&verdict, 0, sizeof verdict);
    verdict.struct_size = sizeof verdict;
    plugin.face.self = &plugin;
    dph_status status = bkey_hook_guard_table()->check(&plugin.face, NULL, op, &verdict);
    if (status != DPH_OK)
        verdict.decision = 0;
    return verdict;
}

static dph_verdict ask_name(uint32_t kind, const char *name)
{
    dph_verdict verdict;
    dph_str str = text(name);
    memset(&verdict, 0, sizeof verdict);
    verdict.struct_size = sizeof verdict;
    plugin.face.self = &plugin;
    cr_assert_eq(bkey_hook_guard_table()->validate_name(&plugin.face, NULL, kind, &str, &verdict),
                 DPH_OK);
    return verdict;
}

/* S1.39 S1.40 S1.42 S1.53-S1.57 S1.60 S1.61 S1.63 S1.65 */
Test(hook_guard, what_the_sync_manages_is_refused_with_a_reason)
{
    static const struct {
        uint32_t kind, object, relation;
    } rows[] = {
        {DPH_OP_EDIT, DPH_OBJECT_RECORD, DPH_RELATION_SELF},
        {DPH_OP_DELETE, DPH_OBJECT_RECORD, DPH_RELATION_SELF},
        {DPH_OP_COPY, DPH_OBJECT_RECORD, DPH_RELATION_SELF},
        {DPH_OP_ROTATE_PASSWORD, DPH_OBJECT_RECORD, DPH_RELATION_SELF},
        {DPH_OP_EDIT, DPH_OBJECT_FOLDER, DPH_RELATION_SELF},
        {DPH_OP_DELETE, DPH_OBJECT_FOLDER, DPH_RELATION_SELF},
        {DPH_OP_DELETE, DPH_OBJECT_FOLDER, DPH_RELATION_ANCESTOR},
        {DPH_OP_CREATE, DPH_OBJECT_RECORD, DPH_RELATION_INSIDE},
        {DPH_OP_CREATE, DPH_OBJECT_FOLDER, DPH_RELATION_INSIDE},
        {99, DPH_OBJECT_RECORD, DPH_RELATION_SELF},
        {DPH_OP_EDIT, 99, DPH_RELATION_SELF},
        {DPH_OP_EDIT, DPH_OBJECT_RECORD, 99},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dph_op op = make_op(rows[i].kind, rows[i].object, rows[i].relation);
        dph_verdict verdict = ask(&op);
        cr_assert_eq(verdict.decision, DPH_DENY, "row %zu", i);
        cr_assert_neq(verdict.code, 0);
        cr_assert_neq(verdict.message[0], '\0');
        cr_assert_neq(verdict.reason_key[0], '\0');
    }
}

/* S1.35 S1.37 S1.60: inside the organization the folder may move, a record may not leave it. */
Test(hook_guard, the_folder_moves_inside_its_organization_only)
{
    dph_op op = make_op(DPH_OP_MOVE, DPH_OBJECT_FOLDER, DPH_RELATION_SELF);
    op.target_folder_id = text("elsewhere");
    cr_assert_eq(ask(&op).decision, DPH_ALLOW);
    cr_assert_eq(ask(&op).code, 0);
    op.target_organization_id = text("org-b");
    cr_assert_eq(ask(&op).decision, DPH_DENY);
    op = make_op(DPH_OP_MOVE, DPH_OBJECT_RECORD, DPH_RELATION_SELF);
    op.target_folder_id = text("");
    cr_assert_eq(ask(&op).decision, DPH_DENY);
}

/* S1.70 S1.74 */
Test(hook_guard, a_superseded_record_may_be_archived_and_unarchived)
{
    dph_op op = make_op(DPH_OP_ARCHIVE, DPH_OBJECT_RECORD, DPH_RELATION_SELF);
    op.plugin_tag = text("current");
    cr_assert_eq(ask(&op).decision, DPH_DENY);
    op.plugin_tag = text("superseded");
    cr_assert_eq(ask(&op).decision, DPH_ALLOW);
    op.kind = DPH_OP_UNARCHIVE;
    cr_assert_eq(ask(&op).decision, DPH_ALLOW);
}

/* S1.31 S1.33 S1.34 */
Test(hook_guard, the_reserved_name_is_refused_and_a_longer_one_is_not)
{
    cr_assert_eq(ask_name(DPH_NAME_FOLDER, "BitLocker Keys (via Network Glue)").decision, DPH_DENY);
    cr_assert_eq(ask_name(DPH_NAME_CATEGORY, "BitLocker Keys (via Network Glue)").decision,
                 DPH_DENY);
    cr_assert_eq(ask_name(DPH_NAME_FOLDER, "Old BitLocker Keys (via Network Glue)").decision,
                 DPH_ALLOW);
    cr_assert_eq(ask_name(77, "Anything").decision, DPH_DENY);
}

Test(hook_guard, a_short_struct_is_no_yes)
{
    dph_op op = make_op(DPH_OP_UNARCHIVE, DPH_OBJECT_RECORD, DPH_RELATION_SELF);
    dph_verdict verdict;
    op.struct_size = 16;
    cr_assert_eq(ask(&op).decision, 0);
    memset(&verdict, 0, sizeof verdict);
    verdict.struct_size = 8;
    op.struct_size = sizeof op;
    cr_assert_neq(bkey_hook_guard_table()->check(&plugin.face, NULL, &op, &verdict), DPH_OK);
    cr_assert_eq(verdict.decision, 0);
}
