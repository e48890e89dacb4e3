/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the items of a batch, each with its expected revision. */
#include "sample-host/src/activity.h"
#include "sample-host/src/apply.h"

static bool fail_conflict(host_error *err, const char *what)
{
    return host_error_set(err, DPH_E_CONFLICT, 0, "%s was changed by someone else.", what);
}

static bool require(const host_apply_job *job, const char *sql, const dph_str *id, const char *what,
                    host_error *err)
{
    int64_t found = 0;
    if (!host_rows_number(job->conn, err, &found, sql, "d", id)) {
        return false;
    }
    return found != 0 ? true : host_error_set(err, DPH_E_NOT_FOUND, 0, "No such %s.", what);
}

bool host_apply_require_organization(const host_apply_job *job, const dph_str *id, host_error *err)
{
    return require(job, "SELECT 1 FROM organizations WHERE id=?", id, "organization", err);
}

static bool require_folder(const host_apply_job *job, const dph_item_record_put *item,
                           host_error *err)
{
    int64_t owned = -1;
    if (!host_rows_number(job->conn, err, &owned,
                          "SELECT guard_owner=? FROM folders WHERE id=? AND organization_id=?",
                          "ddd", job->plugin, &item->folder_id, &item->organization_id)) {
        return false;
    }
    if (owned < 0) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "No such folder in that organization.");
    }
    return owned == 1 ? true
                      : host_error_set(err, DPH_E_DENIED, 0, "That folder is not the plugin's.");
}

static bool require_configuration(const host_apply_job *job, const dph_item_record_put *item,
                                  host_error *err)
{
    int64_t found = 0;
    if (item->configuration_id.len == 0) {
        return true;
    }
    if (!host_rows_number(job->conn, err, &found,
                          "SELECT 1 FROM configurations WHERE id=? AND organization_id=?", "dd",
                          &item->configuration_id, &item->organization_id)) {
        return false;
    }
    return found != 0 ? true
                      : host_error_set(err, DPH_E_NOT_FOUND, 0,
                                       "No such configuration in that organization.");
}

static bool require_category(const host_apply_job *job, const dph_str *name, host_error *err)
{
    int64_t is_foreign = 0;
    if (!host_rows_number(job->conn, err, &is_foreign,
                          "SELECT guard_owner<>'' AND guard_owner<>? FROM categories WHERE name=?",
                          "dd", job->plugin, name)) {
        return false;
    }
    return is_foreign == 0
               ? true
               : host_error_set(err, DPH_E_DENIED, 0, "That category belongs to another plugin.");
}

static bool update_record(const host_apply_job *job, const dph_item_record_put *item,
                          host_error *err)
{
    int64_t archived = (item->flags & DPH_RECORD_ARCHIVED) != 0 ? 1 : 0;
    return host_rows_run(
        job->conn, err,
        "UPDATE passwords SET organization_id=?, folder_id=?, category=?, name=?, username=?,"
        " plugin_tag=?, plugin_data=?, configuration_id=?, archived=?, revision=revision+1,"
        " updated_ms=? WHERE guard_owner=? AND external_id=?",
        "ddddddddiidd", &item->organization_id, &item->folder_id, &item->category, &item->title,
        &item->username, &item->plugin_tag, &item->plugin_data, &item->configuration_id, archived,
        job->now_ms, job->plugin, &item->external_id);
}

static bool read_record(const host_apply_job *job, const dph_str *external_id,
                        int64_t *out_revision, host_error *err)
{
    if (host_apply_records_has(job, external_id) && !host_apply_records_flush(job, err)) {
        return false;
    }
    return host_rows_number(job->conn, err, out_revision,
                            "SELECT revision FROM passwords WHERE guard_owner=? AND external_id=?",
                            "dd", job->plugin, external_id);
}

