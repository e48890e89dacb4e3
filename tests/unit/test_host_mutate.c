/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes by people: which guards are asked about what, and that a refusal has no effect but its
 * entry in the activity log. */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/call.c */
/* LINK: sample-host/src/mutate.c sample-host/src/mutate_guard.c sample-host/src/mutate_write.c */
/* LINK: sample-host/src/mutate_password.c sample-host/src/mutate_trash.c */
/* LINK: sample-host/src/mutate_access.c sample-host/src/mutate_contact.c sample-host/src/object.c
 * sample-host/src/sealed.c */
/* LINK: sample-host/src/activity.c sample-host/src/host.c */
/* LINK: host-sdk/support/[a-z]*.c host-sdk/loader/gate.c */
/* LINK: sample-host/src/viewer.c sample-host/src/settings.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#include "sample-host/src/mutate.h"
#include "sample-host/src/sealed.h"
#include "tests/support/host_box.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define RULE 4711u

static host_box box;
static host_error err;
static char id[HOST_OBJECT_ID_SIZE];

/* What the fake guard was asked last, and what it says. */
static struct {
    uint32_t kind, object_kind, relation, times, names;
    char owner[64], target_organization[64], fields[256];
    uint32_t decision;
    void (*meanwhile)(void); /* something that happens while the guard thinks */
} asked;

static void copy_str(char *out, size_t cap, const dph_str *text)
{
    (void)snprintf(out, cap, "%.*s", (int)text->len, text->len > 0 ? text->ptr : "");
}

static dph_status DPH_CALL check(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                                 dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    asked.kind = op->kind;
    asked.object_kind = op->object_kind;
    asked.relation = op->relation;
    asked.times++;
    copy_str(asked.owner, sizeof asked.owner, &op->guard_owner);
    copy_str(asked.target_organization, sizeof asked.target_organization,
             &op->target_organization_id);
    asked.fields[0] = '\0';
    for (uint64_t i = 0; i < op->changed_count; i++) {
        size_t used = strlen(asked.fields);
        copy_str(asked.fields + used, sizeof asked.fields - used, &op->changed_fields[i]);
        (void)strncat(asked.fields, " ", sizeof asked.fields - strlen(asked.fields) - 1);
    }
    verdict->decision = asked.decision;
    verdict->code = asked.decision == DPH_ALLOW ? 0 : RULE;
    (void)snprintf(verdict->message, sizeof verdict->message, "The rule says no.");
    if (asked.meanwhile != NULL) {
        asked.meanwhile();
    }
    return DPH_OK;
}

static dph_status DPH_CALL validate_name(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                         const dph_str *name, dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    (void)kind;
    asked.names++;
    bool is_taken = name->len == 8 && memcmp(name->ptr, "Reserved", 8) == 0;
    verdict->decision = is_taken ? DPH_DENY : DPH_ALLOW;
    verdict->code = is_taken ? RULE : 0;
    (void)snprintf(verdict->message, sizeof verdict->message, "%s", "That name is reserved.");
    return DPH_OK;
}

static const dph_hook_guard_v1 guard = {sizeof guard, 0, check, validate_name};

static void open_box(void)
{
    host_box_open(&box);
    memset(&asked, 0, sizeof asked);
    asked.decision = DPH_ALLOW;
    host_box_sql(&box,
                 "INSERT INTO folders VALUES('top','org1','','Top','',0,1,1,1),"
                 "('keys','org1','top','Keys','plug',0,1,1,1),('own','org1','','Own','',0,1,1,1);"
                 "INSERT INTO passwords(id,organization_id,folder_id,category,name,username,notes,"
                 "url,external_id,guard_owner,plugin_tag,plugin_data,configuration_id,archived,"
                 "revision,created_ms,updated_ms) VALUES('rec','org1','keys','Keys','LAPTOP','kid',"
                 "'','','t:kid','plug','current','','',0,1,1,1),"
                 "('mine','org1','own','','Mine','me','','',NULL,'','','','',0,1,1,1);"
                 "INSERT INTO categories VALUES('cat','Reserved','plug',1),('free','Free','',1);"
                 "INSERT INTO reserved_claims VALUES('plug',1,'Reserved'),('plug',2,'Reserved')");
}

