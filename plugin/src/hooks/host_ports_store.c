/* SPDX-License-Identifier: Apache-2.0
 *
 * bkey_ports over dph.store/1 and dph.state/1. Must not know what the bytes mean. */
#include "hooks/host_ports_parts.h"

#include <stdlib.h>
#include <string.h>

#include "support/utf8.h"

typedef union any_item {
    dph_item head;
    dph_item_record_put record;
    dph_item_folder_put folder;
    dph_item_state_put put;
    dph_item_state_remove removal;
    dph_item_activity activity;
    dph_item_configuration_create configuration;
    dph_item_record_withdraw withdrawal;
    dph_item_contact_put contact;
} any_item;

static dph_str text_of(const char *text)
{
    dph_str str = {text, text != NULL ? strlen(text) : 0};
    return str;
}

static dph_bytes bytes_of(bkey_bytes bytes)
{
    dph_bytes out = {bytes.ptr, bytes.len};
    return out;
}

static void fill_record(dph_item_record_put *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_RECORD_PUT;
    out->expect_revision = item->expect_revision;
    out->flags = item->archived ? DPH_RECORD_ARCHIVED : 0;
    out->external_id = text_of(item->external_id);
    out->organization_id = text_of(item->organization_id);
    out->folder_id = text_of(item->folder_id);
    out->category = text_of(item->category);
    out->title = text_of(item->title);
    out->username = text_of(item->username);
    out->configuration_id = text_of(item->configuration_id);
    out->plugin_tag = text_of(item->tag);
    out->plugin_data = text_of(item->data);
}

static void fill_folder(dph_item_folder_put *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_FOLDER_PUT;
    out->expect_revision = item->expect_revision;
    out->flags = item->hidden ? DPH_FOLDER_HIDDEN : 0;
    out->organization_id = text_of(item->organization_id);
    out->folder_id = text_of(item->folder_id);
    out->name = text_of(item->title);
}

static void fill_activity(dph_item_activity *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_ACTIVITY;
    out->action = (uint32_t)item->action;
    out->organization_id = text_of(item->organization_id);
    out->external_id = text_of(item->external_id);
    out->subject = text_of(item->title);
    out->detail = text_of(item->detail);
}

static void fill_contact(dph_item_contact_put *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_CONTACT_PUT;
    out->expect_revision = item->expect_revision;
    out->organization_id = text_of(item->organization_id);
    out->contact_id = text_of(item->contact_id);
    out->external_id = text_of(item->external_id);
    out->name = text_of(item->title);
    out->first_name = text_of(item->first_name);
    out->last_name = text_of(item->last_name);
    out->emails = text_of(item->emails);
}

static void fill_configuration(dph_item_configuration_create *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_CONFIGURATION_CREATE;
    out->organization_id = text_of(item->organization_id);
    out->configuration_id = text_of(item->configuration_id);
    out->name = text_of(item->title);
    out->hostname = text_of(item->hostname);
    out->serial = text_of(item->serial);
    out->mac = text_of(item->mac);
    out->manufacturer = text_of(item->manufacturer);
    out->model = text_of(item->model);
}

static void fill_withdrawal(dph_item_record_withdraw *out, const bkey_item *item)
{
    out->head.struct_size = sizeof *out;
    out->head.kind = DPH_ITEM_RECORD_WITHDRAW;
    out->expect_revision = item->expect_revision;
    out->external_id = text_of(item->external_id);
}

static void fill_item(any_item *out, const bkey_item *item)
{
    switch (item->kind) {
    case BKEY_ITEM_RECORD:
        fill_record(&out->record, item);
        break;
    case BKEY_ITEM_FOLDER:
        fill_folder(&out->folder, item);
        break;
    case BKEY_ITEM_STATE_PUT:
        out->put.head.struct_size = sizeof out->put;
        out->put.head.kind = DPH_ITEM_STATE_PUT;
        out->put.expect_revision = item->expect_revision;
        out->put.key = bytes_of(item->key);
        out->put.value = bytes_of(item->value);
        break;
    case BKEY_ITEM_STATE_REMOVE:
        out->removal.head.struct_size = sizeof out->removal;
        out->removal.head.kind = DPH_ITEM_STATE_REMOVE;
        out->removal.expect_revision = item->expect_revision;
        out->removal.key = bytes_of(item->key);
        break;
    case BKEY_ITEM_ACTIVITY:
        fill_activity(&out->activity, item);
        break;
    case BKEY_ITEM_CONTACT:
        fill_contact(&out->contact, item);
        break;
    case BKEY_ITEM_CONFIGURATION:
        fill_configuration(&out->configuration, item);
        break;
    case BKEY_ITEM_WITHDRAW:
        fill_withdrawal(&out->withdrawal, item);
        break;
    }
}

