/* SPDX-License-Identifier: Apache-2.0
 *
 * Two passes over the file: one that asks, one that writes. Secrets are held one row at a time. */
#include "sample-host/src/transfer_import.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/mutate.h"
#include "sample-host/src/rights.h"

#include <string.h>

typedef struct import {
    host *h;
    const host_call *call;
    const char *organization;
    host_conn *conn; /* NULL while asking */
    json_t *planned; /* what earlier rows will make, as "KIND name" */
    host_transfer_counts counts;
} import;

/* What a row names: its kind, how to find it and whether it is made when it is missing. */
typedef struct named {
    uint32_t kind; /* DPH_OBJECT_* */
    const char *name;
    bool is_made;
} named;

static bool find(host_conn *conn, const import *in, const named *what, char *out_id,
                 host_error *err)
{
    const host_object_place place = {in->call->viewer, in->organization};
    switch (what->kind) {
    case DPH_OBJECT_FOLDER:
        return host_object_find_folder(conn, &place, what->name, out_id, err);
    case DPH_OBJECT_CATEGORY:
        return host_object_find_category(conn, in->call->viewer, what->name, out_id, err);
    default:
        return host_object_find_configuration(conn, &place, what->name, out_id, err);
    }
}

static bool find_anywhere(const import *in, const named *what, char *out_id, host_error *err)
{
    host_conn *conn = in->conn != NULL ? in->conn : host_db_read_begin(in->h->db, err);
    bool ok = conn != NULL && find(conn, in, what, out_id, err);
    if (conn != in->conn) {
        host_db_read_end(in->h->db, conn);
    }
    return ok;
}

/* Asks in the first pass, writes in the second. */
static bool change(import *in, const host_mutation *mutation, char *out_id, host_error *err)
{
    return in->conn == NULL ? host_mutate_may(in->h, in->call, mutation, err)
                            : host_mutate_in(in->h, in->conn, in->call, mutation, out_id, err);
}

/* Names of categories are compared without regard to ASCII letter case, as the store does. */
static void make_key(const named *what, char out[HOST_OBJECT_TEXT_SIZE])
{
    size_t len = 0;
    for (; what->name[len] != '\0' && len + 1 < HOST_OBJECT_TEXT_SIZE; len++) {
        char c = what->name[len];
        bool folds = what->kind == DPH_OBJECT_CATEGORY && c >= 'A' && c <= 'Z';
        out[len] = folds ? (char)(c - 'A' + 'a') : c;
    }
    out[len] = '\0';
}

static bool is_planned(const import *in, const named *what)
{
    char key[HOST_OBJECT_TEXT_SIZE];
    make_key(what, key);
    return json_object_get(json_object_get(in->planned, host_object_kind_name(what->kind)), key) !=
           NULL;
}

static void plan(import *in, const named *what)
{
    char key[HOST_OBJECT_TEXT_SIZE];
    const char *kind = host_object_kind_name(what->kind);
    json_t *names = json_object_get(in->planned, kind);
    if (names == NULL) {
        names = json_object();
        (void)json_object_set_new(in->planned, kind, names);
    }
    make_key(what, key);
    (void)json_object_set_new(names, key, json_true());
}

/* Rights are asked in the first pass, before anything is written. */
static void log_refusal(const import *in, const named *what, const host_error *why)
{
    host_error problem = {0};
    host_activity entry = {.action = DPH_ACTIVITY_REFUSED,
                           .code = why->code,
                           .organization_id = host_str(in->organization),
                           .subject = host_str(what->name),
                           .detail = host_str(why->message)};
    if (in->conn == NULL && !host_activity_add_alone(in->h, &in->call->abi, &entry, &problem)) {
        host_log_line(DPH_LOG_ERROR, "refusal_not_logged", problem.message, NULL);
    }
}

static bool make(import *in, const named *what, char *out_id, host_error *err)
{
    bool is_folder = what->kind == DPH_OBJECT_FOLDER;
    if (in->call->viewer != NULL &&
        !host_rights_check(in->call->viewer, is_folder ? "folder add" : "category add", err)) {
        log_refusal(in, what, err);
        return false;
    }
    json_t *fields = json_pack("{s:s}", "name", what->name);
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = what->kind,
                       .object_id = "",
                       .target_organization_id = is_folder ? in->organization : NULL,
                       .target_folder_id = is_folder ? "" : NULL,
                       .fields = fields};
    bool ok = change(in, &m, out_id, err);
    json_decref(fields);
    if (ok && in->conn == NULL) {
        plan(in, what);
        in->counts.folders += is_folder ? 1 : 0;
        in->counts.categories += is_folder ? 0 : 1;
    }
    return ok;
}

