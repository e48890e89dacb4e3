/* SPDX-License-Identifier: Apache-2.0
 *
 * The flow: look, ask, look again inside the write, write. */
#include "sample-host/src/mutate.h"

#include "sample-host/src/activity.h"
#include "sample-host/src/base/log.h"

#include "support/utf8.h"

#include <stdio.h>
#include <string.h>

const char *host_mutate_field(const host_mutation *mutation, const char *name)
{
    return json_string_value(json_object_get(mutation->fields, name));
}

bool host_mutate_name_valid(const char *name)
{
    size_t len = strlen(name);
    size_t points = 0;
    bool has_ink = false;
    for (size_t at = 0; at < len;) {
        uint32_t point = 0;
        size_t used = sup_utf8_decode(name + at, len - at, &point);
        if (used == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0)) {
            return false;
        }
        has_ink = has_ink || point != ' ';
        at += used;
        points++;
    }
    return has_ink && points <= HOST_NAME_POINTS_MAX;
}

static bool check_fields(const host_mutation *mutation, host_error *err)
{
    const char *name = host_mutate_field(mutation, "name");
    if (mutation->op == DPH_OP_CREATE && name == NULL) {
        return host_error_set(err, DPH_E_INVALID, 0, "A new %s needs a name.",
                              host_object_kind_name(mutation->object_kind));
    }
    if (name != NULL && !host_mutate_name_valid(name)) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A name has 1 to %d characters and no control characters.",
                              HOST_NAME_POINTS_MAX);
    }
    if (mutation->op == DPH_OP_EDIT && mutation->secret == NULL &&
        json_object_size(mutation->fields) == 0) {
        return host_error_set(err, DPH_E_INVALID, 0, "Nothing to change was given.");
    }
    return true;
}

/* A refusal stays a refusal when its entry cannot be written; the log line tells of that. */
static void log_refusal(host *h, const host_call *call, const host_mutation *mutation,
                        const host_mutate_facts *facts, const host_error *why)
{
    host_error problem = {0};
    const char *name = host_mutate_field(mutation, "name");
    const char *organization = facts->object.organization_id[0] != '\0'
                                   ? facts->object.organization_id
                                   : mutation->target_organization_id;
    host_activity entry = {
        .action = DPH_ACTIVITY_REFUSED,
        .code = why->code,
        .organization_id = host_str(organization),
        .subject = host_str(facts->object.name[0] != '\0' ? facts->object.name : name),
        .object_id = host_str(facts->object.external_id[0] != '\0' ? facts->object.external_id
                                                                   : facts->object.id),
        .detail = host_str(why->message)};
    if (!host_activity_add_alone(h, &call->abi, &entry, &problem)) {
        host_log_line(DPH_LOG_ERROR, "refusal_not_logged", problem.message, NULL);
    }
}

static bool look(host *h, const host_call *call, const host_mutation *mutation,
                 host_mutate_facts *facts, host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    bool ok = conn != NULL && host_mutate_collect(conn, call->viewer, mutation, facts, err);
    host_db_read_end(h->db, conn);
    return ok;
}

static bool ask(host *h, const host_call *call, const host_mutation *mutation,
                const host_mutate_facts *facts, host_error *err)
{
    bool is_record = mutation->object_kind == DPH_OBJECT_RECORD;
    bool is_folder = mutation->object_kind == DPH_OBJECT_FOLDER;
    const char *name = host_mutate_field(mutation, is_record ? "category" : "name");
    if (!host_mutate_ask(h, call, mutation, facts, err)) {
        return false;
    }
    if (name == NULL || name[0] == '\0' ||
        !(is_record || is_folder || mutation->object_kind == DPH_OBJECT_CATEGORY)) {
        return true;
    }
    return host_mutate_check_name(h, call, is_folder ? DPH_NAME_FOLDER : DPH_NAME_CATEGORY, name,
                                  err);
}

static bool is_same(const host_mutate_facts *a, const host_mutate_facts *b)
{
    bool same = a->object.revision == b->object.revision && a->guard_count == b->guard_count &&
                strcmp(a->object.guard_owner, b->object.guard_owner) == 0;
    for (size_t i = 0; same && i < a->guard_count; i++) {
        same = a->guards[i].relation == b->guards[i].relation &&
               strcmp(a->guards[i].owner, b->guards[i].owner) == 0;
    }
    return same;
}

static bool write_checked(host_conn *conn, const host_call *call, const host_mutation *mutation,
                          const host_mutate_facts *seen, char *out_id, host_error *err)
{
    host_mutate_facts now = {.guard_count = 0};
    if (!host_mutate_collect(conn, call->viewer, mutation, &now, err)) {
        return false;
    }
    if (!is_same(seen, &now)) {
        return host_error_set(err, DPH_E_CONFLICT, 0, "It was changed meanwhile; try again.");
    }
    return host_mutate_write(conn, call, mutation, &now.object, out_id, err);
}

static bool check(host *h, const host_call *call, const host_mutation *mutation,
                  host_mutate_facts *facts, host_error *err)
{
    if (!check_fields(mutation, err) || !look(h, call, mutation, facts, err)) {
        return false;
    }
    bool ok = ask(h, call, mutation, facts, err);
    if (!ok && err->status == DPH_E_DENIED) {
        log_refusal(h, call, mutation, facts, err);
    }
    return ok;
}

bool host_mutate(host *h, const host_call *call, const host_mutation *mutation, char *out_id,
                 host_error *err)
{
    host_mutate_facts facts = {.guard_count = 0};
    if (!check(h, call, mutation, &facts, err)) {
        return false;
    }
    host_conn *conn = host_db_write_begin(h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!write_checked(conn, call, mutation, &facts, out_id, err)) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}

bool host_mutate_may(host *h, const host_call *call, const host_mutation *mutation, host_error *err)
{
    host_mutate_facts facts = {.guard_count = 0};
    return check(h, call, mutation, &facts, err);
}

bool host_mutate_in(host *h, host_conn *conn, const host_call *call, const host_mutation *mutation,
                    char *out_id, host_error *err)
{
    host_mutate_facts facts = {.guard_count = 0};
    return check_fields(mutation, err) &&
           host_mutate_collect(conn, call->viewer, mutation, &facts, err) &&
           ask(h, call, mutation, &facts, err) &&
           host_mutate_write(conn, call, mutation, &facts.object, out_id, err);
}

json_t *host_mutate_refused_fields(host *h, const host_call *call, const host_mutation *mutation)
{
    json_t *refused = json_array();
    host_mutate_facts facts = {.guard_count = 0};
    host_error ignored = {0};
    bool seen = look(h, call, mutation, &facts, &ignored);
    void *fields = (void *)(uintptr_t)mutation->fields;
    for (void *at = json_object_iter(fields); seen && at != NULL;
         at = json_object_iter_next(fields, at)) {
        json_t *single = json_object();
        host_mutation alone = *mutation;
        (void)json_object_set(single, json_object_iter_key(at), json_object_iter_value(at));
        alone.fields = single;
        alone.secret = NULL;
        if (!host_mutate_ask(h, call, &alone, &facts, &ignored)) {
            (void)json_array_append_new(refused, json_string(json_object_iter_key(at)));
        }
        json_decref(single);
    }
    host_mutation secret_alone = *mutation;
    secret_alone.fields = NULL;
    if (seen && mutation->secret != NULL &&
        !host_mutate_ask(h, call, &secret_alone, &facts, &ignored)) {
        (void)json_array_append_new(refused, json_string("password"));
    }
    return refused;
}
