/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin's batch: all or nothing, each error as the contract says, and repeats that do nothing.
 */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring*.c sample-host/src/call.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LINK: sample-host/src/apply.c sample-host/src/apply_check.c */
/* LINK: sample-host/src/apply_names.c sample-host/src/mutate.c sample-host/src/mutate_guard.c */
/* LINK: sample-host/src/mutate_write.c sample-host/src/mutate_password.c */
/* LINK: sample-host/src/mutate_trash.c sample-host/src/mutate_access.c */
/* LINK: sample-host/src/object.c sample-host/src/sealed.c sample-host/src/host.c */
/* LINK: sample-host/src/viewer.c sample-host/src/settings.c host-sdk/loader/gate.c */
/* LINK: sample-host/src/apply_records.c sample-host/src/apply_write.c sample-host/src/activity.c */
/* LINK: sample-host/src/apply_contact.c sample-host/src/mutate_contact.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#include "dph/dph.h"
#include "sample-host/src/apply.h"
#include "tests/support/host_box.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static host_box box;

static void open_box(void)
{
    host_box_open(&box);
}

static void close_box(void)
{
    host_box_close(&box);
}

TestSuite(host_apply, .init = open_box, .fini = close_box);

static dph_item_folder_put folder_put(uint64_t expected)
{
    return (dph_item_folder_put){.head = {sizeof(dph_item_folder_put), DPH_ITEM_FOLDER_PUT},
                                 .expect_revision = expected,
                                 .organization_id = host_str("org1"),
                                 .folder_id = host_str("bkey-1"),
                                 .name = host_str("Keys")};
}

static dph_item_record_put record_put(const char *external_id, uint64_t expected)
{
    return (dph_item_record_put){.head = {sizeof(dph_item_record_put), DPH_ITEM_RECORD_PUT},
                                 .expect_revision = expected,
                                 .external_id = host_str(external_id),
                                 .organization_id = host_str("org1"),
                                 .folder_id = host_str("bkey-1"),
                                 .category = host_str("Keys"),
                                 .title = host_str("LAPTOP-1"),
                                 .username = host_str("0d58262b-1de6-4f1c-9a1f-8a8ad9c9dbc4"),
                                 .configuration_id = host_str("conf1"),
                                 .plugin_tag = host_str("current"),
                                 .plugin_data = host_str("v=os")};
}

/* A plugin keeps "Keys" for itself, in any spelling with these letters in front. */
static dph_status DPH_CALL refuse_keys(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                       const dph_str *name, dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    (void)kind;
    bool is_kept = name->len >= 4 && memcmp(name->ptr, "Keys", 4) == 0;
    verdict->decision = is_kept ? DPH_DENY : DPH_ALLOW;
    verdict->code = is_kept ? 4711u : 0;
    (void)snprintf(verdict->message, sizeof verdict->message, "%s", "That name is kept.");
    return DPH_OK;
}

static const dph_hook_guard_v1 keeper = {sizeof keeper, 0, NULL, refuse_keys};

static dph_item_state_put state_put(const char *key, const char *value, uint64_t expected)
{
    dph_item_state_put item = {.head = {sizeof item, DPH_ITEM_STATE_PUT},
                               .expect_revision = expected};
    item.key = (dph_bytes){(const uint8_t *)key, strlen(key)};
    item.value = (dph_bytes){(const uint8_t *)value, strlen(value)};
    return item;
}

static dph_item_state_remove state_remove(const char *key, uint64_t expected)
{
    dph_item_state_remove item = {.head = {sizeof item, DPH_ITEM_STATE_REMOVE},
                                  .expect_revision = expected};
    item.key = (dph_bytes){(const uint8_t *)key, strlen(key)};
    return item;
}

static dph_item_activity entry(uint32_t action)
{
    return (dph_item_activity){.head = {sizeof(dph_item_activity), DPH_ITEM_ACTIVITY},
                               .action = action,
                               .organization_id = host_str("org1"),
                               .subject = host_str("LAPTOP-1")};
}

static dph_apply_result result;
static host_error err;

