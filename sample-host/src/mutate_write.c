/* SPDX-License-Identifier: Apache-2.0
 *
 * The writes behind host_mutate. Nothing here decides whether they may happen. */
#include "sample-host/src/activity.h"
#include "sample-host/src/base/id.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/mutate.h"
#include "sample-host/src/mutate_access.h"
#include "sample-host/src/mutate_contact.h"
#include "sample-host/src/mutate_password.h"

#include <stdio.h>
#include <string.h>

static const char *field_or_empty(const host_mutation *mutation, const char *name)
{
    const char *text = host_mutate_field(mutation, name);
    return text != NULL ? text : "";
}

static bool refuse_when(host_conn *conn, const char *sql, const char *id, const char *sentence,
                        host_error *err)
{
    int64_t found = 0;
    if (!host_rows_number(conn, err, &found, sql, "s", id)) {
        return false;
    }
    return found == 0 ? true
                      : host_error_set(err, DPH_E_CONFLICT, HOST_CODE_NOT_EMPTY, "%s", sentence);
}

static const char contents_sql[] = "SELECT EXISTS(SELECT 1 FROM passwords WHERE organization_id=?1)"
                                   " OR EXISTS(SELECT 1 FROM folders WHERE organization_id=?1)"
                                   " OR EXISTS(SELECT 1 FROM configurations WHERE"
                                   " organization_id=?1)"
                                   " OR EXISTS(SELECT 1 FROM contacts WHERE organization_id=?1)"
                                   " OR EXISTS(SELECT 1 FROM trash WHERE organization_id=?1)";

/* Who could open the one that goes gets no access to the one that stays. */
static bool move_contents(host_conn *conn, const char *from, const char *into, host_error *err)
{
    static const char *const moves[] = {
        "UPDATE folders SET organization_id=?2, revision=revision+1 WHERE organization_id=?1",
        "UPDATE passwords SET organization_id=?2, revision=revision+1 WHERE organization_id=?1",
        "UPDATE configurations SET organization_id=?2, revision=revision+1"
        " WHERE organization_id=?1",
        "UPDATE trash SET organization_id=?2, revision=revision+1 WHERE organization_id=?1"};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof moves / sizeof moves[0]; i++) {
        ok = host_rows_run(conn, err, moves[i], "ss", from, into);
    }
    return ok && host_mutate_contact_move(conn, from, into, err);
}

/* Whoever knows it by its id finds the one that stays; nobody finds one that was deleted. */
static bool leave_trace(host_conn *conn, const host_mutation *m, const char *id, host_error *err)
{
    if (m->op == DPH_OP_DELETE) {
        return host_rows_run(conn, err, "DELETE FROM merged_organizations WHERE into_id=?", "s",
                             id);
    }
    return host_rows_run(conn, err, "UPDATE merged_organizations SET into_id=?2 WHERE into_id=?1",
                         "ss", id, m->other_id) &&
           host_rows_run(conn, err, "INSERT INTO merged_organizations VALUES(?,?)", "ss", id,
                         m->other_id);
}

/* What is none of the changes that a writer knows must not end as a deletion. */
static bool is_removal(const host_mutation *m, host_error *err)
{
    bool is_merge = m->op == DPH_OP_MERGE && m->object_kind == DPH_OBJECT_ORGANIZATION;
    return m->op == DPH_OP_DELETE || is_merge
               ? true
               : host_error_set(err, DPH_E_UNSUPPORTED, 0, "A %s does not offer that.",
                                host_object_kind_name(m->object_kind));
}

static bool write_organization(host_conn *conn, const host_mutation *m, const char *id, int64_t now,
                               host_error *err)
{
    if (m->op == DPH_OP_CREATE) {
        return host_rows_run(conn, err, "INSERT INTO organizations VALUES(?,?,1,?,?)", "ssii", id,
                             host_mutate_field(m, "name"), now, now);
    }
    if (m->op == DPH_OP_EDIT) {
        return host_rows_run(conn, err,
                             "UPDATE organizations SET name=coalesce(?,name),"
                             " revision=revision+1, updated_ms=? WHERE id=?",
                             "sis", host_mutate_field(m, "name"), now, id);
    }
    return is_removal(m, err) &&
           (m->op == DPH_OP_MERGE ? move_contents(conn, id, m->other_id, err)
                                  : refuse_when(conn, contents_sql, id,
                                                "The organization, or its trash, still contains"
                                                " something.",
                                                err)) &&
           leave_trace(conn, m, id, err) &&
           host_rows_run(conn, err, "DELETE FROM user_organizations WHERE organization_id=?", "s",
                         id) &&
           host_rows_run(conn, err, "DELETE FROM organizations WHERE id=?", "s", id);
}