/* The id of what a row names, "" where it will be made by this import or nothing is named. */
static bool resolve(import *in, const named *what, char *out_id, host_error *err)
{
    host_error missing = {0};
    out_id[0] = '\0';
    if (what->name == NULL) {
        return true;
    }
    if (find_anywhere(in, what, out_id, &missing)) {
        return true;
    }
    out_id[0] = '\0';
    bool is_coming = in->conn == NULL && is_planned(in, what);
    if (missing.status != DPH_E_NOT_FOUND || (!what->is_made && !is_coming)) {
        *err = missing;
        return false;
    }
    return is_coming ? true : make(in, what, out_id, err);
}

static json_t *copy_fields(const host_transfer_row *row, const char *const *names)
{
    json_t *fields = json_object();
    for (size_t i = 0; names[i] != NULL; i++) {
        json_t *value = json_object_get(row->fields, names[i]);
        if (value != NULL) {
            (void)json_object_set(fields, names[i], value);
        }
    }
    return fields;
}

static bool import_password(import *in, const host_transfer_row *row, host_error *err)
{
    static const char *const names[] = {"name", "category", "username", "url", "notes", NULL};
    char category[HOST_OBJECT_ID_SIZE];
    char folder[HOST_OBJECT_ID_SIZE];
    char configuration[HOST_OBJECT_ID_SIZE];
    char id[HOST_OBJECT_ID_SIZE];
    named wanted[] = {{DPH_OBJECT_CATEGORY, host_transfer_text(row, "category"), true},
                      {DPH_OBJECT_FOLDER, host_transfer_text(row, "folder"), true},
                      {DPH_OBJECT_CONFIGURATION, host_transfer_text(row, "configuration"), false}};
    if (!resolve(in, &wanted[0], category, err) || !resolve(in, &wanted[1], folder, err) ||
        !resolve(in, &wanted[2], configuration, err)) {
        return false;
    }
    json_t *fields = copy_fields(row, names);
    (void)json_object_set_new(fields, "configuration", json_string(configuration));
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = DPH_OBJECT_RECORD,
                       .object_id = "",
                       .target_organization_id = in->organization,
                       .target_folder_id = folder,
                       .is_import = true,
                       .fields = fields,
                       .secret = row->secret};
    bool ok = change(in, &m, id, err);
    json_decref(fields);
    in->counts.passwords += ok && in->conn == NULL ? 1 : 0;
    return ok;
}

static bool import_configuration(import *in, const host_transfer_row *row, host_error *err)
{
    static const char *const names[] = {"name",         "hostname", "serial", "mac",
                                        "manufacturer", "model",    NULL};
    char id[HOST_OBJECT_ID_SIZE];
    if (row->secret != NULL) {
        return host_error_set(err, DPH_E_INVALID, 0, "A configuration has no password.");
    }
    json_t *fields = copy_fields(row, names);
    host_mutation m = {.op = DPH_OP_CREATE,
                       .object_kind = DPH_OBJECT_CONFIGURATION,
                       .object_id = "",
                       .target_organization_id = in->organization,
                       .target_folder_id = "",
                       .is_import = true,
                       .fields = fields};
    bool ok = change(in, &m, id, err);
    json_decref(fields);
    if (ok && in->conn == NULL) {
        plan(in, &(named){DPH_OBJECT_CONFIGURATION, host_transfer_text(row, "name"), false});
        in->counts.configurations++;
    }
    return ok;
}

static bool import_row(void *context, const host_transfer_row *row, host_error *err)
{
    import *in = context;
    const char *kind = host_transfer_text(row, "kind");
    bool ok = false;
    if (kind == NULL || strcmp(kind, "password") == 0) {
        ok = import_password(in, row, err);
    } else if (strcmp(kind, "configuration") == 0) {
        ok = import_configuration(in, row, err);
    } else {
        (void)host_error_set(err, DPH_E_INVALID, 0,
                             "The kind is \"password\" or \"configuration\".");
    }
    return ok || host_error_at_line(err, row->line);
}

static bool write_all(import *in, const host_secret *content, host_error *err)
{
    const host_transfer_sink sink = {import_row, in};
    in->conn = host_db_write_begin(in->h->db, true, err);
    if (in->conn == NULL) {
        return false;
    }
    if (!host_transfer_read(content, &sink, err)) {
        host_db_write_rollback(in->h->db, in->conn);
        return false;
    }
    return host_db_write_commit(in->h->db, in->conn, err);
}

bool host_transfer_import(host *h, const host_call *call, const host_secret *content, bool is_dry,
                          host_transfer_counts *out, host_error *err)
{
import in = {.h = h, .call = call, .organization = call->abi.organization_id.ptr, .planned = json_object() };
    const host_transfer_sink sink = {import_row, &in};
    bool ok = host_transfer_read(content, &sink, err) && (is_dry || write_all(&in, content, err));
    json_decref(in.planned);
    if (ok) {
        *out = in.counts;
    }
    return ok;
}