static dph_status apply_as(const char *plugin_id, const char *op_key, const void *const *items,
                           uint32_t count)
{
    dph_batch batch = {sizeof batch, count, (const dph_item *const *)items};
    dph_str plugin = host_str(plugin_id);
    dph_str key = host_str(op_key);
    memset(&result, 0, sizeof result);
    memset(&err, 0, sizeof err);
    result.struct_size = sizeof result;
    return host_apply(&box.h, &plugin, &box.call.abi, &batch, &key, &result, &err);
}

static dph_status apply_one(const char *op_key, const void *item)
{
    return apply_as("plug", op_key, &item, 1);
}

static void publish(void)
{
    dph_item_folder_put folder = folder_put(0);
    dph_item_record_put record = record_put("t:k1", 0);
    dph_item_activity created = entry(DPH_ACTIVITY_CREATED);
    const void *items[] = {&folder, &record, &created};
    cr_assert_eq(apply_as("plug", "first", items, 3), DPH_OK, "%s", err.message);
    cr_assert_eq(result.rows_changed, 3);
}

/* S1.4 S1.89: one record per key, a general password without a secret in the host, and one entry.
 */
Test(host_apply, batch_creates_record_folder_and_entry)
{
    publish();
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE guard_owner='plug' AND"
                                       " sealed_secret IS NULL AND revision=1"),
                 1);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM activity WHERE action=1 AND"
                                       " actor='tester' AND os_uid=7"),
                 1);
    cr_assert_eq(host_box_number(&box, "SELECT value FROM meta WHERE key='changes'"), 3);
}

/* S1.51: a record's identity is its external id. */
Test(host_apply, second_create_of_the_same_key_is_a_conflict_and_changes_nothing)
{
    publish();
    dph_item_state_put state = state_put("k", "v", 0);
    dph_item_record_put again = record_put("t:k1", 0);
    const void *items[] = {&state, &again};
    cr_assert_eq(apply_as("plug", "second", items, 2), DPH_E_CONFLICT);
    cr_assert_eq(result.conflict_index, 1);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords"), 1);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM plugin_state"), 0);
    cr_assert_eq(host_box_number(&box, "SELECT value FROM meta WHERE key='changes'"), 3);
}

/* More than are inserted together, each found by its own name. */
Test(host_apply, many_records_of_a_batch_are_all_there_and_searchable)
{
    enum { MANY = 123 };
    static dph_item_record_put records[MANY];
    static char names[MANY][24];
    const void *items[MANY];
    publish();
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "many-%03d", i);
        records[i] = record_put(names[i], 0);
        records[i].title = host_str(names[i]);
        records[i].flags = i % 2 == 0 ? DPH_RECORD_ARCHIVED : 0;
        items[i] = &records[i];
    }
    cr_assert_eq(apply_as("plug", "many", items, MANY), DPH_OK, "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE name=external_id AND"
                                       " guard_owner='plug' AND revision=1 AND updated_ms>0 AND"
                                       " folder_id='bkey-1' AND configuration_id='conf1' AND"
                                       " plugin_tag='current' AND plugin_data='v=os'"),
                 MANY);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE archived=1"),
                 (MANY + 1) / 2);
    cr_assert_eq(host_box_number(&box,
                                 "SELECT count(*) FROM passwords p JOIN passwords_text t ON"
                                 " t.rowid=p.seq WHERE passwords_text MATCH '\"many-122\"' AND"
                                 " p.name='many-122'"),
                 1);
}

/* What a batch created, the same batch may change; creating it twice is a conflict. */
Test(host_apply, record_that_the_same_batch_created)
{
    dph_item_folder_put folder = folder_put(0);
    dph_item_record_put record = record_put("t:k1", 0);
    dph_item_record_put other = record_put("t:k1", 0);
    dph_item_record_put renamed = record_put("t:k1", 1);
    renamed.title = host_str("NEW");
    const void *twice[] = {&folder, &record, &other};
    cr_assert_eq(apply_as("plug", "twice", twice, 3), DPH_E_CONFLICT);
    cr_assert_eq(result.conflict_index, 2);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords"), 0);
    const void *changed[] = {&folder, &record, &renamed};
    cr_assert_eq(apply_as("plug", "changed", changed, 3), DPH_OK, "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE name='NEW' AND"
                                       " revision=2"),
                 1);
}