static bool write_configuration(host_conn *conn, const host_mutation *m, const char *id,
                                int64_t now, host_error *err)
{
    if (m->op == DPH_OP_CREATE) {
        return host_rows_run(
            conn, err, "INSERT INTO configurations VALUES(?,?,?,?,?,?,?,?,0,1,?,?)", "ssssssssii",
            id, m->target_organization_id, host_mutate_field(m, "name"),
            field_or_empty(m, "hostname"), field_or_empty(m, "serial"), field_or_empty(m, "mac"),
            field_or_empty(m, "manufacturer"), field_or_empty(m, "model"), now, now);
    }
    if (m->op == DPH_OP_EDIT) {
        return host_rows_run(
            conn, err,
            "UPDATE configurations SET name=coalesce(?,name), hostname=coalesce(?,hostname),"
            " serial=coalesce(?,serial), mac=coalesce(?,mac),"
            " manufacturer=coalesce(?,manufacturer), model=coalesce(?,model),"
            " revision=revision+1, updated_ms=? WHERE id=?",
            "ssssssis", host_mutate_field(m, "name"), host_mutate_field(m, "hostname"),
            host_mutate_field(m, "serial"), host_mutate_field(m, "mac"),
            host_mutate_field(m, "manufacturer"), host_mutate_field(m, "model"), now, id);
    }
    return is_removal(m, err) &&
           host_rows_run(conn, err, "DELETE FROM configurations WHERE id=?", "s", id);
}

static bool write_category(host_conn *conn, const host_mutation *m, const host_object *object,
                           const char *id, host_error *err)
{
    if (m->op == DPH_OP_CREATE) {
        return host_rows_run(conn, err, "INSERT INTO categories VALUES(?,?,'',1)", "ss", id,
                             host_mutate_field(m, "name"));
    }
    if (m->op == DPH_OP_EDIT) {
        return host_rows_run(conn, err,
                             "UPDATE categories SET name=?, revision=revision+1 WHERE id=?", "ss",
                             host_mutate_field(m, "name"), id) &&
               host_rows_run(conn, err,
                             "UPDATE passwords SET category=?, revision=revision+1"
                             " WHERE category=? COLLATE NOCASE AND guard_owner=''",
                             "ss", host_mutate_field(m, "name"), object->name);
    }
    return is_removal(m, err) &&
           refuse_when(conn, "SELECT EXISTS(SELECT 1 FROM passwords WHERE category=?1)",
                       object->name, "The category is still used.", err) &&
           host_rows_run(conn, err, "DELETE FROM categories WHERE id=?", "s", id);
}

static bool move_folder(host_conn *conn, const host_mutation *m, const host_object *object,
                        int64_t now, host_error *err)
{
    int64_t is_below = 0;
    if (!host_rows_number(conn, err, &is_below,
                          "WITH RECURSIVE below(id) AS (SELECT ?1 UNION"
                          " SELECT f.id FROM folders f JOIN below ON f.parent_id=below.id)"
                          " SELECT 1 FROM below WHERE id=?2",
                          "ss", object->id, m->target_folder_id)) {
        return false;
    }
    if (is_below != 0) {
        return host_error_set(err, DPH_E_INVALID, 0, "A folder cannot be moved into itself.");
    }
    if (!host_rows_run(conn, err,
                       "UPDATE folders SET parent_id=?, revision=revision+1, updated_ms=?"
                       " WHERE id=?",
                       "sis", m->target_folder_id, now, object->id)) {
        return false;
    }
    if (strcmp(object->organization_id, m->target_organization_id) == 0) {
        return true;
    }
    return host_rows_run(conn, err,
                         "WITH RECURSIVE below(id) AS (SELECT ?1 UNION"
                         " SELECT f.id FROM folders f JOIN below ON f.parent_id=below.id)"
                         " UPDATE passwords SET organization_id=?2, configuration_id='',"
                         " revision=revision+1"
                         " WHERE folder_id IN (SELECT id FROM below)",
                         "ss", object->id, m->target_organization_id) &&
           host_rows_run(
               conn, err,
               "WITH RECURSIVE below(id) AS (SELECT ?1 UNION"
               " SELECT f.id FROM folders f JOIN below ON f.parent_id=below.id)"
               " UPDATE folders SET organization_id=?2 WHERE id IN (SELECT id FROM below)",
               "ss", object->id, m->target_organization_id);
}

static bool write_folder(host_conn *conn, const host_call *call, const host_mutation *m,
                         const host_object *object, const char *id, host_error *err)
{
    int64_t now = host_clock_wall_ms();
    const json_t *security = json_object_get(m->fields, "security");
    if (m->op == DPH_OP_CREATE) {
        return host_rows_run(conn, err, "INSERT INTO folders VALUES(?,?,?,?,'',0,1,?,?)", "ssssii",
                             id, m->target_organization_id, m->target_folder_id,
                             host_mutate_field(m, "name"), now, now) &&
               host_mutate_access_inherit(conn, id, m->target_folder_id, err);
    }
    if (m->op == DPH_OP_EDIT) {
        return host_rows_run(conn, err,
                             "UPDATE folders SET name=coalesce(?,name), revision=revision+1,"
                             " updated_ms=? WHERE id=?",
                             "sis", host_mutate_field(m, "name"), now, id) &&
               (security == NULL || host_mutate_access_set(conn, call, id, security, err));
    }
    if (m->op == DPH_OP_MOVE) {
        return move_folder(conn, m, object, now, err);
    }
    return is_removal(m, err) &&
           refuse_when(conn,
                       "SELECT EXISTS(SELECT 1 FROM passwords WHERE folder_id=?1)"
                       " OR EXISTS(SELECT 1 FROM folders WHERE parent_id=?1)",
                       id, "The folder still contains something.", err) &&
           refuse_when(conn,
                       "SELECT EXISTS(SELECT 1 FROM trash WHERE folder_id=?1)"
                       " AND EXISTS(SELECT 1 FROM folder_access WHERE folder_id=?1)",
                       id,
                       "Its security still guards what was deleted from it; restore or purge that"
                       " first.",
                       err) &&
           host_rows_run(conn, err, "DELETE FROM folder_access WHERE folder_id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM folders WHERE id=?", "s", id);
}

