/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows one recovery key: audited first, shown after. Must not know the ABI; never puts a reason or
 * a digit of a key anywhere but into the sealed audit entry and the sink. */
#include "usecase/reveal.h"

#include <string.h>

#include "domain/recovery_key.h"
#include "state/audit.h"
#include "state/connection.h"
#include "state/held.h"
#include "usecase/batch.h"

/* Each lost turn is one that another reveal won, and at most BKEY_SLAB_GUESTS take part. */
#define APPEND_TRIES 64u
#define TITLE_SIZE 1024u

typedef struct revealing {
    const bkey_reveal_request *request;
    sup_guid tenant;
    bkey_held_key key;
    char organization[BKEY_ID_SIZE]; /* "" until the record is found */
    char title[TITLE_SIZE];
    bool has_record;
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
        !copy_text(r->title, sizeof r->title, row->title))
        return bkey_fail(BKEY_E_LIMIT);
    r->has_record = true;
    return bkey_ok();
}

static bkey_err find_key(revealing *r)
{
    const bkey_reveal_request *request = r->request;
    const char *id = request->external_id;
    size_t len = strlen(id);
    if (len != 2 * SUP_GUID_TEXT_LEN + 1 || id[SUP_GUID_TEXT_LEN] != ':' ||
        !sup_guid_parse(id, SUP_GUID_TEXT_LEN, &r->tenant) ||
        !sup_guid_parse(id + SUP_GUID_TEXT_LEN + 1, SUP_GUID_TEXT_LEN, &r->key.id))
        return bkey_fail(BKEY_E_NO_STATE);
    return request->ports->record(request->ports->self, request->call, id, take_record, r);
}

static bkey_err check_allowed(revealing *r)
{
    const bkey_reveal_request *request = r->request;
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
    bkey_place place = {r->request->vault, r->request->call, r->tenant, r->organization};
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

static void describe(const revealing *r, bkey_err failed, bkey_audit_entry *out)
{
    const bkey_reveal_request *request = r->request;
    bkey_category category = bkey_err_category(failed);
    memset(out, 0, sizeof *out);
    out->time_ms = request->ports->wall_ms(request->ports->self);
    out->actor = request->call->actor;
    out->address = request->call->remote_address;
    out->organization_id = r->organization;
    out->device_name = r->title;
    out->reason = request->reason;
    out->ticket = request->ticket;
    out->tenant = r->tenant;
    out->device_id = r->key.device_id;
    out->key_id = r->key.id;
    out->source = request->call->source;
    out->os_uid = request->call->os_uid;
    out->actor_kind = request->call->actor_kind;
    out->actor_role = request->call->actor_role;
    out->purpose = (uint32_t)request->purpose;
    out->error_reason = failed.reason;
    out->result = bkey_is_ok(failed)                 ? BKEY_AUDIT_SHOWN
                  : category == BKEY_CAT_DENIED      ? BKEY_AUDIT_REFUSED
                  : bkey_is(failed, BKEY_E_NO_STATE) ? BKEY_AUDIT_REFUSED
                                                     : BKEY_AUDIT_FAILED;
}

static void add_activity(const revealing *r, bkey_err failed, bkey_batch *batch)
{
    const bkey_reveal_request *request = r->request;
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_ACTIVITY);
    item->action = !bkey_is_ok(failed)                      ? BKEY_ACTION_REFUSED
                   : request->purpose == BKEY_PURPOSE_PRINT ? BKEY_ACTION_PRINTED
                                                            : BKEY_ACTION_VIEWED;
    item->organization_id = r->has_record ? r->organization : request->call->organization_id;
    item->external_id = r->has_record ? request->external_id : "";
    item->title = r->has_record ? r->title : "unknown key";
    item->detail = bkey_is_ok(failed) ? request->ticket : bkey_err_name(failed);
}

static bkey_err append_once(const revealing *r, const bkey_place *place,
                            const bkey_audit_entry *entry, bkey_batch *batch)
{
    bkey_audit_head head;
    bkey_sealed rows[2];
    memset(rows, 0, sizeof rows);
    bkey_err err = bkey_audit_head_get(place, &head);
    if (bkey_is_ok(err))
        err = bkey_audit_append(place, &head, entry, &rows[0], &rows[1]);
    if (bkey_is_ok(err)) {
        bkey_batch_clear(batch);
        add_activity(r, bkey_fail(entry->error_reason), batch);
        bkey_batch_put(batch, &rows[0]);
        bkey_batch_put(batch, &rows[1]);
        err = bkey_batch_apply(batch);
    }
    bkey_sealed_done(&rows[1]);
    bkey_sealed_done(&rows[0]);
    return err;
}

/* Writes what happened; somebody else may append to the same chain at the same time. */
static bkey_err write_audit(const revealing *r, bkey_err failed)
{
    const bkey_reveal_request *request = r->request;
    const bkey_place place = {
        .vault = request->vault, .call = request->call, .organization_id = r->organization};
    bkey_audit_entry entry;
    bkey_batch batch;
    describe(r, failed, &entry);
    bkey_err err = bkey_batch_init(&batch, request->ports, request->call, false);
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&place);
    if (bkey_is_ok(err))
        err = append_once(r, &place, &entry, &batch);
    for (uint32_t i = 1; i < APPEND_TRIES && bkey_is(err, BKEY_E_CONFLICT); i++)
        err = append_once(r, &place, &entry, &batch);
    bkey_batch_done(&batch);
    return err;
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
