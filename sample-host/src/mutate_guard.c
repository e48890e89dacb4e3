/* SPDX-License-Identifier: Apache-2.0
 *
 * Who guards what a change touches, and what they say. */
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/mutate.h"
#include "sample-host/src/plugins.h"

#include <stdio.h>
#include <string.h>

/* UNION, not UNION ALL: the walks end in any graph, so they need no limit that somebody could build
 * folders deeper than. */
static const char chain_sql[] = "WITH RECURSIVE chain(id, parent, owner) AS ("
                                " SELECT id, parent_id, guard_owner FROM folders WHERE id=?1"
                                " UNION SELECT f.id, f.parent_id, f.guard_owner FROM folders f"
                                " JOIN chain ON f.id=chain.parent)"
                                "SELECT DISTINCT owner FROM chain WHERE owner<>'' ORDER BY owner";

static const char below_sql[] =
    "WITH RECURSIVE below(id) AS ("
    " SELECT id FROM folders WHERE parent_id=?1"
    " UNION SELECT f.id FROM folders f JOIN below ON f.parent_id=below.id)"
    "SELECT guard_owner FROM folders WHERE id IN (SELECT id FROM below) AND guard_owner<>''"
    " UNION SELECT guard_owner FROM passwords"
    " WHERE (folder_id=?1 OR folder_id IN (SELECT id FROM below)) AND guard_owner<>'' ORDER BY 1";

static const char organization_sql[] =
    "SELECT guard_owner FROM folders WHERE organization_id=?1 AND guard_owner<>''"
    " UNION SELECT guard_owner FROM passwords WHERE organization_id=?1 AND guard_owner<>''"
    " ORDER BY 1";

static const char category_sql[] =
    "SELECT guard_owner FROM categories WHERE name=?1 AND guard_owner<>''";

static bool has_guard(const host_mutate_facts *facts, uint32_t relation, const char *owner)
{
    for (size_t i = 0; i < facts->guard_count; i++) {
        if (facts->guards[i].relation == relation && strcmp(facts->guards[i].owner, owner) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_guard(host_mutate_facts *facts, uint32_t relation, const char *owner,
                      host_error *err)
{
    if (has_guard(facts, relation, owner)) {
        return true;
    }
    if (facts->guard_count == HOST_MUTATE_GUARDS_MAX) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "Too many plugins guard this.");
    }
    host_mutate_guard *guard = &facts->guards[facts->guard_count];
    guard->relation = relation;
    (void)snprintf(guard->owner, sizeof guard->owner, "%s", owner);
    facts->guard_count++;
    return true;
}

/* Every owner that the statement names stands in that relation. */
static bool add_owners(host_conn *conn, host_mutate_facts *facts, uint32_t relation,
                       const char *sql, const char *argument, host_error *err)
{
    if (argument == NULL || argument[0] == '\0') {
        return true;
    }
    sqlite3_stmt *stmt = host_rows_query(conn, err, sql, "s", argument);
    bool row = true;
    bool ok = stmt != NULL;
    while (ok && row) {
        ok = host_rows_next(conn, stmt, &row, err) &&
             (!row || add_guard(facts, relation, host_rows_column(stmt, 0), err));
    }
    host_rows_done(stmt);
    return ok;
}

/* What the viewer does not see is not there, however its id was come by. */
static bool check_seen(const host_viewer *viewer, const host_object *object, uint32_t kind,
                       host_error *err)
{
    bool is_folder = object->kind == DPH_OBJECT_FOLDER;
    return host_viewer_sees(viewer, object->organization_id) &&
                   host_viewer_shown(viewer, object->guard_owner) &&
                   host_viewer_open(viewer, is_folder ? object->id : object->folder_id)
               ? true
               : host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no %s \"%s\".",
                                host_object_kind_name(kind), object->id);
}

static bool check_target(host_conn *conn, const host_viewer *viewer, const host_mutation *mutation,
                         host_error *err)
{
    char found[HOST_OBJECT_ID_SIZE];
    host_object folder;
    const char *organization = mutation->target_organization_id;
    const char *target = mutation->target_folder_id;
    if (organization != NULL && organization[0] != '\0' &&
        !host_object_find_organization(conn, viewer, organization, found, err)) {
        return false;
    }
    if (target == NULL || target[0] == '\0') {
        return true;
    }
    if (!host_object_load(conn, DPH_OBJECT_FOLDER, target, &folder, err) ||
        !check_seen(viewer, &folder, DPH_OBJECT_FOLDER, err)) {
        return false;
    }
    return organization != NULL && strcmp(folder.organization_id, organization) == 0
               ? true
               : host_error_set(err, DPH_E_INVALID, 0,
                                "The target folder belongs to another organization.");
}

