/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about folders, and the list of what is in one. */
#include "sample-host/src/commands.h"
#include "sample-host/src/folder_page.h"
#include "sample-host/src/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const name_field[] = {"name", NULL};

typedef struct place {
    char organization[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE];
    char target[HOST_OBJECT_ID_SIZE];
} place;

/* Arguments that name an organization and folders become ids; what is not given stays "". */
static bool find_place(host *h, const host_request *request, const char *target_arg, place *out,
                       host_error *err)
{
    const char *organization = host_commands_text(request, "org");
    const char *to = host_commands_text(request, "to_org");
    const char *folder = host_commands_text(request, "folder");
    const char *target = host_commands_text(request, target_arg);
    memset(out, 0, sizeof *out);
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok =
        conn != NULL &&
        (organization == NULL || host_object_find_organization(conn, request->viewer, organization,
                                                               out->organization, err)) &&
        (folder == NULL ||
         host_object_find_folder(conn, &(host_object_place){request->viewer, out->organization},
                                 folder, out->folder, err));
    host_object object;
    if (ok && out->folder[0] != '\0') {
        ok = host_object_load(conn, DPH_OBJECT_FOLDER, out->folder, &object, err);
        (void)snprintf(out->organization, sizeof out->organization, "%s", object.organization_id);
    }
    if (ok && to != NULL) {
        ok = host_object_find_organization(conn, request->viewer, to, out->organization, err);
    }
    if (ok && target != NULL && target[0] != '\0') {
        ok = host_object_find_folder(conn, &(host_object_place){request->viewer, out->organization},
                                     target, out->target, err);
    }
    host_db_read_end(h->db, conn);
    return ok;
}

static int change(host *h, const host_request *request, uint32_t op, host_reply *reply)
{
    host_error err = {0};
    place where;
    if (!find_place(h, request, "parent", &where, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *fields = host_commands_fields(request, name_field);
    bool has_target = op == DPH_OP_CREATE || op == DPH_OP_MOVE;
    host_mutation m = {.op = op,
                       .object_kind = DPH_OBJECT_FOLDER,
                       .object_id = where.folder,
                       .target_organization_id = has_target ? where.organization : NULL,
                       .target_folder_id = has_target ? where.target : NULL,
                       .fields = fields};
    int exit_code = host_commands_mutate(h, request, &m, reply);
    json_decref(fields);
    return exit_code;
}

int host_commands_folder_add(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_CREATE, reply);
}

int host_commands_folder_rename(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_EDIT, reply);
}

int host_commands_folder_move(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_MOVE, reply);
}

int host_commands_folder_delete(host *h, const host_request *request, host_reply *reply)
{
    return change(h, request, DPH_OP_DELETE, reply);
}

/* Users become ids; groups are known by name. */
static bool add_named(host_conn *conn, const json_t *names, const char *kind, const char *sql,
                      json_t *out, host_error *err)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        char subject[HOST_OBJECT_TEXT_SIZE] = "";
        const char *name = json_string_value(json_array_get(names, i));
        if (!host_rows_text(conn, err, (host_rows_space){subject, sizeof subject}, sql, "s",
                            name)) {
            return false;
        }
        if (subject[0] == '\0') {
            return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no %s \"%.200s\".", kind,
                                  name);
        }
        (void)json_array_append_new(out, json_pack("{s:s,s:s}", "kind", kind, "subject", subject));
    }
    return true;
}

static bool read_security(host *h, const host_request *request, json_t *out, host_error *err)
{
    const json_t *users = json_object_get(request->args, "user");
    const json_t *groups = json_object_get(request->args, "group");
    if ((users != NULL || groups != NULL) == host_commands_flag(request, "everyone")) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "folder secure wants --user and --group, or --everyone.");
    }
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok =
        conn != NULL &&
        add_named(conn, users, "user",
                  "SELECT id FROM users WHERE id=?1 OR name=?1 ORDER BY id<>?1 LIMIT 1", out,
                  err) &&
        add_named(conn, groups, "group", "SELECT name FROM access_groups WHERE name=?1", out, err);
    host_db_read_end(h->db, conn);
    return ok;
}