/* What the host said stays with the call, for the one sentence that a person is shown. */
static bkey_err fail_store(const bkey_call *call, dph_status status, dph_error *said,
                           uint32_t not_found)
{
    said->message[sizeof said->message - 1] = '\0';
    if (status != DPH_OK && call != NULL && call->said != NULL)
        (void)sup_utf8_clean(said->message, strlen(said->message), call->said, BKEY_SAID_CAP);
    return bkey_host_ports_error(status, not_found);
}

static bkey_err apply_items(void *self, const bkey_call *call, const bkey_item *items, size_t count,
                            const char *op_key, uint64_t *out_rows, size_t *out_conflict)
{
    const bkey_host_ports *p = self;
    dph_str key = text_of(op_key);
    dph_apply_result result;
    dph_error said = {.struct_size = sizeof said};
    dph_batch batch = {sizeof batch, (uint32_t)count, NULL};
    dph_status status = DPH_E_NOMEM;
    if (count == 0 || count > BKEY_BATCH_MAX)
        return bkey_fail(BKEY_E_BUG);
    any_item *filled = calloc(count, sizeof *filled);
    const dph_item **pointers = calloc(count, sizeof *pointers);
    if (filled == NULL || pointers == NULL)
        goto out;
    for (size_t i = 0; i < count; i++) {
        fill_item(&filled[i], &items[i]);
        pointers[i] = &filled[i].head;
    }
    memset(&result, 0, sizeof result);
    result.struct_size = sizeof result;
    batch.items = pointers;
    status = p->store->apply(p->host, bkey_host_ports_call(call), &batch, &key, &result, &said);
    if (status == DPH_OK && out_rows != NULL)
        *out_rows = result.rows_changed;
    if (status == DPH_E_CONFLICT && out_conflict != NULL)
        *out_conflict = result.conflict_index;
out:
    free(pointers);
    free(filled);
    return fail_store(call, status, &said, BKEY_E_STORE);
}

typedef struct state_context {
    bkey_state_sink sink;
    void *context;
    bkey_err err;
} state_context;

static dph_status pass_state(void *context, const dph_state_row *row)
{
    state_context *to = context;
    bkey_state_row out;
    if (!DPH_HAS(row, value))
        return DPH_E_INVALID;
    out.key.ptr = row->key.ptr;
    out.key.len = row->key.len;
    out.value.ptr = row->value.ptr;
    out.value.len = row->value.len;
    out.revision = row->revision;
    out.tombstone = (row->flags & DPH_STATE_TOMBSTONE) != 0;
    to->err = to->sink(to->context, &out);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_INTERNAL;
}

static bkey_err get_state(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                          void *context)
{
    const bkey_host_ports *p = self;
    state_context to = {sink, context, bkey_ok()};
    dph_state_sink host_sink = {sizeof host_sink, 0, &to, pass_state};
    dph_bytes name = bytes_of(key);
    dph_error said = {.struct_size = sizeof said};
    dph_status status =
        p->state->get(p->host, bkey_host_ports_call(call), &name, &host_sink, &said);
    return bkey_is_ok(to.err) ? fail_store(call, status, &said, BKEY_E_NO_STATE) : to.err;
}

static bkey_err scan_state(void *self, const bkey_call *call, bkey_bytes prefix,
                           bkey_state_sink sink, void *context)
{
    const bkey_host_ports *p = self;
    state_context to = {sink, context, bkey_ok()};
    dph_state_sink host_sink = {sizeof host_sink, 0, &to, pass_state};
    dph_bytes name = bytes_of(prefix);
    dph_error said = {.struct_size = sizeof said};
    dph_status status =
        p->state->scan(p->host, bkey_host_ports_call(call), &name, &host_sink, &said);
    return bkey_is_ok(to.err) ? fail_store(call, status, &said, BKEY_E_STORE) : to.err;
}

void bkey_host_ports_fill_store(bkey_ports *ports)
{
    ports->apply = apply_items;
    ports->state_get = get_state;
    ports->state_scan = scan_state;
}