/* The record that a merge leaves is as much changed as the one that it takes. An organization that
 * takes another one in keeps all that it has. */
static bool add_other(host_conn *conn, const host_viewer *viewer, const host_mutation *mutation,
                      host_mutate_facts *out, host_error *err)
{
    host_object other;
    if (!host_object_load(conn, mutation->object_kind, mutation->other_id, &other, err) ||
        !check_seen(viewer, &other, mutation->object_kind, err)) {
        return false;
    }
    bool is_record = mutation->object_kind == DPH_OBJECT_RECORD;
    if (strcmp(other.id, out->object.id) == 0 ||
        (is_record && strcmp(other.organization_id, out->object.organization_id) != 0)) {
        return host_error_set(err, DPH_E_INVALID, 0, "%s can be merged.",
                              is_record ? "Two records of one organization"
                                        : "Two different organizations");
    }
    return other.guard_owner[0] == '\0' ||
           add_guard(out, DPH_RELATION_SELF, other.guard_owner, err);
}

bool host_mutate_collect(host_conn *conn, const host_viewer *viewer, const host_mutation *mutation,
                         host_mutate_facts *out, host_error *err)
{
    bool is_new = mutation->op == DPH_OP_CREATE;
    uint32_t kind = mutation->op == DPH_OP_PURGE ? HOST_OBJECT_TRASHED : mutation->object_kind;
    if (!is_new && (!host_object_load(conn, kind, mutation->object_id, &out->object, err) ||
                    !check_seen(viewer, &out->object, kind, err))) {
        return false;
    }
    if (!check_target(conn, viewer, mutation, err)) {
        return false;
    }
    const host_object *object = &out->object;
    bool ok = object->guard_owner[0] == '\0' ||
              add_guard(out, DPH_RELATION_SELF, object->guard_owner, err);
    if (ok && object->guard_owner[0] == '\0') {
        ok = add_owners(conn, out, DPH_RELATION_INSIDE, chain_sql, object->folder_id, err);
    }
    ok = ok &&
         add_owners(conn, out, DPH_RELATION_INSIDE, chain_sql, mutation->target_folder_id, err);
    if (ok && mutation->object_kind == DPH_OBJECT_RECORD) {
        ok = add_owners(conn, out, DPH_RELATION_INSIDE, category_sql,
                        host_mutate_field(mutation, "category"), err);
    }
    bool is_carried = mutation->op == DPH_OP_DELETE || mutation->op == DPH_OP_MOVE ||
                      mutation->op == DPH_OP_MERGE || mutation->op == DPH_OP_PURGE;
    ok = ok && (mutation->other_id == NULL || add_other(conn, viewer, mutation, out, err));
    if (ok && is_carried && object->kind == DPH_OBJECT_FOLDER && object->guard_owner[0] == '\0') {
        ok = add_owners(conn, out, DPH_RELATION_ANCESTOR, below_sql, object->id, err);
    }
    if (ok && is_carried && object->kind == DPH_OBJECT_ORGANIZATION) {
        ok = add_owners(conn, out, DPH_RELATION_ANCESTOR, organization_sql, object->id, err);
    }
    return ok;
}

static uint64_t read_clock(void *context)
{
    (void)context;
    return host_clock_mono_ns();
}

static dphl_guard guard_of(host *h, const char *owner)
{
    host_plugin *plugin = host_plugin_find(h, owner, strlen(owner));
    return (dphl_guard){.plugin_id = owner,
                        .plugin = plugin != NULL ? plugin->instance : NULL,
                        .hook = plugin != NULL ? plugin->guard : NULL,
                        .mono_ns = read_clock};
}

static bool deny(const dph_verdict *verdict, host_error *err)
{
    return host_error_set(err, DPH_E_DENIED, verdict->code, "%.255s", verdict->message);
}