Test(host_apply, update_raises_the_revision_and_keeps_the_id)
{
    publish();
    dph_item_record_put update = record_put("t:k1", 1);
    update.flags = DPH_RECORD_ARCHIVED;
    update.title = host_str("LAPTOP-2");
    cr_assert_eq(apply_one("second", &update), DPH_OK, "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords WHERE revision=2 AND"
                                       " archived=1 AND name='LAPTOP-2'"),
                 1);
    cr_assert_eq(apply_one("third", &update), DPH_E_CONFLICT);
}

/* After an unknown outcome the caller repeats: the stored result comes back, nothing is written. */
/* S1.77 */
Test(host_apply, withdrawn_record_is_gone_and_may_be_put_again)
{
    publish();
    dph_item_record_withdraw gone = {.head = {sizeof gone, DPH_ITEM_RECORD_WITHDRAW},
                                     .expect_revision = 7,
                                     .external_id = host_str("t:k1")};
    cr_expect_eq(apply_one("stale", &gone), DPH_E_CONFLICT);
    gone.expect_revision = 1;
    const void *item = &gone;
    cr_expect_eq(apply_as("other", "foreign", &item, 1), DPH_E_CONFLICT,
                 "another plugin has no such record");
    cr_assert_eq(apply_one("withdraw", &gone), DPH_OK, "%s", err.message);
    cr_expect_eq(result.rows_changed, 1);
    cr_expect_eq(apply_one("again", &gone), DPH_E_CONFLICT);
    gone.expect_revision = 0;
    cr_expect_eq(apply_one("nothing", &gone), DPH_E_INVALID);
    dph_item_record_put record = record_put("t:k1", 0);
    cr_expect_eq(apply_one("put", &record), DPH_OK, "%s", err.message);
}

/* S1.32 S1.34: what a plugin keeps for itself, no other plugin may call a folder or a category. */
Test(host_apply, reserved_name_is_refused_to_other_plugins_alone)
{
    (void)host_box_plugin(&box, "plug", "{}", &keeper);
    (void)host_box_plugin(&box, "plug2", "{}", NULL);
    publish();
    dph_item_folder_put folder = folder_put(0);
    dph_item_record_put record = record_put("t:k2", 0);
    folder.folder_id = host_str("other-1");
    record.folder_id = folder.folder_id;
    record.category = host_str("Own");
    const void *items[] = {&folder, &record};
    cr_expect_eq(apply_as("plug2", "folder", items, 2), DPH_E_DENIED);
    cr_expect_eq(result.conflict_index, 0);
    folder.name = host_str("Own");
    record.category = host_str("Keys too");
    cr_expect_eq(apply_as("plug2", "category", items, 2), DPH_E_DENIED);
    cr_expect_eq(result.conflict_index, 1);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM folders"), 1);
    record.category = host_str("Own");
    cr_expect_eq(apply_as("plug2", "own", items, 2), DPH_OK, "%s", err.message);
}

/* The same while the plugin that keeps it is not loaded. */
Test(host_apply, claimed_name_is_refused_to_other_plugins)
{
    host_box_sql(&box, "INSERT INTO reserved_claims VALUES('plug',2,'Keys')");
    (void)host_box_plugin(&box, "plug", "{}", NULL);
    dph_item_folder_put folder = folder_put(0);
    folder.name = host_str(" KEYS ");
    const void *item = &folder;
    cr_expect_eq(apply_as("plug2", "folder", &item, 1), DPH_E_DENIED);
    cr_expect_eq(apply_as("plug", "own", &item, 1), DPH_OK, "%s", err.message);
}

Test(host_apply, repeat_of_a_landed_batch_is_a_replay)
{
    dph_item_state_put state = state_put("k", "v", 0);
    cr_assert_eq(apply_one("op", &state), DPH_OK);
    cr_assert_eq(result.replayed, 0);
    cr_assert_eq(apply_one("op", &state), DPH_OK);
    cr_assert_eq(result.replayed, 1);
    cr_assert_eq(result.rows_changed, 1);
    cr_assert_eq(host_box_number(&box, "SELECT revision FROM plugin_state"), 1);
    cr_assert_eq(host_box_number(&box, "SELECT value FROM meta WHERE key='changes'"), 1);
}

Test(host_apply, batch_that_did_not_land_may_be_repeated)
{
    dph_item_state_put early = state_put("k", "v", 3);
    cr_assert_eq(apply_one("op", &early), DPH_E_CONFLICT);
    dph_item_state_put right = state_put("k", "v", 0);
    cr_assert_eq(apply_one("op", &right), DPH_OK);
    cr_assert_eq(result.replayed, 0);
}