static bool put_record(const host_apply_job *job, const dph_item_record_put *item, host_error *err)
{
    int64_t revision = 0;
    if (!host_apply_require_organization(job, &item->organization_id, err) ||
        !require_folder(job, item, err) || !require_configuration(job, item, err) ||
        !require_category(job, &item->category, err) ||
        !read_record(job, &item->external_id, &revision, err)) {
        return false;
    }
    if ((uint64_t)revision != item->expect_revision) {
        return fail_conflict(err, "A record");
    }
    if (revision != 0) {
        return update_record(job, item, err);
    }
    host_apply_records_add(job, item);
    return true;
}

static bool withdraw_record(const host_apply_job *job, const dph_item_record_withdraw *item,
                            host_error *err)
{
    int64_t revision = 0;
    if (!host_rows_number(job->conn, err, &revision,
                          "SELECT revision FROM passwords WHERE guard_owner=? AND external_id=?",
                          "dd", job->plugin, &item->external_id)) {
        return false;
    }
    if (revision == 0 || (uint64_t)revision != item->expect_revision) {
        return fail_conflict(err, "A record");
    }
    return host_rows_run(job->conn, err,
                         "DELETE FROM record_links WHERE EXISTS(SELECT 1 FROM passwords p WHERE"
                         " p.guard_owner=? AND p.external_id=? AND p.id IN (record_id, other_id))",
                         "dd", job->plugin, &item->external_id) &&
           host_rows_run(job->conn, err,
                         "DELETE FROM passwords WHERE guard_owner=? AND external_id=?", "dd",
                         job->plugin, &item->external_id);
}

static bool read_folder(const host_apply_job *job, const dph_item_folder_put *item,
                        int64_t *out_revision, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        job->conn, err, "SELECT revision, guard_owner=?, organization_id=? FROM folders WHERE id=?",
        "ddd", job->plugin, &item->organization_id, &item->folder_id);
    bool row = false;
    if (stmt == NULL || !host_rows_next(job->conn, stmt, &row, err)) {
        return false;
    }
    bool is_own = !row || sqlite3_column_int(stmt, 1) != 0;
    bool is_same = !row || sqlite3_column_int(stmt, 2) != 0;
    *out_revision = row ? sqlite3_column_int64(stmt, 0) : 0;
    host_rows_done(stmt);
    if (!is_own) {
        return host_error_set(err, DPH_E_DENIED, 0, "That folder is not the plugin's.");
    }
    return is_same ? true : fail_conflict(err, "The folder's organization");
}

static bool put_folder(const host_apply_job *job, const dph_item_folder_put *item, host_error *err)
{
    int64_t revision = 0;
    int64_t other = 0;
    int64_t hidden = (item->flags & DPH_FOLDER_HIDDEN) != 0 ? 1 : 0;
    if (!host_apply_require_organization(job, &item->organization_id, err) ||
        !read_folder(job, item, &revision, err) ||
        !host_rows_number(job->conn, err, &other,
                          "SELECT 1 FROM folders WHERE guard_owner=? AND organization_id=?"
                          " AND id<>?",
                          "ddd", job->plugin, &item->organization_id, &item->folder_id)) {
        return false;
    }
    if ((uint64_t)revision != item->expect_revision || other != 0) {
        return fail_conflict(err, "The folder");
    }
    if (revision == 0) {
        return host_rows_run(job->conn, err,
                             "INSERT INTO folders(id, organization_id, parent_id, name,"
                             " guard_owner, hidden, revision, created_ms, updated_ms)"
                             " VALUES(?,?,'',?,?,?,1,?,?)",
                             "ddddiii", &item->folder_id, &item->organization_id, &item->name,
                             job->plugin, hidden, job->now_ms, job->now_ms);
    }
    return host_rows_run(job->conn, err,
                         "UPDATE folders SET name=?, hidden=?, revision=revision+1, updated_ms=?"
                         " WHERE id=?",
                         "diid", &item->name, hidden, job->now_ms, &item->folder_id);
}