int host_commands_folder_secure(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    place where;
    json_t *security = json_array();
    if (!find_place(h, request, "parent", &where, &err) ||
        !read_security(h, request, security, &err)) {
        json_decref(security);
        return host_commands_fail(reply, &err);
    }
    json_t *fields = json_pack("{s:o}", "security", security);
    host_mutation m = {.op = DPH_OP_EDIT,
                       .object_kind = DPH_OBJECT_FOLDER,
                       .object_id = where.folder,
                       .fields = fields};
    int exit_code = host_commands_mutate(h, request, &m, reply);
    json_decref(fields);
    return exit_code;
}

static const char tree_sql[] =
    "SELECT id, parent_id, name, guard_owner, coalesce((SELECT group_concat(coalesce(u.name,"
    " a.subject), ', ') FROM folder_access a LEFT JOIN users u ON a.kind='user' AND"
    " u.id=a.subject WHERE a.folder_id=folders.id), '') FROM folders WHERE organization_id=?1"
    " AND hidden=0 AND " HOST_VIEWER_SHOWN("guard_owner", 2) " AND " HOST_VIEWER_OPEN(
        "id", 3) " ORDER BY parent_id, name, id";

int host_commands_folder_tree(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "parent_id", "name", "guarded_by", "seen_by"};
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE];
    if (!host_commands_organization(h, request, host_commands_text(request, "org"), organization,
                                    &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL &&
              host_commands_list(conn,
                                 host_rows_query(conn, &err, tree_sql, "sss", organization,
                                                 host_viewer_hidden(request->viewer),
                                                 host_viewer_closed(request->viewer)),
                                 names, sizeof names / sizeof names[0], rows, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    /* The plugin may hide its folder without a write, for example when the add-on has ended. */
    for (size_t i = json_array_size(rows); i > 0; i--) {
        host_view view = {.rows = NULL};
        const char *id = json_string_value(json_object_get(json_array_get(rows, i - 1), "id"));
        if (host_view_head(h, request, organization, id, &view, &err) && view.is_hidden) {
            (void)json_array_remove(rows, i - 1);
        }
        host_view_done(&view);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

/* The folder asked for, or the one that a plugin owns in the organization; "" = there is none. */
static bool choose_folder(host_conn *conn, const host_object_place *where, const char *wanted,
                          char *out, host_error *err)
{
    if (wanted == NULL) {
        return host_rows_text(conn, err, (host_rows_space){out, HOST_OBJECT_ID_SIZE},
                              "SELECT id FROM folders WHERE organization_id=? AND guard_owner<>''"
                              " AND hidden=0 AND " HOST_VIEWER_SHOWN(
                                  "guard_owner", 2) " ORDER BY guard_owner LIMIT 1",
                              "ss", where->organization_id, host_viewer_hidden(where->viewer));
    }
    return host_object_find_folder(conn, where, wanted, out, err);
}

typedef struct listing {
    host *h;
    const host_request *request;
    host_folder_query query;
    int64_t limit; /* 0 = all */
    json_t *rows;
    json_t *notices;
    json_t *facts;
    bool is_hidden;
    char next[HOST_FOLDER_CURSOR_SIZE];
} listing;

static bool take_view(listing *l, host_view *view)
{
    l->is_hidden = view->is_hidden;
    if (!view->is_hidden) {
        (void)json_array_extend(l->rows, view->rows);
        if (json_array_size(l->notices) == 0) {
            (void)json_array_extend(l->notices, view->notices);
            (void)json_array_extend(l->facts, view->facts);
        }
    }
    host_view_done(view);
    return !l->is_hidden;
}

/* Rows that the next page may have; 0 = the list is long enough. */
static int64_t next_limit(const listing *l)
{
    int64_t left =
        l->limit == 0 ? HOST_FOLDER_PAGE_MAX : l->limit - (int64_t)json_array_size(l->rows);
    return left > HOST_FOLDER_PAGE_MAX ? HOST_FOLDER_PAGE_MAX : left;
}

/* A page without rows still has a head when it is the first. */
static bool show_page(listing *l, const host_record_page *page, bool is_first, host_error *err)
{
    host_view view = {.rows = NULL};
    bool ok = true;
    if (page->count > 0) {
        ok = host_view_render(l->h, l->request, &(host_view_slice){page, 0, page->count}, &view,
                              err);
    } else if (is_first) {
        ok = host_view_head(l->h, l->request, l->query.organization_id, l->query.folder_id, &view,
                            err);
    }
    if (ok && view.rows != NULL) {
        (void)take_view(l, &view);
    } else {
        host_view_done(&view);
    }
    return ok;
}

static bool list_pages(listing *l, host_conn *conn, host_error *err)
{
    bool ok = true;
    bool more = true;
    bool is_first = true;
    for (; ok && more && !l->is_hidden; is_first = false) {
        host_record_page page = {.count = 0};
        l->query.limit = next_limit(l);
        if (l->query.limit <= 0) {
            break;
        }
        ok = host_folder_page(conn, &l->query, &page, err) && show_page(l, &page, is_first, err);
        more = ok && page.count == (size_t)l->query.limit;
        if (ok && page.count > 0) {
            host_folder_cursor_make(&page, l->query.sort, l->query.after);
            (void)snprintf(l->next, sizeof l->next, "%s", more ? l->query.after : "");
        }
        host_record_page_done(&page);
    }
    return ok;
}

static bool list_folder(listing *l, host_error *err)
{
    char organization[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE] = "";
    host_conn *conn = host_db_read_begin(l->h->db, err);
    bool ok =
        conn != NULL &&
        host_object_find_organization(conn, l->request->viewer,
                                      host_commands_text(l->request, "org"), organization, err) &&
        choose_folder(conn, &(host_object_place){l->request->viewer, organization},
                      host_commands_text(l->request, "folder"), folder, err);
    if (ok && folder[0] != '\0') {
        l->query.organization_id = organization;
        l->query.folder_id = folder;
        ok = list_pages(l, conn, err);
        l->query.organization_id = NULL; /* both live no longer than this function */
        l->query.folder_id = NULL;
    }
    host_db_read_end(l->h->db, conn);
    return ok;
}

/* Takes `list`; leaves it out when it is empty. */
static void add_when_any(json_t *body, const char *name, json_t *list)
{
    if (json_array_size(list) > 0) {
        (void)json_object_set(body, name, list);
    }
    json_decref(list);
}

int host_commands_folder_list(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    listing l = {.h = h,
                 .request = request,
                 .limit = host_commands_int(request, "limit", 0),
                 .rows = json_array(),
                 .notices = json_array(),
                 .facts = json_array()};
    l.query.with_archived = host_commands_flag(request, "archived");
    l.query.search = host_commands_text(request, "search");
    l.query.category = host_commands_text(request, "category");
    const char *sort = host_commands_text(request, "sort");
    const char *after = host_commands_text(request, "after");
    (void)snprintf(l.query.after, sizeof l.query.after, "%s", after != NULL ? after : "");
    bool ok = l.limit >= 0 ? true
                           : host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                                            "--limit wants a number from 1.");
    ok = ok && (sort == NULL || host_folder_sort_parse(sort, &l.query.sort)
                    ? true
                    : host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                                     "--sort is name, key_id, created or updated."));
    ok = ok && list_folder(&l, &err);
    if (!ok) {
        json_decref(l.rows);
        json_decref(l.notices);
        json_decref(l.facts);
        return host_commands_fail(reply, &err);
    }
    json_t *body = host_commands_rows(l.rows);
    add_when_any(body, "notices", l.notices);
    add_when_any(body, "facts", l.facts);
    if (l.next[0] != '\0' && !l.is_hidden) {
        (void)json_object_set_new(body, "next", json_string(l.next));
    }
    return host_commands_done(reply, body, "");
}