Test(host_apply, another_batch_under_a_used_key_is_invalid)
{
    dph_item_state_put state = state_put("k", "v", 0);
    dph_item_state_put other = state_put("k", "w", 0);
    cr_assert_eq(apply_one("op", &state), DPH_OK);
    cr_assert_eq(apply_one("op", &other), DPH_E_INVALID);
    const void *item = &other;
    cr_assert_eq(apply_as("plug2", "op", &item, 1), DPH_OK);
}

Test(host_apply, removed_key_leaves_a_tombstone_that_counts_on)
{
    dph_item_state_put state = state_put("k", "v", 0);
    dph_item_state_remove gone = state_remove("k", 1);
    dph_item_state_put fresh = state_put("k", "w", 0);
    dph_item_state_put back = state_put("k", "w", 2);
    cr_assert_eq(apply_one("a", &state), DPH_OK);
    cr_assert_eq(apply_one("b", &gone), DPH_OK);
    cr_assert_eq(host_box_number(&box, "SELECT revision*10+tombstone FROM plugin_state"), 21);
    cr_assert_eq(host_box_number(&box, "SELECT length(value) FROM plugin_state"), 0);
    cr_assert_eq(apply_one("c", &fresh), DPH_E_CONFLICT);
    dph_item_state_remove twice = state_remove("k", 2);
    cr_assert_eq(apply_one("d", &twice), DPH_E_CONFLICT);
    cr_assert_eq(apply_one("e", &back), DPH_OK);
    cr_assert_eq(host_box_number(&box, "SELECT revision*10+tombstone FROM plugin_state"), 30);
}

Test(host_apply, things_that_do_not_exist_are_not_found)
{
    publish();
    dph_item_record_put record = record_put("t:k2", 0);
    record.organization_id = host_str("nobody");
    cr_assert_eq(apply_one("a", &record), DPH_E_NOT_FOUND);
    record = record_put("t:k2", 0);
    record.folder_id = host_str("nowhere");
    cr_assert_eq(apply_one("b", &record), DPH_E_NOT_FOUND);
    record = record_put("t:k2", 0);
    record.configuration_id = host_str("nothing");
    cr_assert_eq(apply_one("c", &record), DPH_E_NOT_FOUND);
    dph_item_activity created = entry(DPH_ACTIVITY_CREATED);
    created.organization_id = host_str("nobody");
    cr_assert_eq(apply_one("d", &created), DPH_E_NOT_FOUND);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords"), 1);
}

Test(host_apply, things_of_another_plugin_are_denied)
{
    publish();
    dph_item_record_put record = record_put("t:k9", 0);
    dph_item_folder_put folder = folder_put(1);
    const void *items[] = {&record, &folder};
    cr_assert_eq(apply_as("plug2", "a", items, 1), DPH_E_DENIED);
    cr_assert_eq(apply_as("plug2", "b", items + 1, 1), DPH_E_DENIED);
}

/* S1.36: a put of the folder does not move it back. */
Test(host_apply, folder_put_leaves_the_users_parent_alone)
{
    publish();
    host_box_sql(&box, "INSERT INTO folders VALUES('top','org1','','Top','',0,1,1,1);"
                       "UPDATE folders SET parent_id='top', revision=2 WHERE id='bkey-1'");
    dph_item_folder_put hidden = folder_put(2);
    hidden.flags = DPH_FOLDER_HIDDEN;
    cr_assert_eq(apply_one("a", &hidden), DPH_OK, "%s", err.message);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM folders WHERE id='bkey-1' AND"
                                       " parent_id='top' AND hidden=1 AND revision=3"),
                 1);
    dph_item_folder_put second = folder_put(0);
    second.folder_id = host_str("bkey-2");
    cr_assert_eq(apply_one("b", &second), DPH_E_CONFLICT);
}

typedef dph_status (*bad_case)(void);

static dph_status bad_kind(void)
{
    dph_item item = {sizeof item, 99};
    return apply_one("x", &item);
}

static dph_status bad_short(void)
{
    dph_item_state_put item = state_put("k", "v", 0);
    item.head.struct_size = 8;
    return apply_one("x", &item);
}

