/* SPDX-License-Identifier: Apache-2.0
 *
 * find and reveal. */
#include "sample-host/src/activity.h"
#include "sample-host/src/audit.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/commands_match.h"
#include "sample-host/src/commands_record.h"
#include "sample-host/src/key_lookup.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/sealed.h"
#include "sample-host/src/view.h"

#include "support/guid.h"

#include <string.h>

static bool same_str(const dph_str *a, const dph_str *b)
{
    return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

static bool same_folder(const host_record_page *page, size_t a, size_t b)
{
    const dph_record_row *rows = page->rows;
    return same_str(&rows[a].folder_id, &rows[b].folder_id) &&
           same_str(&rows[a].guard_owner, &rows[b].guard_owner);
}

static bool find_rows(host *h, const host_request *request, host_record_page *page, json_t *rows,
                      host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL && host_key_lookup_part(conn, request->viewer,
                                                   host_commands_text(request, "key"), page, err);
    host_db_read_end(h->db, conn);
    if (ok && page->count > HOST_KEY_ROWS_MAX) {
        ok = host_error_set(err, DPH_E_TOO_LARGE, 0,
                            "More than %d keys fit; give more of the Key ID.", HOST_KEY_ROWS_MAX);
    }
    for (size_t from = 0; ok && from < page->count;) {
        size_t to = from + 1;
        while (to < page->count && same_folder(page, from, to)) {
            to++;
        }
        host_view view = {.rows = NULL};
        ok = host_view_render(h, request, &(host_view_slice){page, from, to}, &view, err);
        if (ok && !view.is_hidden) {
            (void)json_array_extend(rows, view.rows);
        }
        host_view_done(&view);
        from = to;
    }
    return ok;
}

/* Keys that have no record: what waits for a match must be found on the day it is needed. A plugin
 * that is missing or shown to nobody has none. */
static bool ask_homeless(host *h, const host_request *request, const char *part, json_t **out,
                         host_error *err)
{
    host_action_params params = {.count = 0};
    const host_match_question question = {"key_find", &params, false};
    *out = NULL;
    if (!host_action_add_text(&params, "part", part, err)) {
        return false;
    }
    if (host_commands_match_ask(h, request, &question, out, err)) {
        return true;
    }
    return err->status == DPH_E_UNSUPPORTED || err->status == DPH_E_NOT_FOUND ||
           err->code == HOST_CODE_PLUGIN_MISSING;
}

static bool find_homeless(host *h, const host_request *request, json_t *rows, host_error *err)
{
    static const char *const copied[] = {"key_id", "device", "state", "device_id", "connection"};
    json_t *answer = NULL;
    bool ok = ask_homeless(h, request, host_commands_text(request, "key"), &answer, err);
    const json_t *found = json_object_get(answer, "rows");
    for (size_t i = 0; ok && i < json_array_size(found); i++) {
        const json_t *from = json_array_get(found, i);
        json_t *row =
            json_pack("{s:s,s:s,s:b}", "organization", "", "configuration", "", "archived", 0);
        for (size_t k = 0; k < sizeof copied / sizeof copied[0]; k++) {
            (void)json_object_set(row, copied[k], json_object_get(from, copied[k]));
        }
        (void)json_array_append_new(rows, row);
    }
    json_decref(answer);
    return ok;
}

int host_commands_find(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_record_page page = {.count = 0};
    json_t *rows = json_array();
    bool ok = find_rows(h, request, &page, rows, &err);
    host_record_page_done(&page);
    ok = ok && find_homeless(h, request, rows, &err);
    if (ok && json_array_size(rows) == 0) {
        ok = host_error_set(&err, DPH_E_NOT_FOUND, 0, "No documented key has that in its Key ID.");
    }
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

typedef struct taken_secret {
    host_secret secret;
    uint32_t flags;
    uint32_t times;
} taken_secret;

static dph_status DPH_CALL take_secret(void *context, const dph_bytes *secret, uint32_t flags)
{
    taken_secret *taken = context;
    taken->times++;
    if (taken->times > 1 || secret->len == 0 || !host_secret_init(&taken->secret, secret->len)) {
        return DPH_E_INVALID;
    }
    memcpy(taken->secret.ptr, secret->ptr, secret->len);
    taken->secret.len = secret->len;
    taken->flags = flags;
    return DPH_OK;
}

static bool reveal_guarded(host *h, const host_request *request, const dph_record_row *row,
                           taken_secret *taken, host_error *err)
{
    host_plugin *plugin = host_plugin_find(h, row->guard_owner.ptr, row->guard_owner.len);
    if (plugin == NULL || plugin->secret == NULL) {
        (void)host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING,
                             "The plugin %.60s, which keeps this key, is not loaded%s%.120s; the "
                             "program bkey-open reads the key without it.",
                             row->guard_owner.ptr,
                             plugin != NULL && plugin->problem[0] != '\0' ? ": " : "",
                             plugin != NULL ? plugin->problem : "");
        host_commands_log_refusal(h, request, row->title.ptr, err);
        return false;
    }
    host_call call;
    host_call_for_request(&call, h, request, "");
    call.abi.organization_id = row->organization_id;
    dph_reveal ask = {.struct_size = sizeof ask,
                      .purpose = DPH_PURPOSE_SHOW,
                      .external_id = row->external_id,
                      .reason = host_str(host_commands_text_or_empty(request, "reason")),
                      .ticket = host_str(host_commands_text_or_empty(request, "ticket"))};
    dph_secret_sink sink = {sizeof sink, 0, taken, take_secret};
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status = plugin->secret->reveal(plugin->instance, &call.abi, &ask, &sink, &problem);
    if (status != DPH_OK) {
        return host_error_from_dph(err, status, &problem, "The key cannot be shown.");
    }
    return taken->times == 1 && taken->secret.len > 0
               ? true
               : host_error_set(err, DPH_E_INTERNAL, 0, "The plugin gave no key.");
}

/* The entry comes first: what cannot be logged is not shown (S1.95). */
static bool reveal_own(host *h, const host_request *request, const dph_record_row *row,
                       taken_secret *taken, host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    host_activity entry = {.action = DPH_ACTIVITY_VIEWED,
                           .organization_id = row->organization_id,
                           .subject = row->title,
                           .object_id = row->record_id,
                           .detail = host_str(host_commands_text(request, "ticket"))};
    host_conn *conn = host_db_read_begin(h->db, err);
    sqlite3_stmt *stmt = conn != NULL
                             ? host_rows_query(conn, err,
                                               "SELECT sealed_secret FROM passwords WHERE id=? AND"
                                               " sealed_secret NOT NULL",
                                               "d", &row->record_id)
                             : NULL;
    bool has = false;
    bool ok = stmt != NULL && host_rows_next(conn, stmt, &has, err);
    host_secret opened = {0};
    if (ok && !has) {
        ok = host_error_set(err, DPH_E_NOT_FOUND, 0,
                            "This host holds no secret for that password; a recovery key that was "
                            "released stays readable with the program bkey-open.");
    } else if (ok) {
        dph_bytes sealed = host_rows_bytes(stmt, 0);
        ok = host_sealed_open(h->keyring, row->record_id.ptr, &sealed, &opened, err);
    }
    host_db_read_end(h->db, conn);
    if (!ok || !host_activity_add_alone(h, &call.abi, &entry, err)) {
        host_secret_done(&opened);
        return false;
    }
    taken->secret = opened;
    return true;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static bool check_reveal(const host_request *request, host_error *err)
{
    const char *reason = host_commands_text_or_empty(request, "reason");
    if (is_blank(reason)) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_NO_REASON,
                              "Showing a secret needs a reason.");
    }
    if (strlen(reason) > DPH_REASON_MAX ||
        strlen(host_commands_text_or_empty(request, "ticket")) > DPH_TICKET_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A reason has at most %u bytes and a ticket at most %u.",
                              DPH_REASON_MAX, DPH_TICKET_MAX);
    }
    return true;
}