static void close_box(void)
{
    host_box_close(&box);
}

TestSuite(host_mutate, .init = open_box, .fini = close_box);

static void load_guard(uint32_t decision)
{
    (void)host_box_plugin(&box, "plug", "{}", &guard);
    asked.decision = decision;
}

static bool mutate(const host_mutation *m)
{
    memset(&err, 0, sizeof err);
    return host_mutate(&box.h, &box.call, m, id, &err);
}

static bool act(uint32_t op, uint32_t kind, const char *object)
{
    json_t *fields = op == DPH_OP_EDIT ? json_pack("{s:s}", "name", "Other") : NULL;
    host_mutation m = {.op = op, .object_kind = kind, .object_id = object, .fields = fields};
    if (op == DPH_OP_MOVE || op == DPH_OP_COPY) {
        m.target_organization_id = "org1";
        m.target_folder_id = "own";
    }
    bool ok = mutate(&m);
    json_decref(fields);
    return ok;
}

static int64_t fingerprint(void)
{
    return host_box_number(&box, "SELECT (SELECT sum(revision)+count(*)*100 FROM passwords)*1000"
                                 "+(SELECT sum(revision)+count(*)*100 FROM folders)");
}

/* S1.39 S1.40: the guarded folder is neither edited nor deleted; records likewise. */
Test(host_mutate, denied_change_has_no_effect_but_its_entry)
{
    static const struct {
        uint32_t op, kind;
        const char *object;
    } cases[] = {{DPH_OP_EDIT, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_DELETE, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_MOVE, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_COPY, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_ARCHIVE, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_ROTATE_PASSWORD, DPH_OBJECT_RECORD, "rec"},
                 {DPH_OP_EDIT, DPH_OBJECT_FOLDER, "keys"},
                 {DPH_OP_DELETE, DPH_OBJECT_FOLDER, "keys"},
                 {DPH_OP_DELETE, DPH_OBJECT_FOLDER, "top"},
                 {DPH_OP_DELETE, DPH_OBJECT_ORGANIZATION, "org1"},
                 {DPH_OP_EDIT, DPH_OBJECT_CATEGORY, "cat"},
                 {DPH_OP_DELETE, DPH_OBJECT_CATEGORY, "cat"}};
    load_guard(DPH_DENY);
    int64_t before = fingerprint();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_not(act(cases[i].op, cases[i].kind, cases[i].object), "case %zu", i);
        cr_assert_eq(err.status, DPH_E_DENIED, "case %zu: %s", i, err.message);
        cr_assert_eq(err.code, RULE, "case %zu", i);
        cr_assert_eq(asked.kind, cases[i].op, "case %zu", i);
        cr_assert_eq(fingerprint(), before, "case %zu", i);
        cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM activity WHERE action=10 AND"
                                           " code=4711"),
                     (int64_t)i + 1, "case %zu", i);
    }
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM activity WHERE action<>10"), 0);
}

/* Who is guarded is the host's data: without the plugin's code everything guarded is refused. */
Test(host_mutate, guarded_things_stay_protected_without_the_plugin)
{
    int64_t before = fingerprint();
    cr_assert_not(act(DPH_OP_EDIT, DPH_OBJECT_RECORD, "rec"));
    cr_assert_eq(err.status, DPH_E_DENIED);
    cr_assert_eq(err.code, DPHL_GATE_UNAVAILABLE);
    cr_assert_not_null(strstr(err.message, "plug"));
    cr_assert_not(act(DPH_OP_DELETE, DPH_OBJECT_FOLDER, "keys"));
    cr_assert_not(act(DPH_OP_MOVE, DPH_OBJECT_FOLDER, "keys"));
    cr_assert_not(act(DPH_OP_UNARCHIVE, DPH_OBJECT_RECORD, "rec"));
    cr_assert_eq(fingerprint(), before);
    cr_assert(act(DPH_OP_EDIT, DPH_OBJECT_RECORD, "mine"), "%s", err.message);
}

