/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows one recovery key: audited first, shown after. Must not know the ABI; never puts a reason or
 * a digit of a key anywhere but into the sealed audit entry and the sink. */
#include "usecase/reveal.h"

#include <stdlib.h>
#include <string.h>

#include "domain/recovery_key.h"
#include "state/connection.h"
#include "state/evidence.h"
#include "state/held.h"
#include "usecase/audit_log.h"

#define TITLE_SIZE 1024u

typedef struct revealing {
    const bkey_reveal_request *request;
    sup_guid tenant;
    bkey_held_key key;
    char organization[BKEY_ID_SIZE]; /* "" until the record is found */
    char title[TITLE_SIZE];
    bool has_record;
    bool is_homeless; /* held, but in nobody's folder: no record */
    char held_in[BKEY_ID_SIZE];
    bool malformed;
    bkey_secret *text; /* what the sink gets */
} revealing;

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n\v\f")] == '\0';
}

static bool copy_text(char *out, size_t cap, const char *text)
{
    size_t len = strlen(text);
    if (len >= cap)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bkey_err take_record(void *context, const bkey_record_view *row)
{
    revealing *r = context;
    const char *wanted = r->request->call->organization_id;
    /* A key of another organization is answered like one that does not exist (S1.7). */
    if (wanted[0] != '\0' && strcmp(wanted, row->organization_id) != 0)
        return bkey_fail(BKEY_E_NO_STATE);
    if (!copy_text(r->organization, sizeof r->organization, row->organization_id) ||
        !copy_text(r->held_in, sizeof r->held_in, row->organization_id) ||
        !copy_text(r->title, sizeof r->title, row->title))
        return bkey_fail(BKEY_E_LIMIT);
    r->has_record = true;
    return bkey_ok();
}

/* A sync that ended before it made the record left the key where the record was to be. */
static bkey_err find_unpublished(revealing *r)
{
    const bkey_place connections = bkey_connection_place(r->request->vault, r->request->call);
    const sup_guid id = r->key.id;
    bkey_connection *of = calloc(1, sizeof *of);
    if (of == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_connection_get(&connections, &r->tenant, of);
    if (bkey_is_ok(err))
        err = bkey_fail(BKEY_E_NO_STATE);
    for (uint32_t i = 0; bkey_is(err, BKEY_E_NO_STATE) && i < of->organization_count; i++) {
        const bkey_place place = {r->request->vault, r->request->call, r->tenant,
                                  of->organization_ids[i]};
        err = bkey_held_get(&place, &id, &r->key);
        if (bkey_is_ok(err))
            memcpy(r->held_in, of->organization_ids[i], sizeof r->held_in);
    }
    free(of);
    return bkey_is(err, BKEY_E_NOT_CONNECTED) ? bkey_fail(BKEY_E_NO_STATE) : err;
}

/* A key without a record belongs to no organization: only a call about none gets it, and the host
 * makes one only for who may see every organization that it could belong to. */
static bkey_err find_homeless(revealing *r)
{
    const bkey_place none = {r->request->vault, r->request->call, r->tenant, ""};
    const sup_guid id = r->key.id;
    bkey_evidence_row *known = calloc(1, sizeof *known);
    if (known == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_held_get(&none, &id, &r->key);
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = find_unpublished(r);
    r->key.id = id;
    if (bkey_is_ok(err)) {
        r->is_homeless = true;
        bkey_err told = bkey_evidence_get(&none, &r->key.device_id, known);
        (void)copy_text(r->title, sizeof r->title,
                        bkey_is_ok(told) && known->name[0] != '\0' ? known->name
                                                                   : "key without a record");
    }
    free(known);
    return err;
}

static bkey_err find_key(revealing *r)
{
    const bkey_reveal_request *request = r->request;
    const char *id = request->external_id;
    size_t len = strlen(id);
    /* A Key ID alone names no record, but the audit tells which one was asked for. */
    if (sup_guid_parse(id, len, &r->key.id) || len != 2 * SUP_GUID_TEXT_LEN + 1 ||
        id[SUP_GUID_TEXT_LEN] != ':' || !sup_guid_parse(id, SUP_GUID_TEXT_LEN, &r->tenant) ||
        !sup_guid_parse(id + SUP_GUID_TEXT_LEN + 1, SUP_GUID_TEXT_LEN, &r->key.id))
        return bkey_fail(BKEY_E_NO_STATE);
    bkey_err err = request->ports->record(request->ports->self, request->call, id, take_record, r);
    return bkey_is(err, BKEY_E_NO_STATE) && !r->has_record &&
                   request->call->organization_id[0] == '\0'
               ? find_homeless(r)
               : err;
}

static bkey_err check_allowed(revealing *r)
{
    const bkey_reveal_request *request = r->request;
    if (request->refusal != 0)
        return bkey_fail(request->refusal);
    if (!request->ports->entitled(request->ports->self))
        return bkey_fail(BKEY_E_ENTITLEMENT);
    return is_blank(request->reason) ? bkey_fail(BKEY_E_REASON_MISSING) : bkey_ok();
}

static bkey_err format_key(revealing *r, bkey_secret *binary)
{
    bkey_secret *text = NULL;
    bkey_err err = bkey_secret_new(r->request->slab, BKEY_RECOVERY_KEY_TEXT_SIZE, &text);
    if (!bkey_is_ok(err))
        return err;
    const uint8_t *from = bkey_secret_borrow(binary);
    bkey_recovery_key_format(from, (char *)bkey_secret_borrow(text));
    bkey_secret_return(text);
    bkey_secret_return(binary);
    bkey_secret_shrink(text, BKEY_RECOVERY_KEY_TEXT_SIZE - 1);
    r->text = text;
    return bkey_ok();
}

static bkey_err open_key(revealing *r)
{
    bkey_place place = {r->request->vault, r->request->call, r->tenant, r->held_in};
    bkey_secret *secret = NULL;
    sup_guid id = r->key.id;
    bkey_err err = bkey_held_get(&place, &id, &r->key);
    if (bkey_is_ok(err))
        err = bkey_held_open_secret(&place, &id, &secret, &r->malformed);
    if (!bkey_is_ok(err))
        return err;
    if (r->malformed) {
        r->text = secret;
        return bkey_ok();
    }
    err = format_key(r, secret);
    bkey_secret_free(&secret);
    return err;
}

static bkey_audit_result result_of(bkey_err failed)
{
    if (bkey_is_ok(failed))
        return BKEY_AUDIT_SHOWN;
    return bkey_err_category(failed) == BKEY_CAT_DENIED || bkey_is(failed, BKEY_E_NO_STATE)
               ? BKEY_AUDIT_REFUSED
               : BKEY_AUDIT_FAILED;
}

static void describe(const revealing *r, bkey_err failed, bkey_audit_entry *out)
{
    const bkey_reveal_request *request = r->request;
    out->organization_id = r->organization;
    out->device_name = r->title;
    out->reason = request->reason;
    out->ticket = request->ticket;
    out->tenant = r->tenant;
    out->device_id = r->key.device_id;
    out->key_id = r->key.id;
    out->meta_revision = r->key.meta_revision;
    out->secret_revision = r->key.secret_revision;
    out->purpose = (uint32_t)request->purpose;
    out->error_reason = failed.reason;
    out->result = result_of(failed);
}

static bkey_item make_activity(const revealing *r, bkey_err failed)
{
    const bkey_reveal_request *request = r->request;
    bkey_item item;
    memset(&item, 0, sizeof item);
    item.kind = BKEY_ITEM_ACTIVITY;
    item.action = !bkey_is_ok(failed)                      ? BKEY_ACTION_REFUSED
                  : request->purpose == BKEY_PURPOSE_PRINT ? BKEY_ACTION_PRINTED
                                                           : BKEY_ACTION_VIEWED;
    item.organization_id = r->has_record ? r->organization : request->call->organization_id;
    const bool known = r->has_record || r->is_homeless;
    item.external_id = known ? request->external_id : "";
    item.title = known ? r->title : "unknown key";
    item.detail = bkey_is_ok(failed) ? request->ticket : bkey_err_name(failed);
    return item;
}

static bkey_err write_audit(const revealing *r, bkey_err failed)
{
    const bkey_reveal_request *request = r->request;
    const bkey_audit_log log = {request->ports, request->call, request->vault, request->publisher};
    const bkey_item activity = make_activity(r, failed);
    bkey_audit_entry entry;
    memset(&entry, 0, sizeof entry);
    bkey_audit_log_who(&log, &entry);
    describe(r, failed, &entry);
    const bkey_audit_write write = {&entry, &activity, NULL, NULL};
    return bkey_audit_log_write(&log, &write);
}

static bkey_err show(revealing *r, bkey_reveal_sink sink, void *context)
{
    bkey_err err = find_key(r);
    if (bkey_is_ok(err))
        err = check_allowed(r);
    if (bkey_is_ok(err))
        err = open_key(r);
    bkey_err written = write_audit(r, err);
    /* A refusal stays what it is when it cannot be written; a showing does not happen then. */
    if (bkey_is_ok(err))
        err = written;
    if (bkey_is_ok(err)) {
        err = sink(context, bkey_secret_borrow(r->text), bkey_secret_len(r->text), r->malformed);
        bkey_secret_return(r->text);
    }
    bkey_secret_free(&r->text);
    return err;
}

bkey_err bkey_reveal_run(const bkey_reveal_request *request, bkey_reveal_sink sink, void *context)
{
    revealing r;
    memset(&r, 0, sizeof r);
    r.request = request;
    bkey_slab_enter(request->slab);
    bkey_err err = show(&r, sink, context);
    bkey_slab_leave(request->slab);
    return err;
}