static dph_status bad_title(void)
{
    char title[300];
    memset(title, 'x', sizeof title);
    dph_item_record_put item = record_put("t:k1", 0);
    item.title = (dph_str){title, 256};
    return apply_one("x", &item);
}

static dph_status bad_flag(void)
{
    dph_item_record_put item = record_put("t:k1", 0);
    item.flags = 2;
    return apply_one("x", &item);
}

static dph_status bad_utf8(void)
{
    dph_item_record_put item = record_put("t:k1", 0);
    item.title = (dph_str){"\xff", 1};
    return apply_one("x", &item);
}

static dph_status bad_folder_id(void)
{
    dph_item_folder_put item = folder_put(0);
    item.folder_id = host_str("../x");
    return apply_one("x", &item);
}

static dph_status bad_action(void)
{
    dph_item_activity item = entry(77);
    return apply_one("x", &item);
}

static dph_status bad_op_key(void)
{
    dph_item_state_put item = state_put("k", "v", 0);
    return apply_one("", &item);
}

static dph_status bad_count(void)
{
    dph_item_state_put item = state_put("k", "v", 0);
    const void *items[1] = {&item};
    return apply_as("plug", "x", items, 0);
}

static dph_status bad_state_key(void)
{
    dph_item_state_put item = state_put("", "v", 0);
    return apply_one("x", &item);
}

static dph_status bad_state_value(void)
{
    uint8_t *value = calloc(1, DPH_STATE_VALUE_MAX + 1);
    dph_item_state_put item = state_put("k", "v", 0);
    item.value = (dph_bytes){value, DPH_STATE_VALUE_MAX + 1};
    dph_status status = apply_one("x", &item);
    free(value);
    return status;
}

Test(host_apply, malformed_items_are_invalid_and_change_nothing)
{
    static const bad_case cases[] = {bad_kind,  bad_short,     bad_title,      bad_flag,
                                     bad_utf8,  bad_folder_id, bad_action,     bad_op_key,
                                     bad_count, bad_state_key, bad_state_value};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(cases[i](), DPH_E_INVALID, "case %zu", i);
        cr_assert_neq(err.message[0], '\0', "case %zu", i);
    }
    cr_assert_eq(host_box_number(&box, "SELECT value FROM meta WHERE key='changes'"), 0);
}

Test(host_apply, invalid_item_is_named_by_its_index)
{
    dph_item_state_put good = state_put("k", "v", 0);
    dph_item bad = {sizeof bad, 99};
    const void *items[] = {&good, &good, &bad};
    cr_assert_eq(apply_as("plug", "x", items, 3), DPH_E_INVALID);
    cr_assert_eq(result.conflict_index, 2);
}

static int say_cancelled(void *context)
{
    (void)context;
    return 1;
}

Test(host_apply, call_that_is_over_writes_nothing)
{
    dph_item_state_put state = state_put("k", "v", 0);
    box.call.cancelled = say_cancelled;
    cr_assert_eq(apply_one("x", &state), DPH_E_CANCELLED);
    box.call.cancelled = NULL;
    box.call.abi.deadline_ns = 1;
    cr_assert_eq(apply_one("x", &state), DPH_E_DEADLINE);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM plugin_state"), 0);
}

