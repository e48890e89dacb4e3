/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps themselves. A released step is never edited; a change is a new step. */
#include "sample-host/src/store/migrate.h"

/* seq is the row number that text search and paging use; ids are what people and plugins see. */
static const char step_1[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('changes', 0), ('settings_generation', 1);"
    "CREATE TABLE organizations(id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE,"
    " revision INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX organizations_name ON organizations(name);"
    "CREATE TABLE configurations(id TEXT PRIMARY KEY,"
    " organization_id TEXT NOT NULL REFERENCES organizations(id), name TEXT NOT NULL,"
    " hostname TEXT NOT NULL, serial TEXT NOT NULL, mac TEXT NOT NULL, manufacturer TEXT NOT NULL,"
    " model TEXT NOT NULL, archived INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE INDEX configurations_org ON configurations(organization_id, name, id);"
    "CREATE TABLE folders(id TEXT PRIMARY KEY,"
    " organization_id TEXT NOT NULL REFERENCES organizations(id), parent_id TEXT NOT NULL,"
    " name TEXT NOT NULL, guard_owner TEXT NOT NULL, hidden INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE INDEX folders_parent ON folders(organization_id, parent_id, name);"
    "CREATE UNIQUE INDEX folders_plugin ON folders(guard_owner, organization_id)"
    " WHERE guard_owner<>'';"
    "CREATE TABLE categories(id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE,"
    " guard_owner TEXT NOT NULL, revision INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX categories_name ON categories(name);"
    "CREATE TABLE passwords(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " organization_id TEXT NOT NULL REFERENCES organizations(id), folder_id TEXT NOT NULL,"
    " category TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
    " username TEXT NOT NULL COLLATE NOCASE, notes TEXT NOT NULL, url TEXT NOT NULL,"
    " sealed_secret BLOB, external_id TEXT, guard_owner TEXT NOT NULL, plugin_tag TEXT NOT NULL,"
    " plugin_data TEXT NOT NULL, configuration_id TEXT NOT NULL, archived INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX passwords_external ON passwords(guard_owner, external_id)"
    " WHERE external_id IS NOT NULL;"
    "CREATE INDEX passwords_all ON passwords(organization_id, folder_id, name, seq);"
    "CREATE INDEX passwords_current ON passwords(organization_id, folder_id, name, seq)"
    " WHERE archived=0;"
    "CREATE INDEX passwords_username ON passwords(username);"
    "CREATE INDEX passwords_configuration ON passwords(configuration_id)"
    " WHERE configuration_id<>'';";

static const char step_2[] =
    "CREATE VIRTUAL TABLE passwords_text USING fts5(name, username, content='passwords',"
    " content_rowid='seq', tokenize='trigram');"
    "INSERT INTO passwords_text(passwords_text) VALUES('rebuild');"
    "CREATE TRIGGER passwords_insert AFTER INSERT ON passwords BEGIN"
    " INSERT INTO passwords_text(rowid, name, username) VALUES(new.seq, new.name, new.username);"
    "END;"
    "CREATE TRIGGER passwords_delete AFTER DELETE ON passwords BEGIN"
    " INSERT INTO passwords_text(passwords_text, rowid, name, username)"
    " VALUES('delete', old.seq, old.name, old.username);"
    "END;"
    "CREATE TRIGGER passwords_update AFTER UPDATE OF name, username ON passwords"
    " WHEN old.name IS NOT new.name COLLATE BINARY"
    "  OR old.username IS NOT new.username COLLATE BINARY BEGIN"
    " INSERT INTO passwords_text(passwords_text, rowid, name, username)"
    " VALUES('delete', old.seq, old.name, old.username);"
    " INSERT INTO passwords_text(rowid, name, username) VALUES(new.seq, new.name, new.username);"
    "END;"
    "CREATE TABLE activity(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    " role INTEGER NOT NULL, source INTEGER NOT NULL, address TEXT NOT NULL,"
    " os_uid INTEGER NOT NULL, organization_id TEXT NOT NULL, action INTEGER NOT NULL,"
    " subject TEXT NOT NULL, object_id TEXT NOT NULL, detail TEXT NOT NULL,"
    " code INTEGER NOT NULL);"
    "CREATE INDEX activity_at ON activity(at_ms, id);"
    "CREATE INDEX activity_org ON activity(organization_id, at_ms, id);";

static const char step_3[] =
    "CREATE TABLE plugin_state(plugin TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,"
    " revision INTEGER NOT NULL, tombstone INTEGER NOT NULL, PRIMARY KEY(plugin, key))"
    " WITHOUT ROWID;"
    "CREATE TABLE apply_ops(plugin TEXT NOT NULL, op_key BLOB NOT NULL, hash BLOB NOT NULL,"
    " rows_changed INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(plugin, op_key))"
    " WITHOUT ROWID;"
    "CREATE INDEX apply_ops_at ON apply_ops(at_ms);"
    "CREATE TABLE sync_log(id INTEGER PRIMARY KEY, plugin TEXT NOT NULL, unit TEXT NOT NULL,"
    " reason INTEGER NOT NULL, dry_run INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL, outcome INTEGER NOT NULL, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, archived INTEGER NOT NULL, unmatched INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, key_reads INTEGER NOT NULL, store_changes INTEGER NOT NULL,"
    " summary TEXT NOT NULL);"
    "CREATE INDEX sync_log_unit ON sync_log(plugin, unit, id);"
    "CREATE TABLE settings(plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(plugin, key)) WITHOUT ROWID;"
    "CREATE TABLE plugins(id TEXT PRIMARY KEY, library_path TEXT NOT NULL,"
    " manifest_path TEXT NOT NULL, library_hash BLOB NOT NULL, manifest_hash BLOB NOT NULL,"
    " manifest TEXT NOT NULL, probed INTEGER NOT NULL, allowed INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE reserved_claims(plugin TEXT NOT NULL, kind INTEGER NOT NULL,"
    " name TEXT NOT NULL, PRIMARY KEY(plugin, kind, name)) WITHOUT ROWID;"
    "CREATE TABLE entitlements(feature TEXT PRIMARY KEY, state INTEGER NOT NULL,"
    " last_known INTEGER NOT NULL, last_known_ms INTEGER NOT NULL,"
    " valid_until_ms INTEGER NOT NULL) WITHOUT ROWID;";

/* Users, their rights, and what the activity log is asked for most. */
static const char step_4[] =
    "CREATE TABLE users(id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE,"
    " role INTEGER NOT NULL, all_organizations INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX users_name ON users(name);"
    "CREATE TABLE user_organizations(user_id TEXT NOT NULL, organization_id TEXT NOT NULL,"
    " PRIMARY KEY(user_id, organization_id)) WITHOUT ROWID;"
    "CREATE TABLE access_groups(name TEXT PRIMARY KEY COLLATE NOCASE,"
    " denies_passwords INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE user_groups(user_id TEXT NOT NULL, group_name TEXT NOT NULL COLLATE NOCASE,"
    " PRIMARY KEY(user_id, group_name)) WITHOUT ROWID;"
    "CREATE TABLE api_tokens(hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " user_id TEXT NOT NULL, created_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE rotation_schedules(record_id TEXT PRIMARY KEY, days INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE record_links(record_id TEXT NOT NULL, other_id TEXT NOT NULL,"
    " PRIMARY KEY(record_id, other_id)) WITHOUT ROWID;"
    "CREATE INDEX activity_actor ON activity(actor, at_ms, id);"
    "CREATE INDEX activity_action ON activity(action, at_ms, id);"
    "CREATE INDEX activity_object ON activity(object_id, action, at_ms);"
    "CREATE INDEX passwords_external_id ON passwords(external_id) WHERE external_id IS NOT NULL;"
    "ALTER TABLE passwords ADD COLUMN secret_ms INTEGER;";

/* A folder's other orders, so that a page reads the rows that it shows alone. */
static const char step_5[] =
    "CREATE INDEX passwords_by_key_id ON passwords(organization_id, folder_id, username, seq);"
    "CREATE INDEX passwords_by_created ON passwords(organization_id, folder_id, created_ms, seq);"
    "CREATE INDEX passwords_by_updated ON passwords(organization_id, folder_id, updated_ms, seq);";

/* When a unit is due again outlives the process, and old rows are found by their age. */
static const char step_6[] =
    "ALTER TABLE sync_log ADD COLUMN next_due_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sync_log ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sync_log ADD COLUMN slice_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sync_log ADD COLUMN settings_generation INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX sync_log_started ON sync_log(started_ms);";

/* What was deleted and can come back: out of the way of every list, its secret sealed as it was.
 * And who alone sees a folder; a folder without a row is open to all who may open the organization.
 * And whose entries of the log go out of sight with a subscription. */
static const char step_7[] =
    "CREATE TABLE trash(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " organization_id TEXT NOT NULL REFERENCES organizations(id), folder_id TEXT NOT NULL,"
    " category TEXT NOT NULL, name TEXT NOT NULL, username TEXT NOT NULL, notes TEXT NOT NULL,"
    " url TEXT NOT NULL, sealed_secret BLOB, configuration_id TEXT NOT NULL,"
    " archived INTEGER NOT NULL, revision INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " secret_ms INTEGER, deleted_ms INTEGER NOT NULL, deleted_by TEXT NOT NULL);"
    "CREATE INDEX trash_org ON trash(organization_id, deleted_ms);"
    "CREATE TABLE folder_access(folder_id TEXT NOT NULL, kind TEXT NOT NULL,"
    " subject TEXT NOT NULL COLLATE NOCASE, PRIMARY KEY(folder_id, kind, subject)) WITHOUT ROWID;"
    "ALTER TABLE activity ADD COLUMN plugin TEXT NOT NULL DEFAULT '';";

/* People of an organization. What a plugin knows one by is its link; one contact has it. */
static const char step_8[] =
    "CREATE TABLE contacts(id TEXT PRIMARY KEY,"
    " organization_id TEXT NOT NULL REFERENCES organizations(id), name TEXT NOT NULL,"
    " first_name TEXT NOT NULL, last_name TEXT NOT NULL, emails TEXT NOT NULL,"
    " linked_by TEXT NOT NULL, external_id TEXT NOT NULL, archived INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);"
    "CREATE INDEX contacts_org ON contacts(organization_id, name, id);"
    "CREATE UNIQUE INDEX contacts_link ON contacts(linked_by, external_id, organization_id)"
    " WHERE linked_by<>'';";

/* What became of organizations that others know by their old ids. */
static const char step_9[] = "CREATE TABLE merged_organizations(id TEXT PRIMARY KEY,"
                             " into_id TEXT NOT NULL REFERENCES organizations(id)) WITHOUT ROWID;"
                             "CREATE INDEX merged_organizations_into"
                             " ON merged_organizations(into_id);";

static const char *const steps[] = {step_1, step_2, step_3, step_4, step_5,
                                    step_6, step_7, step_8, step_9};

const char *const *host_migrate_steps(int *count)
{
    *count = (int)(sizeof steps / sizeof steps[0]);
    return steps;
}
