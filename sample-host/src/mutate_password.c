/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes of password records that people own, and the flags of guarded ones. */
#include "sample-host/src/mutate_password.h"

#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/mutate_trash.h"
#include "sample-host/src/sealed.h"

#include <sodium.h>
#include <string.h>

#define ROTATED_LEN 24u
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const char *field_or_empty(const host_mutation *mutation, const char *name)
{
    const char *text = host_mutate_field(mutation, name);
    return text != NULL ? text : "";
}

static bool store_secret(host *h, host_conn *conn, const host_secret *secret, const char *id,
                         host_error *err)
{
    uint8_t sealed[HOST_SEALED_MAX];
    size_t len = 0;
    if (!host_sealed_make(h->keyring, id, secret, sealed, &len, err)) {
        return false;
    }
    dph_bytes bytes = {sealed, len};
    return host_rows_run(conn, err, "UPDATE passwords SET sealed_secret=?, secret_ms=? WHERE id=?",
                         "bis", &bytes, host_clock_wall_ms(), id);
}

static bool create(host *h, host_conn *conn, const host_mutation *m, const char *id,
                   host_error *err)
{
    int64_t now = host_clock_wall_ms();
    return host_rows_run(conn, err,
                         "INSERT INTO passwords(id, organization_id, folder_id, category, name,"
                         " username, notes, url, guard_owner, plugin_tag, plugin_data,"
                         " configuration_id, archived, revision, created_ms, updated_ms)"
                         " VALUES(?,?,?,?,?,?,?,?,'','','',?,0,1,?,?)",
                         "sssssssssii", id, m->target_organization_id, m->target_folder_id,
                         field_or_empty(m, "category"), host_mutate_field(m, "name"),
                         field_or_empty(m, "username"), field_or_empty(m, "notes"),
                         field_or_empty(m, "url"), field_or_empty(m, "configuration"), now, now) &&
           (m->secret == NULL || store_secret(h, conn, m->secret, id, err));
}

/* Links lie beside the record: the row itself, which a plugin may watch, stays as it is. */
static bool edit_links(host_conn *conn, const host_mutation *m, const char *id, host_error *err)
{
    const char *link = host_mutate_field(m, "link");
    const char *unlink = host_mutate_field(m, "unlink");
    return (link == NULL || host_rows_run(conn, err,
                                          "INSERT OR IGNORE INTO record_links VALUES(?1,?2),"
                                          "(?2,?1)",
                                          "ss", id, link)) &&
           (unlink == NULL || host_rows_run(conn, err,
                                            "DELETE FROM record_links WHERE (record_id=?1 AND"
                                            " other_id=?2) OR (record_id=?2 AND other_id=?1)",
                                            "ss", id, unlink));
}

static bool edit(host *h, host_conn *conn, const host_mutation *m, const char *id, host_error *err)
{
    if (host_mutate_field(m, "link") != NULL || host_mutate_field(m, "unlink") != NULL) {
        return edit_links(conn, m, id, err);
    }
    return host_rows_run(
               conn, err,
               "UPDATE passwords SET name=coalesce(?,name), username=coalesce(?,username),"
               " notes=coalesce(?,notes), url=coalesce(?,url),"
               " category=coalesce(?,category),"
               " configuration_id=coalesce(?,configuration_id), revision=revision+1,"
               " updated_ms=? WHERE id=?",
               "ssssssis", host_mutate_field(m, "name"), host_mutate_field(m, "username"),
               host_mutate_field(m, "notes"), host_mutate_field(m, "url"),
               host_mutate_field(m, "category"), host_mutate_field(m, "configuration"),
               host_clock_wall_ms(), id) &&
           (m->secret == NULL || store_secret(h, conn, m->secret, id, err));
}

/* A copy has an id of its own, so its secret is opened and sealed again. */
static bool copy_secret(host *h, host_conn *conn, const char *from, const char *to, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err, "SELECT sealed_secret FROM passwords WHERE id=? AND sealed_secret NOT NULL", "s",
        from);
    bool row = false;
    host_secret secret = {0};
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (!row) {
        return true;
    }
    dph_bytes sealed = host_rows_bytes(stmt, 0);
    bool ok = host_sealed_open(h->keyring, from, &sealed, &secret, err);
    host_rows_done(stmt);
    ok = ok && store_secret(h, conn, &secret, to, err);
    host_secret_done(&secret);
    return ok;
}

static bool copy(host *h, host_conn *conn, const host_mutation *m, const host_object *object,
                 const char *id, host_error *err)
{
    int64_t now = host_clock_wall_ms();
    return host_rows_run(conn, err,
                         "INSERT INTO passwords(id, organization_id, folder_id, category, name,"
                         " username, notes, url, guard_owner, plugin_tag, plugin_data,"
                         " configuration_id, archived, revision, created_ms, updated_ms)"
                         " SELECT ?1, ?2, ?3, category, name, username, notes, url, '', '', '',"
                         " CASE organization_id WHEN ?2 THEN configuration_id ELSE '' END, 0, 1,"
                         " ?4, ?4 FROM passwords WHERE id=?5",
                         "sssis", id, m->target_organization_id, m->target_folder_id, now,
                         object->id) &&
           copy_secret(h, conn, object->id, id, err);
}