Test(host_mutate, unguarded_things_ask_nobody)
{
    load_guard(DPH_DENY);
    cr_assert(act(DPH_OP_EDIT, DPH_OBJECT_RECORD, "mine"), "%s", err.message);
    cr_assert(act(DPH_OP_EDIT, DPH_OBJECT_FOLDER, "own"), "%s", err.message);
    cr_assert_eq(asked.times, 0);
}

static void expect_asked(uint32_t relation, uint32_t object_kind)
{
    cr_assert_eq(asked.times, 1);
    cr_assert_eq(asked.relation, relation);
    cr_assert_eq(asked.object_kind, object_kind);
    cr_assert_str_eq(asked.owner, "plug");
    asked.times = 0;
}

Test(host_mutate, relation_tells_self_inside_and_ancestor)
{
    load_guard(DPH_DENY);
    (void)act(DPH_OP_EDIT, DPH_OBJECT_RECORD, "rec");
    expect_asked(DPH_RELATION_SELF, DPH_OBJECT_RECORD);
    cr_assert_str_eq(asked.fields, "name ");
    (void)act(DPH_OP_DELETE, DPH_OBJECT_FOLDER, "top");
    expect_asked(DPH_RELATION_ANCESTOR, DPH_OBJECT_FOLDER);
    (void)act(DPH_OP_DELETE, DPH_OBJECT_ORGANIZATION, "org1");
    expect_asked(DPH_RELATION_ANCESTOR, DPH_OBJECT_ORGANIZATION);
    host_mutation out = {.op = DPH_OP_MOVE,
                         .object_kind = DPH_OBJECT_FOLDER,
                         .object_id = "top",
                         .target_organization_id = "org2",
                         .target_folder_id = ""};
    cr_assert_not(mutate(&out));
    expect_asked(DPH_RELATION_ANCESTOR, DPH_OBJECT_FOLDER);
    cr_assert_str_eq(asked.target_organization, "org2");
}

/* S1.42 S1.43: nothing is created in, moved into or copied into the guarded folder, at any depth.
 */
Test(host_mutate, coming_into_the_guarded_folder_is_asked_as_inside)
{
    load_guard(DPH_DENY);
    host_box_sql(&box, "INSERT INTO folders VALUES('deep','org1','keys','Deep','',0,1,1,1)");
    json_t *fields = json_pack("{s:s}", "name", "New");
    host_mutation m = {.object_id = "mine",
                       .target_organization_id = "org1",
                       .target_folder_id = "deep",
                       .object_kind = DPH_OBJECT_RECORD,
                       .fields = fields};
    static const uint32_t ops[] = {DPH_OP_CREATE, DPH_OP_MOVE, DPH_OP_COPY};
    for (size_t i = 0; i < 3; i++) {
        m.op = ops[i];
        cr_assert_not(mutate(&m));
        expect_asked(DPH_RELATION_INSIDE, DPH_OBJECT_RECORD);
    }
    m.op = DPH_OP_CREATE;
    m.object_kind = DPH_OBJECT_FOLDER;
    cr_assert_not(mutate(&m));
    expect_asked(DPH_RELATION_INSIDE, DPH_OBJECT_FOLDER);
    json_decref(fields);
}

Test(host_mutate, own_password_cannot_take_the_reserved_category)
{
    load_guard(DPH_DENY);
    json_t *fields = json_pack("{s:s}", "category", "reserved");
    host_mutation m = {
        .op = DPH_OP_EDIT, .object_kind = DPH_OBJECT_RECORD, .object_id = "mine", .fields = fields};
    cr_assert_not(mutate(&m));
    expect_asked(DPH_RELATION_INSIDE, DPH_OBJECT_RECORD);
    json_decref(fields);
}

