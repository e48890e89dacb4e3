/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes of many records or folders at once. Each is a change of its own through the one gate:
 * what is refused is named with its reason, the others are done (S1.64). */
#include "sample-host/src/commands_record.h"
#include "sample-host/src/rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bulk {
    host *h;
    const host_request *request;
    host_mutation change;
    const char *done; /* the word for what worked */
    json_t *rows;
    size_t refused;
    host_error first; /* why the first one was refused */
} bulk;

static void add_row(bulk *b, const char *wanted, bool ok, const host_error *err)
{
    bool is_rotation = b->change.op == DPH_OP_ROTATE_PASSWORD && err->status == DPH_E_DENIED;
    const char *outcome = ok ? b->done : is_rotation ? "Not Permitted" : "refused";
    if (!ok && b->refused == 0) {
        b->first = *err;
    }
    b->refused += ok ? 0 : 1;
    (void)json_array_append_new(
        b->rows, json_pack("{s:s,s:s,s:I,s:s}", "record", wanted, "outcome", outcome, "code",
                           (json_int_t)(ok ? 0 : err->code), "message", ok ? "" : err->message));
}

static void change_one(bulk *b, const char *wanted)
{
    host_error err = {0};
    host_reply detail;
    host_record_page page = {.count = 0};
    char id[HOST_OBJECT_ID_SIZE];
    host_call call;
    host_reply_init(&detail);
    host_call_for_request(&call, b->h, b->request, "");
    bool ok = host_commands_record(b->h, b->request, wanted, &page, &detail, &err);
    if (ok) {
        host_mutation m = b->change;
        m.object_id = page.rows[0].record_id.ptr;
        if (m.op == DPH_OP_MOVE && m.target_organization_id == NULL) {
            m.target_organization_id = page.rows[0].organization_id.ptr;
        }
        ok = host_mutate(b->h, &call, &m, id, &err);
    }
    add_row(b, wanted, ok, &err);
    host_record_page_done(&page);
    host_reply_done(&detail);
}

static int run(bulk *b, host_reply *reply)
{
    const json_t *records = json_object_get(b->request->args, "record");
    b->rows = json_array();
    for (size_t i = 0; i < json_array_size(records); i++) {
        change_one(b, json_string_value(json_array_get(records, i)));
    }
    json_t *body = host_commands_rows(b->rows);
    if (b->refused == 0) {
        return host_commands_done(reply, body, "");
    }
    host_error err;
    (void)host_error_set(&err, b->first.status, b->first.code, "%zu of %zu refused: %.300s",
                         b->refused, json_array_size(records), b->first.message);
    reply->body = body;
    return host_commands_fail(reply, &err);
}

int host_commands_password_bulk_delete(host *h, const host_request *request, host_reply *reply)
{
    bulk b = {.h = h,
              .request = request,
              .change = {.op = DPH_OP_DELETE, .object_kind = DPH_OBJECT_RECORD},
              .done = "deleted"};
    return run(&b, reply);
}

int host_commands_password_bulk_rotate(host *h, const host_request *request, host_reply *reply)
{
    bulk b = {.h = h,
              .request = request,
              .change = {.op = DPH_OP_ROTATE_PASSWORD, .object_kind = DPH_OBJECT_RECORD},
              .done = "rotated"};
    return run(&b, reply);
}

int host_commands_password_bulk_edit(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"name", "category", "username", "url", "notes", NULL};
    json_t *fields = host_commands_fields(request, names);
    bulk b = {.h = h,
              .request = request,
              .change = {.op = DPH_OP_EDIT, .object_kind = DPH_OBJECT_RECORD, .fields = fields},
              .done = "changed"};
    int exit_code = run(&b, reply);
    json_decref(fields);
    return exit_code;
}

int host_commands_password_bulk_move(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    char folder[HOST_OBJECT_ID_SIZE] = "";
    const char *to = host_commands_text(request, "to_org");
    const char *target = host_commands_text_or_empty(request, "folder");
    host_conn *conn = host_db_read_begin(h->db, &err);
    bool ok = conn != NULL && (to == NULL || host_object_find_organization(conn, request->viewer,
                                                                           to, organization, &err));
    ok = ok && (target[0] == '\0' ||
                host_object_find_folder(conn, &(host_object_place){request->viewer, organization},
                                        target, folder, &err));
    host_db_read_end(h->db, conn);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    bulk b = {.h = h,
              .request = request,
              .change = {.op = DPH_OP_MOVE,
                         .object_kind = DPH_OBJECT_RECORD,
                         .target_organization_id = to != NULL ? organization : NULL,
                         .target_folder_id = folder},
              .done = "moved"};
    return run(&b, reply);
}

/* Empty folders of one organization that the viewer sees; each deletion may empty a parent. */
static bool find_empty(bulk *b, const char *organization, char out[HOST_OBJECT_ID_SIZE],
                       host_error *err)
{
    char *list = json_dumps(b->rows, JSON_COMPACT);
    bool ok = list != NULL;
    host_conn *conn = ok ? host_db_read_begin(b->h->db, err) : NULL;
    ok =
        conn != NULL &&
        host_rows_text(
            conn, err, (host_rows_space){out, HOST_OBJECT_ID_SIZE},
            "SELECT id FROM folders f WHERE organization_id=?1 AND hidden=0 AND " HOST_VIEWER_SHOWN(
                "guard_owner", 2) " AND NOT EXISTS(SELECT 1 FROM folders WHERE parent_id=f.id)"
                                  " AND NOT EXISTS(SELECT 1 FROM passwords WHERE folder_id=f.id)"
                                  " AND id NOT IN (SELECT value->>'record' FROM json_each(?3))"
                                  " AND " HOST_VIEWER_OPEN("id", 4) " ORDER BY id LIMIT 1",
            "ssss", organization, host_viewer_hidden(b->request->viewer), list,
            host_viewer_closed(b->request->viewer));
    host_db_read_end(b->h->db, conn);
    free(list);
    return ok;
}