static bool set_schedule(host_conn *conn, const char *id, int64_t days, host_error *err)
{
    if (days == 0) {
        return host_rows_run(conn, err, "DELETE FROM rotation_schedules WHERE record_id=?", "s",
                             id);
    }
    return host_rows_run(conn, err,
                         "INSERT INTO rotation_schedules VALUES(?,?,?) ON CONFLICT(record_id)"
                         " DO UPDATE SET days=excluded.days, next_ms=excluded.next_ms",
                         "sii", id, days, host_clock_wall_ms() + days * DAY_MS);
}

/* What stays keeps its texts and takes those that it has not; its secret likewise. What goes lies
 * in the trash: its secret may be the one that was right. */
static bool merge(const host_call *call, host_conn *conn, const host_mutation *m, const char *id,
                  host_error *err)
{
    host *h = call->owner;
    int64_t has_secret = 0;
    return host_rows_run(
               conn, err,
               "UPDATE passwords SET username=CASE passwords.username WHEN '' THEN s.username ELSE"
               " passwords.username END, notes=CASE passwords.notes WHEN '' THEN s.notes"
               " ELSE passwords.notes END, url=CASE passwords.url WHEN '' THEN s.url ELSE"
               " passwords.url END, revision=passwords.revision+1, updated_ms=?3 FROM"
               " (SELECT username, notes, url FROM passwords WHERE id=?1) AS s"
               " WHERE id=?2",
               "ssi", id, m->other_id, host_clock_wall_ms()) &&
           host_rows_number(conn, err, &has_secret,
                            "SELECT sealed_secret IS NOT NULL FROM passwords WHERE id=?", "s",
                            m->other_id) &&
           (has_secret != 0 || copy_secret(h, conn, id, m->other_id, err)) &&
           host_mutate_trash_put(conn, call, id, err);
}

static bool rotate(host *h, host_conn *conn, const host_mutation *m, const char *id,
                   host_error *err)
{
    const json_t *days = json_object_get(m->fields, "schedule");
    if (json_is_integer(days)) {
        return set_schedule(conn, id, (int64_t)json_integer_value(days), err);
    }
    static const char letters[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.";
    host_secret fresh = {0};
    bool ok = m->secret != NULL || host_secret_init(&fresh, ROTATED_LEN);
    for (uint32_t i = 0; ok && m->secret == NULL && i < ROTATED_LEN; i++) {
        fresh.ptr[i] = (unsigned char)letters[randombytes_uniform(sizeof letters - 1)];
        fresh.len = i + 1;
    }
    ok = ok && store_secret(h, conn, m->secret != NULL ? m->secret : &fresh, id, err) &&
         host_rows_run(conn, err,
                       "UPDATE passwords SET revision=revision+1, updated_ms=? WHERE id=?", "is",
                       host_clock_wall_ms(), id) &&
         host_rows_run(conn, err,
                       "UPDATE rotation_schedules SET next_ms=?+days*86400000 WHERE record_id=?",
                       "is", host_clock_wall_ms(), id);
    host_secret_done(&fresh);
    return ok;
}

static bool set_archived(host_conn *conn, bool archived, const host_object *object, host_error *err)
{
    if (object->is_archived == archived) {
        return host_error_set(err, DPH_E_CONFLICT, 0, "It is %s already.",
                              archived ? "archived" : "not archived");
    }
    return host_rows_run(conn, err,
                         "UPDATE passwords SET archived=?, revision=revision+1, updated_ms=?"
                         " WHERE id=?",
                         "iis", (int64_t)(archived ? 1 : 0), host_clock_wall_ms(), object->id);
}

bool host_mutate_password_write(const host_call *call, host_conn *conn, const host_mutation *m,
                                const host_object *object, const char *id, host_error *err)
{
    host *h = call->owner;
    switch (m->op) {
    case DPH_OP_CREATE:
        return m->trashed_id != NULL ? host_mutate_trash_restore(conn, id, m->target_folder_id, err)
                                     : create(h, conn, m, id, err);
    case DPH_OP_EDIT:
        return edit(h, conn, m, id, err);
    case DPH_OP_COPY:
        return copy(h, conn, m, object, id, err);
    case DPH_OP_ROTATE_PASSWORD:
        return rotate(h, conn, m, id, err);
    case DPH_OP_ARCHIVE:
        return set_archived(conn, true, object, err);
    case DPH_OP_UNARCHIVE:
        return set_archived(conn, false, object, err);
    case DPH_OP_MOVE:
        return host_rows_run(conn, err,
                             "UPDATE passwords SET organization_id=?1, folder_id=?2,"
                             " configuration_id=CASE organization_id WHEN ?1 THEN"
                             " configuration_id ELSE '' END,"
                             " revision=revision+1, updated_ms=?3 WHERE id=?4",
                             "ssis", m->target_organization_id, m->target_folder_id,
                             host_clock_wall_ms(), id);
    case DPH_OP_DELETE:
        return host_mutate_trash_put(conn, call, id, err);
    case DPH_OP_PURGE:
        return host_mutate_trash_purge(conn, id, err);
    case DPH_OP_MERGE:
        return merge(call, conn, m, id, err);
    default:
        return host_error_set(err, DPH_E_UNSUPPORTED, 0, "Passwords do not offer that.");
    }
}
