/* SPDX-License-Identifier: Apache-2.0
 *
 * What run functions share. */
#include "sample-host/src/commands.h"

#include "sample-host/src/activity.h"

#include "support/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *host_commands_text(const host_request *request, const char *name)
{
    return json_string_value(json_object_get(request->args, name));
}

const char *host_commands_text_or_empty(const host_request *request, const char *name)
{
    const char *text = host_commands_text(request, name);
    return text != NULL ? text : "";
}

bool host_commands_flag(const host_request *request, const char *name)
{
    return json_is_true(json_object_get(request->args, name));
}

int64_t host_commands_int(const host_request *request, const char *name, int64_t fallback)
{
    const json_t *value = json_object_get(request->args, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}

int host_commands_done(host_reply *reply, json_t *body, const char *message)
{
    reply->exit_code = HOST_EXIT_DONE;
    reply->status = DPH_OK;
    reply->body = body;
    (void)snprintf(reply->message, sizeof reply->message, "%s", message);
    return reply->exit_code;
}

int host_commands_fail(host_reply *reply, const host_error *err)
{
    reply->exit_code = err->code == HOST_CODE_USAGE ? HOST_EXIT_USAGE : HOST_EXIT_REFUSED;
    reply->status = err->status < 0 ? err->status : DPH_E_INTERNAL;
    reply->code = err->code;
    (void)snprintf(reply->message, sizeof reply->message, "%s",
                   err->message[0] != '\0' ? err->message : "It failed.");
    host_secret_done(&reply->secret);
    return reply->exit_code;
}

json_t *host_commands_rows(json_t *rows)
{
    return json_pack("{s:o}", "rows", rows);
}

typedef struct sorted_row {
    const char *text;
    size_t at;
    json_t *row;
} sorted_row;

static int compare_rows(const void *a, const void *b)
{
    const sorted_row *one = a;
    const sorted_row *other = b;
    int order = strcmp(one->text, other->text);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

void host_commands_sort(json_t *rows, const char *column)
{
    size_t count = json_array_size(rows);
    sorted_row *sorted = calloc(count + 1, sizeof *sorted);
    if (sorted == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(rows, i);
        const char *text = json_string_value(json_object_get(row, column));
        sorted[i] = (sorted_row){text != NULL ? text : "", i, json_incref(row)};
    }
    qsort(sorted, count, sizeof *sorted, compare_rows);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_set_new(rows, i, sorted[i].row);
    }
    free(sorted);
}

json_t *host_commands_json(dph_str text)
{
    return sup_utf8_valid(text.ptr, text.len) ? json_stringn(text.len > 0 ? text.ptr : "", text.len)
                                              : json_string("?");
}

static json_t *make_cell(sqlite3_stmt *stmt, int column, char mark)
{
    if (mark == '#') {
        return json_integer(sqlite3_column_int64(stmt, column));
    }
    if (mark == '?') {
        return json_boolean(sqlite3_column_int(stmt, column) != 0);
    }
    return host_commands_json(host_rows_str(stmt, column));
}

bool host_commands_list(host_conn *conn, sqlite3_stmt *stmt, const char *const *names, size_t count,
                        json_t *rows, host_error *err)
{
    bool row = true;
    while (stmt != NULL && row) {
        if (!host_rows_next(conn, stmt, &row, err)) {
            return false;
        }
        json_t *object = row ? json_object() : NULL;
        for (size_t i = 0; row && i < count; i++) {
            bool is_marked = names[i][0] == '#' || names[i][0] == '?';
            (void)json_object_set_new(object, names[i] + (is_marked ? 1 : 0),
                                      make_cell(stmt, (int)i, names[i][0]));
        }
        if (row) {
            (void)json_array_append_new(rows, object);
        }
    }
    return stmt != NULL;
}

bool host_commands_organization(host *h, const host_request *request, const char *wanted, char *out,
                                host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok =
        conn != NULL && host_object_find_organization(conn, request->viewer, wanted, out, err);
    host_db_read_end(h->db, conn);
    return ok;
}

json_t *host_commands_fields(const host_request *request, const char *const *names)
{
    json_t *fields = json_object();
    for (size_t i = 0; names[i] != NULL; i++) {
        json_t *value = json_object_get(request->args, names[i]);
        if (json_is_string(value)) {
            (void)json_object_set(fields, names[i], value);
        }
    }
    return fields;
}

int host_commands_mutate(host *h, const host_request *request, const host_mutation *mutation,
                         host_reply *reply)
{
    host_error err = {0};
    char id[HOST_OBJECT_ID_SIZE] = "";
    host_call call;
    const char *organization = mutation->target_organization_id;
    host_call_for_request(&call, h, request, organization != NULL ? organization : "");
    if (!host_mutate(h, &call, mutation, id, &err)) {
        if (err.status == DPH_E_DENIED && mutation->op == DPH_OP_EDIT && reply->body == NULL) {
            reply->body = json_pack("{s:o}", "refused_fields",
                                    host_mutate_refused_fields(h, &call, mutation));
        }
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "id", id), "");
}

void host_commands_log_refusal(host *h, const host_request *request, const char *subject,
                               const host_error *why)
{
    host_call call;
    host_error problem = {0};
    host_call_for_request(&call, h, request, "");
    host_activity entry = {.action = DPH_ACTIVITY_REFUSED,
                           .code = why->code,
                           .subject = host_str(subject),
                           .detail = host_str(why->message)};
    if (!host_activity_add_alone(h, &call.abi, &entry, &problem)) {
        host_log_line(DPH_LOG_ERROR, "refusal_not_logged", problem.message, NULL);
    }
}

bool host_commands_needs_all(host *h, const host_request *request, const char *subject,
                             host_error *err)
{
    if (request->viewer->sees_all) {
        return true;
    }
    (void)host_error_set(err, DPH_E_DENIED, HOST_CODE_ROLE,
                         "This needs a user who has access to every organization.");
    host_commands_log_refusal(h, request, subject, err);
    return false;
}