/* Names of the fields that an edit changes; a secret counts as "password". */
static size_t list_fields(const host_mutation *mutation, dph_str *out, size_t cap)
{
    size_t count = 0;
    for (void *at = json_object_iter((json_t *)(uintptr_t)mutation->fields);
         at != NULL && count < cap;
         at = json_object_iter_next((json_t *)(uintptr_t)mutation->fields, at)) {
        out[count] = host_str(json_object_iter_key(at));
        count++;
    }
    if (mutation->secret != NULL && count < cap) {
        out[count] = host_str("password");
        count++;
    }
    return count;
}

bool host_mutate_ask(host *h, const host_call *call, const host_mutation *mutation,
                     const host_mutate_facts *facts, host_error *err)
{
    dph_str changed[16];
    const host_object *object = &facts->object;
    const char *organization = object->organization_id[0] != '\0'
                                   ? object->organization_id
                                   : mutation->target_organization_id;
    dph_op op = {.struct_size = sizeof op,
                 .kind = mutation->op,
                 .object_kind = mutation->object_kind,
                 .object_id = host_str(object->id),
                 .organization_id = host_str(organization),
                 .folder_id = host_str(object->folder_id),
                 .target_organization_id = host_str(mutation->target_organization_id),
                 .target_folder_id = host_str(mutation->target_folder_id),
                 .plugin_tag = host_str(object->plugin_tag),
                 .changed_fields = changed,
                 .changed_count =
                     list_fields(mutation, changed, sizeof changed / sizeof changed[0]),
                 .revision = object->revision};
    for (size_t i = 0; i < facts->guard_count; i++) {
        dph_verdict verdict;
        dphl_guard guard = guard_of(h, facts->guards[i].owner);
        op.relation = facts->guards[i].relation;
        op.guard_owner = host_str(facts->guards[i].owner);
        if (dphl_guard_check(&guard, &call->abi, &op, &verdict) == 0) {
            return deny(&verdict, err);
        }
    }
    return true;
}

/* Without the plugin's code: the claimed name itself, ignoring case, and blanks at the ends. */
static bool is_claimed(const char *claim, const dph_str *name)
{
    const char *text = name->ptr;
    size_t len = name->len;
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return strlen(claim) == len && sqlite3_strnicmp(claim, text, (int)len) == 0;
}

/* Who names something: "" for people. */
static bool check_claims(host *h, const dph_str *who, uint32_t kind, const dph_str *name,
                         host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    if (conn == NULL) {
        return false;
    }
    sqlite3_stmt *stmt = host_rows_query(
        conn, err, "SELECT name, plugin FROM reserved_claims WHERE kind=? AND plugin<>?", "id",
        (int64_t)kind, who);
    bool row = true;
    bool ok = stmt != NULL;
    while (ok && row) {
        ok = host_rows_next(conn, stmt, &row, err);
        if (ok && row && is_claimed(host_rows_column(stmt, 0), name)) {
            ok = host_error_set(err, DPH_E_DENIED, HOST_CODE_RESERVED_NAME,
                                "The name \"%.200s\" is a reserved name of the plugin %s.",
                                host_rows_column(stmt, 0), host_rows_column(stmt, 1));
        }
    }
    host_db_read_end(h->db, conn);
    return ok;
}

bool host_mutate_check_others(host *h, const dph_str *plugin, const dph_call *call,
                              uint32_t name_kind, const dph_str *name, host_error *err)
{
    const host_plugin *own = host_plugin_find(h, plugin->ptr, plugin->len);
    for (size_t i = 0; i < h->plugin_count; i++) {
        const host_plugin *other = h->plugins[i];
        if (other->guard == NULL || other == own) {
            continue;
        }
        dph_verdict verdict;
        dphl_guard guard = guard_of(h, other->id);
        if (dphl_guard_validate_name(&guard, call, name_kind, name, &verdict) == 0) {
            return deny(&verdict, err);
        }
    }
    return check_claims(h, plugin, name_kind, name, err);
}

bool host_mutate_check_name(host *h, const host_call *call, uint32_t name_kind, const char *name,
                            host_error *err)
{
    dph_str nobody = host_str("");
    dph_str text = host_str(name);
    return host_mutate_check_others(h, &nobody, &call->abi, name_kind, &text, err);
}