/* S1.35: allowed by the guard, the folder moves inside its organization and its records follow. */
Test(host_mutate, allowed_move_of_the_guarded_folder_is_written_and_logged)
{
    load_guard(DPH_ALLOW);
    cr_assert(act(DPH_OP_MOVE, DPH_OBJECT_FOLDER, "keys"), "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM folders WHERE id='keys' AND"
                                       " parent_id='own' AND revision=2"),
                 1);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM activity WHERE action=8"), 1);
}

static void change_meanwhile(void)
{
    host_box_sql(&box, "UPDATE passwords SET revision=revision+1 WHERE id='rec'");
}

Test(host_mutate, change_between_the_question_and_the_write_is_a_conflict)
{
    load_guard(DPH_ALLOW);
    asked.meanwhile = change_meanwhile;
    cr_assert_not(act(DPH_OP_ARCHIVE, DPH_OBJECT_RECORD, "rec"));
    cr_assert_eq(err.status, DPH_E_CONFLICT);
    cr_assert_eq(host_box_number(&box, "SELECT archived FROM passwords WHERE id='rec'"), 0);
}

static bool name_is_free(uint32_t kind, const char *name)
{
    json_t *fields = json_pack("{s:s}", "name", name);
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = kind,
                       .object_id = "",
                       .target_organization_id = kind == DPH_OBJECT_FOLDER ? "org2" : NULL,
                       .target_folder_id = kind == DPH_OBJECT_FOLDER ? "" : NULL,
                       .fields = fields};
    bool ok = mutate(&m);
    json_decref(fields);
    return ok;
}

/* S1.31 S1.33: reserved names are refused in every organization, with and without the plugin. */
Test(host_mutate, reserved_names_are_refused_with_and_without_the_plugin)
{
    for (int loaded = 0; loaded < 2; loaded++) {
        if (loaded != 0) {
            load_guard(DPH_ALLOW);
        }
        cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, "Reserved"));
        cr_assert_eq(err.status, DPH_E_DENIED);
        cr_assert_not(name_is_free(DPH_OBJECT_CATEGORY, "Reserved"));
        cr_assert_eq(err.status, DPH_E_DENIED, "%s", err.message);
        cr_assert(name_is_free(DPH_OBJECT_FOLDER, "Reserved too"), "%s", err.message);
    }
    cr_assert_eq(asked.names, 3);
    cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, " reserved "));
}

/* S1.32: a category that only looks like the reserved one is no way around either. */
Test(host_mutate, own_password_cannot_take_a_look_alike_of_the_reserved_category)
{
    json_t *fields = json_pack("{s:s}", "category", "  reserved ");
    host_mutation m = {
        .op = DPH_OP_EDIT, .object_kind = DPH_OBJECT_RECORD, .object_id = "mine", .fields = fields};
    cr_expect_not(mutate(&m));
    cr_expect_eq(err.status, DPH_E_DENIED);
    json_decref(fields);
}

/* S1.33: however deep a guarded folder lies, moving what contains it is asked. */
Test(host_mutate, guarded_folder_far_below_is_found)
{
    host_box_sql(&box, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1500)"
                       " INSERT INTO folders SELECT 'f'||i,'org1',CASE i WHEN 1 THEN '' ELSE"
                       " 'f'||(i-1) END,'F','',0,1,1,1 FROM n;"
                       "UPDATE folders SET parent_id='f1500' WHERE guard_owner<>''");
    host_mutation m = {.op = DPH_OP_MOVE,
                       .object_kind = DPH_OBJECT_FOLDER,
                       .object_id = "f1",
                       .target_organization_id = "org2",
                       .target_folder_id = ""};
    cr_expect_not(mutate(&m));
    cr_expect_eq(err.status, DPH_E_DENIED, "%s", err.message);
}

