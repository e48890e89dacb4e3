/* SPDX-License-Identifier: Apache-2.0
 *
 * The writes behind changes of contacts. Nothing here decides whether they may happen. */
#include "sample-host/src/mutate_contact.h"

#include "sample-host/src/base/email.h"

static const char *field_or_empty(const host_mutation *mutation, const char *name)
{
    const char *text = host_mutate_field(mutation, name);
    return text != NULL ? text : "";
}

/* NULL for an edit that leaves the addresses; `out` has HOST_EMAILS_SIZE bytes. */
static bool read_emails(const host_mutation *mutation, char *out, const char **out_emails,
                        host_error *err)
{
    const char *given = host_mutate_field(mutation, "emails");
    *out_emails = given != NULL ? out : NULL;
    return given == NULL || host_email_list(given, out)
               ? true
               : host_error_set(err, DPH_E_INVALID, 0,
                                "Addresses are written as name@domain with spaces or commas "
                                "between, at most %d characters in all.",
                                HOST_EMAILS_SIZE - 1);
}

static bool check_names(const host_mutation *mutation, host_error *err)
{
    static const char *const names[] = {"first", "last"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = field_or_empty(mutation, names[i]);
        if (text[0] != '\0' && !host_mutate_name_valid(text)) {
            return host_error_set(err, DPH_E_INVALID, 0,
                                  "A name has 1 to %d characters and no control characters.",
                                  HOST_NAME_POINTS_MAX);
        }
    }
    return true;
}

static bool archive(host_conn *conn, const host_mutation *mutation, const char *id, int64_t now_ms,
                    host_error *err)
{
    return host_rows_run(conn, err,
                         "UPDATE contacts SET archived=?, revision=revision+1, updated_ms=?"
                         " WHERE id=?",
                         "iis", (int64_t)(mutation->op == DPH_OP_ARCHIVE ? 1 : 0), now_ms, id);
}

bool host_mutate_contact_write(host_conn *conn, const host_mutation *mutation, const char *id,
                               int64_t now_ms, host_error *err)
{
    char list[HOST_EMAILS_SIZE];
    const char *emails = NULL;
    if (mutation->op == DPH_OP_DELETE) {
        return host_rows_run(conn, err, "DELETE FROM contacts WHERE id=?", "s", id);
    }
    if (mutation->op == DPH_OP_ARCHIVE || mutation->op == DPH_OP_UNARCHIVE) {
        return archive(conn, mutation, id, now_ms, err);
    }
    if (!check_names(mutation, err) || !read_emails(mutation, list, &emails, err)) {
        return false;
    }
    if (mutation->op == DPH_OP_CREATE) {
        return host_rows_run(conn, err, "INSERT INTO contacts VALUES(?,?,?,?,?,?,'','',0,1,?,?)",
                             "ssssssii", id, mutation->target_organization_id,
                             host_mutate_field(mutation, "name"), field_or_empty(mutation, "first"),
                             field_or_empty(mutation, "last"), emails != NULL ? emails : "", now_ms,
                             now_ms);
    }
    return host_rows_run(conn, err,
                         "UPDATE contacts SET name=coalesce(?,name),"
                         " first_name=coalesce(?,first_name), last_name=coalesce(?,last_name),"
                         " emails=coalesce(?,emails), revision=revision+1, updated_ms=?"
                         " WHERE id=?",
                         "ssssis", host_mutate_field(mutation, "name"),
                         host_mutate_field(mutation, "first"), host_mutate_field(mutation, "last"),
                         emails, now_ms, id);
}

bool host_mutate_contact_move(host_conn *conn, const char *from, const char *into, host_error *err)
{
    return host_rows_run(conn, err,
                         "UPDATE contacts SET linked_by='', external_id='' WHERE"
                         " organization_id=?1 AND EXISTS(SELECT 1 FROM contacts o WHERE"
                         " o.organization_id=?2 AND o.linked_by=contacts.linked_by AND"
                         " o.external_id=contacts.external_id AND o.linked_by<>'')",
                         "ss", from, into) &&
           host_rows_run(conn, err,
                         "UPDATE contacts SET organization_id=?2, revision=revision+1"
                         " WHERE organization_id=?1",
                         "ss", from, into);
}