static bool check_state(const host_apply_job *job, const dph_bytes *key, uint64_t expected,
                        bool must_live, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        job->conn, err, "SELECT revision, tombstone FROM plugin_state WHERE plugin=? AND key=?",
        "db", job->plugin, key);
    bool row = false;
    if (stmt == NULL || !host_rows_next(job->conn, stmt, &row, err)) {
        return false;
    }
    uint64_t revision = row ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
    bool is_live = row && sqlite3_column_int(stmt, 1) == 0;
    host_rows_done(stmt);
    return revision == expected && (is_live || !must_live) ? true
                                                           : fail_conflict(err, "A state value");
}

static bool write_state(const host_apply_job *job, const dph_item_state_put *item,
                        int64_t tombstone, host_error *err)
{
    return host_rows_run(job->conn, err,
                         "INSERT INTO plugin_state(plugin, key, value, revision, tombstone)"
                         " VALUES(?,?,?,?,?) ON CONFLICT(plugin, key) DO UPDATE SET"
                         " value=excluded.value, revision=excluded.revision,"
                         " tombstone=excluded.tombstone",
                         "dbbii", job->plugin, &item->key, &item->value,
                         (int64_t)item->expect_revision + 1, tombstone);
}

static bool remove_state(const host_apply_job *job, const dph_item_state_remove *item,
                         host_error *err)
{
    dph_item_state_put empty = {.expect_revision = item->expect_revision, .key = item->key};
    return check_state(job, &item->key, item->expect_revision, true, err) &&
           write_state(job, &empty, 1, err);
}

static bool add_activity(const host_apply_job *job, const dph_item_activity *item, host_error *err)
{
    host_activity entry = {.action = item->action,
                           .organization_id = item->organization_id,
                           .subject = item->subject,
                           .object_id = item->external_id,
                           .detail = item->detail,
                           .plugin = *job->plugin};
    if (item->organization_id.len > 0 &&
        !host_apply_require_organization(job, &item->organization_id, err)) {
        return false;
    }
    return host_activity_add(job->conn, job->call, &entry, err);
}

static bool create_configuration(const host_apply_job *job,
                                 const dph_item_configuration_create *item, host_error *err)
{
    int64_t exists = 0;
    if (!host_apply_require_organization(job, &item->organization_id, err) ||
        !host_rows_number(job->conn, err, &exists, "SELECT 1 FROM configurations WHERE id=?", "d",
                          &item->configuration_id)) {
        return false;
    }
    if (exists != 0) {
        return fail_conflict(err, "A configuration");
    }
    return host_rows_run(
        job->conn, err,
        "INSERT INTO configurations(id, organization_id, name, hostname, serial, mac,"
        " manufacturer, model, archived, revision, created_ms, updated_ms)"
        " VALUES(?,?,?,?,?,?,?,?,0,1,?,?)",
        "ddddddddii", &item->configuration_id, &item->organization_id, &item->name, &item->hostname,
        &item->serial, &item->mac, &item->manufacturer, &item->model, job->now_ms, job->now_ms);
}

bool host_apply_item_write(const host_apply_job *job, const dph_item *item, host_error *err)
{
    const void *whole = item;
    if (item->kind == DPH_ITEM_RECORD_PUT) {
        return put_record(job, whole, err);
    }
    if (item->kind == DPH_ITEM_FOLDER_PUT) {
        return put_folder(job, whole, err);
    }
    if (item->kind == DPH_ITEM_STATE_PUT) {
        const dph_item_state_put *put = whole;
        return check_state(job, &put->key, put->expect_revision, false, err) &&
               write_state(job, put, 0, err);
    }
    if (item->kind == DPH_ITEM_STATE_REMOVE) {
        return remove_state(job, whole, err);
    }
    if (item->kind == DPH_ITEM_ACTIVITY) {
        return add_activity(job, whole, err);
    }
    if (item->kind == DPH_ITEM_CONTACT_PUT) {
        return host_apply_contact_write(job, whole, err);
    }
    if (item->kind == DPH_ITEM_RECORD_WITHDRAW) {
        return withdraw_record(job, whole, err);
    }
    return create_configuration(job, whole, err);
}