Test(host_apply, full_disk_is_unavailable_and_leaves_all_as_it_was)
{
    publish();
    host_conn *conn = host_db_write_begin(box.h.db, true, &err);
    char pragma[64];
    sqlite3_stmt *stmt = NULL;
    cr_assert_eq(sqlite3_prepare_v2(conn->sqlite, "PRAGMA page_count", -1, &stmt, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
    (void)snprintf(pragma, sizeof pragma, "PRAGMA max_page_count=%d", sqlite3_column_int(stmt, 0));
    sqlite3_finalize(stmt);
    host_db_write_rollback(box.h.db, conn);
    cr_assert_eq(sqlite3_exec(conn->sqlite, pragma, NULL, NULL, NULL), SQLITE_OK);
    uint8_t *value = calloc(1, DPH_STATE_VALUE_MAX);
    dph_item_record_put record = record_put("t:k2", 0);
    dph_item_state_put state = state_put("k", "v", 0);
    state.value = (dph_bytes){value, DPH_STATE_VALUE_MAX};
    const void *items[] = {&record, &state};
    cr_assert_eq(apply_as("plug", "big", items, 2), DPH_E_UNAVAILABLE);
    cr_assert_not_null(strstr(err.message, "disk is full"));
    free(value);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM passwords"), 1);
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM apply_ops"), 1);
}

Test(host_apply, results_are_kept_for_a_day_and_forgotten_later)
{
    dph_item_state_put state = state_put("k", "v", 0);
    cr_assert_eq(apply_one("op", &state), DPH_OK);
    host_box_sql(&box, "UPDATE apply_ops SET at_ms=at_ms-25*3600*1000");
    cr_assert(host_apply_purge(&box.h, &err));
    cr_assert_eq(apply_one("op", &state), DPH_OK);
    cr_assert_eq(result.replayed, 1);
    host_box_sql(&box, "UPDATE apply_ops SET at_ms=at_ms-24*3600*1000");
    cr_assert(host_apply_purge(&box.h, &err));
    cr_assert_eq(host_box_number(&box, "SELECT count(*) FROM apply_ops"), 0);
}

static dph_item_contact_put contact_put(const char *external_id, uint64_t expected)
{
    return (dph_item_contact_put){.head = {sizeof(dph_item_contact_put), DPH_ITEM_CONTACT_PUT},
                                  .expect_revision = expected,
                                  .organization_id = host_str("org1"),
                                  .contact_id = host_str("c1"),
                                  .external_id = host_str(external_id),
                                  .name = host_str("Ana Ruiz"),
                                  .first_name = host_str("Ana"),
                                  .last_name = host_str("Ruiz"),
                                  .emails = host_str("ana@x.example a@x.example")};
}

/* S1.103: what a person wrote stays. */
Test(host_apply, contact_is_made_once_and_only_its_empty_fields_are_filled)
{
    dph_item_contact_put put = contact_put("user-1", 0);
    cr_assert_eq(apply_one("op1", &put), DPH_OK, "%s", err.message);
    cr_expect_eq(apply_one("op2", &put), DPH_E_CONFLICT);
    host_box_sql(&box, "UPDATE contacts SET name='Boss', last_name='R.', emails=''");
    put = contact_put("user-1", 1);
    cr_assert_eq(apply_one("op3", &put), DPH_OK, "%s", err.message);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM contacts WHERE name='Boss' AND"
                                       " first_name='Ana' AND last_name='R.' AND revision=2 AND"
                                       " emails='ana@x.example a@x.example'"),
                 1);
}

Test(host_apply, contact_that_is_linked_otherwise_is_denied)
{
    dph_item_contact_put put = contact_put("user-1", 0);
    cr_assert_eq(apply_one("op1", &put), DPH_OK, "%s", err.message);
    put = contact_put("user-2", 1);
    cr_expect_eq(apply_one("op2", &put), DPH_E_DENIED);
    put = contact_put("user-1", 0);
    put.contact_id = host_str("c2"); /* the link belongs to the other contact */
    cr_expect_eq(apply_one("op3", &put), DPH_E_CONFLICT);
    put = contact_put("user-1", 1);
    put.organization_id = host_str("org2");
    cr_expect_eq(apply_one("op4", &put), DPH_E_CONFLICT);
    host_box_sql(&box, "UPDATE contacts SET linked_by='other.plugin'");
    put = contact_put("user-1", 1);
    cr_expect_eq(apply_one("op5", &put), DPH_E_DENIED);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM contacts"), 1);
}

Test(host_apply, malformed_contact_is_invalid)
{
    static const char *const emails[] = {"nobody", "a@x,b@x", "a@x  b@x", "a@x ", "@x"};
    dph_item_contact_put put = contact_put("user-1", 0);
    for (size_t i = 0; i < sizeof emails / sizeof emails[0]; i++) {
        put.emails = host_str(emails[i]);
        cr_expect_eq(apply_one("op", &put), DPH_E_INVALID, "%s", emails[i]);
    }
    put = contact_put("", 0);
    cr_expect_eq(apply_one("op", &put), DPH_E_INVALID);
    put = contact_put("user-1", 0);
    put.name = host_str("");
    cr_expect_eq(apply_one("op", &put), DPH_E_INVALID);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM contacts"), 0);
}