int host_commands_folder_clean(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE] = "-";
    bulk b = {.h = h,
              .request = request,
              .change = {.op = DPH_OP_DELETE, .object_kind = DPH_OBJECT_FOLDER},
              .done = "deleted",
              .rows = json_array()};
    bool ok = host_commands_organization(h, request, host_commands_text(request, "org"),
                                         organization, &err);
    while (ok && folder[0] != '\0') {
        char id[HOST_OBJECT_ID_SIZE];
        host_error why = {0};
        host_call call;
        folder[0] = '\0';
        ok = find_empty(&b, organization, folder, &err);
        if (ok && folder[0] != '\0') {
            host_call_for_request(&call, h, request, organization);
            b.change.object_id = folder;
            add_row(&b, folder, host_mutate(h, &call, &b.change, id, &why), &why);
        }
    }
    json_t *body = host_commands_rows(b.rows);
    if (!ok || b.refused > 0) {
        reply->body = body;
        return host_commands_fail(reply, ok ? &b.first : &err);
    }
    return host_commands_done(reply, body, "");
}

/* The change that one record and one more value make. */
static int change_record(host *h, const host_request *request, host_mutation *m, const char *other,
                         host_reply *reply)
{
    host_error err = {0};
    host_record_page page = {.count = 0};
    host_record_page second = {.count = 0};
    bool ok =
        host_commands_record(h, request, host_commands_text(request, "record"), &page, reply, &err);
    ok = ok && (other == NULL || host_commands_record(h, request, other, &second, reply, &err));
    if (!ok) {
        host_record_page_done(&page);
        host_record_page_done(&second);
        return host_commands_fail(reply, &err);
    }
    json_t *fields = NULL;
    m->object_id = page.rows[0].record_id.ptr;
    if (other != NULL && m->op == DPH_OP_EDIT) {
        bool is_unlink = host_commands_flag(request, "remove");
        fields = json_pack("{s:s}", is_unlink ? "unlink" : "link", second.rows[0].record_id.ptr);
        m->fields = fields;
    } else if (other != NULL) {
        m->other_id = second.rows[0].record_id.ptr;
    }
    int exit_code = host_commands_mutate(h, request, m, reply);
    json_decref(fields);
    host_record_page_done(&page);
    host_record_page_done(&second);
    return exit_code;
}

int host_commands_password_merge(host *h, const host_request *request, host_reply *reply)
{
    host_mutation m = {.op = DPH_OP_MERGE, .object_kind = DPH_OBJECT_RECORD};
    return change_record(h, request, &m, host_commands_text(request, "into"), reply);
}

int host_commands_password_link(host *h, const host_request *request, host_reply *reply)
{
    host_mutation m = {.op = DPH_OP_EDIT, .object_kind = DPH_OBJECT_RECORD};
    return change_record(h, request, &m, host_commands_text(request, "to"), reply);
}

int host_commands_password_schedule(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    int64_t days = host_commands_int(request, "days", 0);
    if (days < 0 || days > HOST_ROTATION_DAYS_MAX) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "--days wants 1 to %d, or 0 for no schedule.", HOST_ROTATION_DAYS_MAX);
        return host_commands_fail(reply, &err);
    }
    json_t *fields = json_pack("{s:I}", "schedule", (json_int_t)days);
    host_mutation m = {
        .op = DPH_OP_ROTATE_PASSWORD, .object_kind = DPH_OBJECT_RECORD, .fields = fields};
    int exit_code = change_record(h, request, &m, NULL, reply);
    json_decref(fields);
    return exit_code;
}

/* What may be rotated: guarded records are no candidates (S1.64). */
int host_commands_password_rotation_list(host *h, const host_request *request, host_reply *reply)
{
    static const char *const names[] = {"id", "name", "organization", "#days", "#next_ms"};
    host_error err = {0};
    char organization[HOST_OBJECT_ID_SIZE] = "";
    const char *wanted = host_commands_text(request, "org");
    json_t *rows = json_array();
    bool ok = wanted == NULL || host_commands_organization(h, request, wanted, organization, &err);
    host_conn *conn = ok ? host_db_read_begin(h->db, &err) : NULL;
    ok = conn != NULL &&
         host_commands_list(
             conn,
             host_rows_query(conn, &err,
                             "SELECT p.id, p.name, o.name, coalesce(r.days,0),"
                             " coalesce(r.next_ms,0) FROM passwords p JOIN"
                             " organizations o ON o.id=p.organization_id LEFT JOIN"
                             " rotation_schedules r ON r.record_id=p.id WHERE"
                             " p.guard_owner='' AND p.archived=0 AND (?1='' OR"
                             " o.id=?1) AND " HOST_VIEWER_SEES("o.id", 2) " AND " HOST_VIEWER_OPEN(
                                 "p.folder_id", 3) " ORDER BY p.name, p.seq",
                             "sss", organization, host_viewer_organizations(request->viewer),
                             host_viewer_closed(request->viewer)),
             names, sizeof names / sizeof names[0], rows, &err);
    host_db_read_end(h->db, conn);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}
