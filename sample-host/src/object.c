/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading and finding objects. */
#include "sample-host/src/object.h"

#include <stdio.h>
#include <string.h>

/* id, organization, folder, guard owner, external id, tag, name, revision, archived */
static const char *select_of_kind(uint32_t kind)
{
    switch (kind) {
    case DPH_OBJECT_RECORD:
        return "SELECT id, organization_id, folder_id, guard_owner, coalesce(external_id,''),"
               " plugin_tag, name, revision, archived FROM passwords WHERE id=?";
    case DPH_OBJECT_FOLDER:
        return "SELECT id, organization_id, parent_id, guard_owner, '', '', name, revision, 0"
               " FROM folders WHERE id=?";
    case DPH_OBJECT_CATEGORY:
        return "SELECT id, '', '', guard_owner, '', '', name, revision, 0 FROM categories"
               " WHERE id=?";
    case DPH_OBJECT_ORGANIZATION:
        return "SELECT id, id, '', '', '', '', name, revision, 0 FROM organizations WHERE id=?";
    case HOST_OBJECT_TRASHED:
        return "SELECT id, organization_id, folder_id, '', '', '', name, revision, archived"
               " FROM trash WHERE id=?";
    case HOST_OBJECT_CONTACT:
        return "SELECT id, organization_id, '', '', '', '', name, revision, archived"
               " FROM contacts WHERE id=?";
    default:
        return "SELECT id, organization_id, '', '', '', '', name, revision, archived"
               " FROM configurations WHERE id=?";
    }
}

const char *host_object_kind_name(uint32_t kind)
{
    static const char *const names[] = {"object",           "password",     "folder",
                                        "category",         "organization", "configuration",
                                        "deleted password", "contact"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : names[0];
}

static void copy_column(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s", host_rows_column(stmt, column));
}

bool host_object_load(host_conn *conn, uint32_t kind, const char *id, host_object *out,
                      host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(conn, err, select_of_kind(kind), "s", id);
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (!row) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no %s \"%s\".",
                              host_object_kind_name(kind), id);
    }
    memset(out, 0, sizeof *out);
    out->kind = kind == HOST_OBJECT_TRASHED ? DPH_OBJECT_RECORD : kind;
    copy_column(stmt, 0, out->id, sizeof out->id);
    copy_column(stmt, 1, out->organization_id, sizeof out->organization_id);
    copy_column(stmt, 2, out->folder_id, sizeof out->folder_id);
    copy_column(stmt, 3, out->guard_owner, sizeof out->guard_owner);
    copy_column(stmt, 4, out->external_id, sizeof out->external_id);
    copy_column(stmt, 5, out->plugin_tag, sizeof out->plugin_tag);
    copy_column(stmt, 6, out->name, sizeof out->name);
    out->revision = (uint64_t)sqlite3_column_int64(stmt, 7);
    out->is_archived = sqlite3_column_int(stmt, 8) != 0;
    host_rows_done(stmt);
    return true;
}

/* A statement that yields ids, best first: an exact id wins, else the name must be the only one. */
static bool take_only(host_conn *conn, sqlite3_stmt *stmt, const char *wanted, const char *what,
                      char *out_id, host_error *err)
{
    bool row = false;
    if (stmt == NULL || !host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    if (!row) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no %s \"%s\".", what, wanted);
    }
    (void)snprintf(out_id, HOST_OBJECT_ID_SIZE, "%s", host_rows_column(stmt, 0));
    if (strcmp(out_id, wanted) == 0) {
        host_rows_done(stmt);
        return true;
    }
    if (!host_rows_next(conn, stmt, &row, err)) {
        return false;
    }
    host_rows_done(stmt);
    return !row ? true
                : host_error_set(err, DPH_E_CONFLICT, HOST_CODE_AMBIGUOUS,
                                 "More than one %s is called \"%s\"; give its id.", what, wanted);
}

bool host_object_find_organization(host_conn *conn, const host_viewer *viewer,
                                   const char *id_or_name, char *out_id, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT id FROM organizations WHERE (id=?1 OR name=?1) AND " HOST_VIEWER_SEES(
            "id", 2) " ORDER BY id<>?1 LIMIT 2",
        "ss", id_or_name, host_viewer_organizations(viewer));
    return take_only(conn, stmt, id_or_name, "organization", out_id, err);
}

bool host_object_find_folder(host_conn *conn, const host_object_place *place,
                             const char *id_or_name, char *out_id, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT id FROM folders WHERE (?2='' OR organization_id=?2) AND (id=?1 OR name=?1)"
        " AND hidden=0 AND " HOST_VIEWER_SEES("organization_id", 3) " AND " HOST_VIEWER_SHOWN(
            "guard_owner", 4) " AND " HOST_VIEWER_OPEN("id", 5) " ORDER BY id<>?1 LIMIT 2",
        "sssss", id_or_name, place->organization_id, host_viewer_organizations(place->viewer),
        host_viewer_hidden(place->viewer), host_viewer_closed(place->viewer));
    return take_only(conn, stmt, id_or_name, "folder", out_id, err);
}

bool host_object_find_configuration(host_conn *conn, const host_object_place *place,
                                    const char *id_or_name, char *out_id, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT id FROM configurations WHERE (?2='' OR organization_id=?2) AND (id=?1 OR name=?1)"
        " AND " HOST_VIEWER_SEES("organization_id", 3) " ORDER BY id<>?1 LIMIT 2",
        "sss", id_or_name, place->organization_id, host_viewer_organizations(place->viewer));
    return take_only(conn, stmt, id_or_name, "configuration", out_id, err);
}

bool host_object_find_contact(host_conn *conn, const host_object_place *place,
                              const char *id_or_name, char *out_id, host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT id FROM contacts WHERE (?2='' OR organization_id=?2) AND (id=?1 OR name=?1)"
        " AND " HOST_VIEWER_SEES("organization_id", 3) " ORDER BY id<>?1 LIMIT 2",
        "sss", id_or_name, place->organization_id, host_viewer_organizations(place->viewer));
    return take_only(conn, stmt, id_or_name, "contact", out_id, err);
}

bool host_object_find_category(host_conn *conn, const host_viewer *viewer, const char *id_or_name,
                               char *out_id, host_error *err)
{
    sqlite3_stmt *stmt =
        host_rows_query(conn, err,
                        "SELECT id FROM categories WHERE (id=?1 OR name=?1) AND " HOST_VIEWER_SHOWN(
                            "guard_owner", 2) " ORDER BY id<>?1 LIMIT 2",
                        "ss", id_or_name, host_viewer_hidden(viewer));
    return take_only(conn, stmt, id_or_name, "category", out_id, err);
}