/* What a reveal is about: a record, or, without one, what stands for it. */
typedef struct revealed {
    host_record_page page;
    json_t *answer; /* keeps the texts of `homeless` */
    dph_record_row homeless;
    const dph_record_row *row;
} revealed;

static bool reveal_homeless(host *h, const host_request *request, revealed *out, host_error *err)
{
    const char *key = host_commands_text_or_empty(request, "key");
    host_error ignored = {0};
    sup_guid id;
    if (!sup_guid_parse(key, strlen(key), &id) ||
        !ask_homeless(h, request, key, &out->answer, &ignored)) {
        return false;
    }
    const json_t *rows = json_object_get(out->answer, "rows");
    const host_plugin *plugin = host_plugins_for_action(h, "key_find", &ignored);
    if (json_array_size(rows) > 1) {
        return host_error_set(err, DPH_E_CONFLICT, HOST_CODE_AMBIGUOUS,
                              "Two tenants have that Key ID and no record for it: match the device "
                              "first.");
    }
    if (json_array_size(rows) == 0 || plugin == NULL) {
        return false;
    }
    const json_t *row = json_array_get(rows, 0);
    out->homeless = (dph_record_row){
        .struct_size = sizeof out->homeless,
        .external_id = host_str(json_string_value(json_object_get(row, "external_id"))),
        .organization_id = host_str(""),
        .title = host_str(json_string_value(json_object_get(row, "device"))),
        .guard_owner = host_str(plugin->id)};
    out->row = &out->homeless;
    return true;
}

static bool find_row(host *h, const host_request *request, revealed *out, host_reply *reply,
                     host_error *err)
{
    if (host_commands_record(h, request, host_commands_text(request, "key"), &out->page, reply,
                             err)) {
        out->row = &out->page.rows[0];
        return true;
    }
    return err->status == DPH_E_NOT_FOUND && reveal_homeless(h, request, out, err);
}

/* What is refused here is audited all the same (S2.34). */
static bool find_revealed(host *h, const host_request *request, revealed *out, host_reply *reply,
                          host_error *err)
{
    host_error second = {0};
    bool is_sound = check_reveal(request, err);
    bool is_found = find_row(h, request, out, reply, is_sound ? err : &second);
    if (!is_sound && err->code == HOST_CODE_NO_REASON) {
        host_audit_refused(h, request, is_found ? out->row : NULL, "no-reason");
    } else if (is_sound && !is_found && err->status == DPH_E_NOT_FOUND) {
        host_audit_refused(h, request, NULL, "unknown");
    }
    return is_sound && is_found;
}

int host_commands_reveal(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    revealed what = {.page = {.count = 0}};
    taken_secret taken = {.times = 0};
    bool ok = find_revealed(h, request, &what, reply, &err);
    if (ok) {
        const dph_record_row *row = what.row;
        ok = row->guard_owner.len > 0 ? reveal_guarded(h, request, row, &taken, &err)
                                      : reveal_own(h, request, row, &taken, &err);
    }
    host_record_page_done(&what.page);
    json_decref(what.answer);
    if (!ok) {
        host_secret_done(&taken.secret);
        return host_commands_fail(reply, &err);
    }
    reply->secret = taken.secret;
    bool is_malformed = (taken.flags & DPH_SECRET_MALFORMED) != 0;
    return host_commands_done(reply, json_pack("{s:b}", "malformed", is_malformed ? 1 : 0),
                              is_malformed ? "This is not a valid recovery password; it is shown "
                                             "as Microsoft gave it."
                                           : "");
}
