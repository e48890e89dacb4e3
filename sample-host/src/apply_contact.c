/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin's contact: made whole, or linked and filled where it is empty. What a person wrote stays
 * as it is. */
#include "sample-host/src/apply.h"
#include "sample-host/src/base/email.h"
#include "sample-host/src/base/id.h"

#include <string.h>

bool host_apply_contact_check(const dph_item_contact_put *item, host_error *err)
{
    char given[HOST_EMAILS_SIZE];
    char list[HOST_EMAILS_SIZE];
    bool ok =
        host_id_valid(item->contact_id.ptr, item->contact_id.len) &&
        host_apply_is_text(&item->organization_id, HOST_ID_MAX) && item->external_id.len >= 1 &&
        host_apply_is_text(&item->external_id, 128) && host_apply_is_name(&item->name, false) &&
        host_apply_is_name(&item->first_name, true) && host_apply_is_name(&item->last_name, true) &&
        host_apply_is_text(&item->emails, DPH_EMAILS_MAX);
    if (ok && item->emails.len > 0) {
        memcpy(given, item->emails.ptr, item->emails.len);
        given[item->emails.len] = '\0';
        ok = host_email_list(given, list) && strcmp(given, list) == 0;
    }
    return ok ? true
              : host_error_set(err, DPH_E_INVALID, 0,
                               "An item of the batch is malformed: id or text of a contact.");
}

void host_apply_contact_hash(const dph_item_contact_put *item, void *hash_state)
{
    const dph_str *const texts[] = {
        &item->organization_id, &item->contact_id, &item->external_id, &item->name,
        &item->first_name,      &item->last_name,  &item->emails};
    host_apply_hash_number(hash_state, item->expect_revision);
    host_apply_hash_texts(hash_state, texts, sizeof texts / sizeof texts[0]);
}

static bool fail_conflict(host_error *err)
{
    return host_error_set(err, DPH_E_CONFLICT, 0, "A contact was changed by someone else.");
}

/* What there is of the contact now. */
typedef struct present {
    uint64_t revision; /* 0 = there is none */
    bool is_here;      /* in the item's organization */
    bool is_free;      /* without any link, or with this one */
} present;

static bool read_present(const host_apply_job *job, const dph_item_contact_put *item, present *out,
                         host_error *err)
{
    sqlite3_stmt *stmt = host_rows_query(
        job->conn, err,
        "SELECT revision, organization_id=?, linked_by='' OR (linked_by=? AND external_id=?)"
        " FROM contacts WHERE id=?",
        "dddd", &item->organization_id, job->plugin, &item->external_id, &item->contact_id);
    bool row = false;
    if (stmt == NULL || !host_rows_next(job->conn, stmt, &row, err)) {
        return false;
    }
    *out = (present){.revision = 0};
    if (row) {
        out->revision = (uint64_t)sqlite3_column_int64(stmt, 0);
        out->is_here = sqlite3_column_int(stmt, 1) != 0;
        out->is_free = sqlite3_column_int(stmt, 2) != 0;
    }
    host_rows_done(stmt);
    return true;
}

static bool check_link(const host_apply_job *job, const dph_item_contact_put *item, host_error *err)
{
    int64_t other = 0;
    /* That no link is empty has to be said: the index holds no others. */
    if (!host_rows_number(job->conn, err, &other,
                          "SELECT 1 FROM contacts WHERE linked_by=? AND linked_by<>'' AND"
                          " external_id=? AND organization_id=? AND id<>?",
                          "dddd", job->plugin, &item->external_id, &item->organization_id,
                          &item->contact_id)) {
        return false;
    }
    return other == 0 ? true : fail_conflict(err);
}

bool host_apply_contact_write(const host_apply_job *job, const dph_item_contact_put *item,
                              host_error *err)
{
    present now;
    if (!host_apply_require_organization(job, &item->organization_id, err) ||
        !read_present(job, item, &now, err)) {
        return false;
    }
    if (now.revision != item->expect_revision || (now.revision != 0 && !now.is_here)) {
        return fail_conflict(err);
    }
    if (now.revision != 0 && !now.is_free) {
        return host_error_set(err, DPH_E_DENIED, 0, "That contact is linked otherwise.");
    }
    if (!check_link(job, item, err)) {
        return false;
    }
    if (now.revision == 0) {
        return host_rows_run(job->conn, err, "INSERT INTO contacts VALUES(?,?,?,?,?,?,?,?,0,1,?,?)",
                             "ddddddddii", &item->contact_id, &item->organization_id, &item->name,
                             &item->first_name, &item->last_name, &item->emails, job->plugin,
                             &item->external_id, job->now_ms, job->now_ms);
    }
    return host_rows_run(job->conn, err,
                         "UPDATE contacts SET"
                         " first_name=CASE first_name WHEN '' THEN ? ELSE first_name END,"
                         " last_name=CASE last_name WHEN '' THEN ? ELSE last_name END,"
                         " emails=CASE emails WHEN '' THEN ? ELSE emails END, linked_by=?,"
                         " external_id=?, revision=revision+1, updated_ms=? WHERE id=?",
                         "dddddid", &item->first_name, &item->last_name, &item->emails, job->plugin,
                         &item->external_id, job->now_ms, &item->contact_id);
}