static uint32_t action_of(const host_mutation *m, const host_object *object)
{
    const char *name = host_mutate_field(m, "name");
    switch (m->op) {
    case DPH_OP_CREATE:
        return m->is_import            ? DPH_ACTIVITY_IMPORTED
               : m->trashed_id != NULL ? DPH_ACTIVITY_RESTORED
                                       : DPH_ACTIVITY_CREATED;
    case DPH_OP_PURGE:
        return DPH_ACTIVITY_PURGED;
    case DPH_OP_MERGE:
        return DPH_ACTIVITY_MERGED;
    case DPH_OP_EDIT:
        return name != NULL && strcmp(name, object->name) != 0 ? DPH_ACTIVITY_RENAMED
                                                               : DPH_ACTIVITY_UPDATED;
    case DPH_OP_DELETE:
        return DPH_ACTIVITY_DELETED;
    case DPH_OP_MOVE:
        return DPH_ACTIVITY_MOVED;
    case DPH_OP_COPY:
        return DPH_ACTIVITY_COPIED;
    case DPH_OP_ARCHIVE:
        return DPH_ACTIVITY_ARCHIVED;
    case DPH_OP_UNARCHIVE:
        return DPH_ACTIVITY_UNARCHIVED;
    default:
        return DPH_ACTIVITY_UPDATED;
    }
}

static bool add_entry(host_conn *conn, const host_call *call, const host_mutation *m,
                      const host_object *object, const char *id, host_error *err)
{
    char detail[HOST_OBJECT_TEXT_SIZE * 2 + 16] = "";
    const char *name = host_mutate_field(m, "name");
    uint32_t action = action_of(m, object);
    bool is_kept = m->object_kind != DPH_OBJECT_ORGANIZATION || m->op != DPH_OP_MERGE;
    const char *organization = is_kept ? object->organization_id : m->other_id;
    if (organization[0] == '\0') {
        organization = m->object_kind == DPH_OBJECT_ORGANIZATION ? id : m->target_organization_id;
    }
    if (action == DPH_ACTIVITY_RENAMED) {
        (void)snprintf(detail, sizeof detail, "%s -> %s", object->name, name);
    } else {
        (void)snprintf(detail, sizeof detail, "%s", host_object_kind_name(m->object_kind));
    }
    host_activity entry = {.action = action,
                           .organization_id = host_str(organization),
                           .subject = host_str(object->name[0] != '\0' ? object->name : name),
                           .object_id =
                               host_str(object->external_id[0] != '\0' ? object->external_id : id),
                           .detail = host_str(detail)};
    return host_activity_add(conn, &call->abi, &entry, err) &&
           host_activity_count_changes(conn, 2, err);
}

bool host_mutate_write(host_conn *conn, const host_call *call, const host_mutation *mutation,
                       const host_object *object, char *out_id, host_error *err)
{
    int64_t now = host_clock_wall_ms();
    bool ok = false;
    bool is_made = mutation->op == DPH_OP_CREATE || mutation->op == DPH_OP_COPY;
    if (is_made) {
        host_id_new(out_id);
    }
    if (mutation->trashed_id != NULL) {
        (void)snprintf(out_id, HOST_OBJECT_ID_SIZE, "%s", mutation->trashed_id);
    } else if (!is_made) {
        (void)snprintf(out_id, HOST_OBJECT_ID_SIZE, "%s", object->id);
    }
    switch (mutation->object_kind) {
    case DPH_OBJECT_ORGANIZATION:
        ok = write_organization(conn, mutation, out_id, now, err);
        break;
    case DPH_OBJECT_CONFIGURATION:
        ok = write_configuration(conn, mutation, out_id, now, err);
        break;
    case DPH_OBJECT_CATEGORY:
        ok = write_category(conn, mutation, object, out_id, err);
        break;
    case DPH_OBJECT_FOLDER:
        ok = write_folder(conn, call, mutation, object, out_id, err);
        break;
    case DPH_OBJECT_RECORD:
        ok = host_mutate_password_write(call, conn, mutation, object, out_id, err);
        break;
    case HOST_OBJECT_CONTACT:
        ok = host_mutate_contact_write(conn, mutation, out_id, now, err);
        break;
    default:
        return host_error_set(err, DPH_E_INVALID, 0, "There is no such kind of object.");
    }
    return ok && add_entry(conn, call, mutation, object, out_id, err);
}