Test(host_mutate, moving_to_another_organization_drops_the_link_to_a_configuration)
{
    host_box_sql(&box, "UPDATE passwords SET configuration_id='conf1' WHERE id='mine'");
    host_mutation m = {.op = DPH_OP_MOVE,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = "mine",
                       .target_organization_id = "org1",
                       .target_folder_id = ""};
    static const char linked[] = "SELECT count(*) FROM passwords WHERE id='mine' AND"
                                 " configuration_id='conf1'";
    cr_assert(mutate(&m), "%s", err.message);
    cr_expect_eq(host_box_number(&box, linked), 1);
    m.target_organization_id = "org2";
    cr_assert(mutate(&m), "%s", err.message);
    cr_expect_eq(host_box_number(&box, linked), 0);
}

Test(host_mutate, names_have_limits)
{
    char name[1025];
    memset(name, 'x', sizeof name);
    name[256] = '\0';
    cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, name));
    cr_assert_eq(err.status, DPH_E_INVALID);
    name[255] = '\0';
    cr_assert(name_is_free(DPH_OBJECT_FOLDER, name), "%s", err.message);
    cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, ""));
    cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, "   "));
    cr_assert_not(name_is_free(DPH_OBJECT_FOLDER, "a\x1b[31m"));
}

Test(host_mutate, folder_cannot_move_into_itself)
{
    host_box_sql(&box, "INSERT INTO folders VALUES('sub','org1','own','Sub','',0,1,1,1)");
    host_mutation m = {.op = DPH_OP_MOVE,
                       .object_kind = DPH_OBJECT_FOLDER,
                       .object_id = "own",
                       .target_organization_id = "org1",
                       .target_folder_id = "sub"};
    cr_assert_not(mutate(&m));
    cr_assert_eq(err.status, DPH_E_INVALID);
}

Test(host_mutate, folder_moves_to_another_organization_with_all_in_it)
{
    host_mutation m = {.op = DPH_OP_MOVE,
                       .object_kind = DPH_OBJECT_FOLDER,
                       .object_id = "own",
                       .target_organization_id = "org2",
                       .target_folder_id = ""};
    cr_assert(mutate(&m), "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE id='mine' AND"
                                       " organization_id='org2'"),
                 1);
}

Test(host_mutate, full_folder_is_not_deleted)
{
    cr_assert_not(act(DPH_OP_DELETE, DPH_OBJECT_FOLDER, "own"));
    cr_assert_eq(err.code, HOST_CODE_NOT_EMPTY);
}

Test(host_mutate, secret_of_an_own_password_is_sealed)
{
    host_secret secret = {0};
    host_secret opened = {0};
    cr_assert(host_secret_init(&secret, 16));
    memcpy(secret.ptr, "planted-password", 16);
    secret.len = 16;
    host_mutation m = {.op = DPH_OP_EDIT,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = "mine",
                       .secret = &secret};
    cr_assert(mutate(&m), "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT instr(sealed_secret, CAST('planted' AS BLOB))"
                                       " FROM passwords WHERE id='mine'"),
                 0);
    host_conn *conn = host_db_read_begin(box.h.db, &err);
    sqlite3_stmt *stmt =
        host_rows_query(conn, &err, "SELECT sealed_secret FROM passwords WHERE id='mine'", "");
    bool row = false;
    cr_assert(host_rows_next(conn, stmt, &row, &err));
    dph_bytes sealed = host_rows_bytes(stmt, 0);
    cr_assert(host_sealed_open(box.h.keyring, "mine", &sealed, &opened, &err));
    cr_assert_arr_eq(opened.ptr, "planted-password", 16);
    host_secret_done(&opened);
    cr_assert_not(host_sealed_open(box.h.keyring, "other", &sealed, &opened, &err));
    cr_assert_eq(err.status, DPH_E_CORRUPT);
    host_rows_done(stmt);
    host_db_read_end(box.h.db, conn);
    host_secret_done(&secret);
}
