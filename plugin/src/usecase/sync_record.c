/* SPDX-License-Identifier: Apache-2.0
 *
 * The writes of one planned key: its sealed rows, its record, its activity entries. Must not know
 * the order in which keys are published. */
#include "usecase/sync.h"

#include <stdio.h>
#include <string.h>

#include "state/held.h"
#include "usecase/rehome.h"

#define RECORD_CHANGES                                                                             \
    (BKEY_DO_CREATE | BKEY_DO_UPDATE | BKEY_DO_RENAME | BKEY_DO_ARCHIVE | BKEY_DO_UNARCHIVE |      \
     BKEY_DO_MOVE | BKEY_DO_WITHDRAW)
#define DETAIL_MAX 512u

typedef struct writing {
    bkey_sync *sync;
    const bkey_plan_key *key;
    const char *external_id;
    const char *title;     /* what the record will be called */
    const char *old_title; /* "" when there is no record yet */
    bkey_plan_record wanted;
} writing;

static bkey_held_key planned_row(const writing *w)
{
    const bkey_plan_key *key = w->key;
    const bkey_held_key *held = &w->sync->input.held[key->held];
    bkey_held_key row = *held;
    row.device_id = key->device_id;
    row.created_ms = key->created_ms;
    row.volume = key->volume;
    row.flags = key->flags;
    row.origins = key->origins;
    row.organization = key->organization;
    return row;
}

static bkey_err put_meta(const writing *w)
{
    const bkey_place place = bkey_sync_state_place(w->sync, w->key->organization);
    const bkey_held_key row = planned_row(w);
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_held_seal(&place, &row, &sealed);
    if (bkey_is_ok(err))
        bkey_batch_put(&w->sync->batch, &sealed);
    bkey_sealed_done(&sealed);
    return err;
}

static bkey_err put_rehomed(const writing *w)
{
    bkey_batch *batch = &w->sync->batch;
    const bkey_held_key *held = &w->sync->input.held[w->key->held];
    const bkey_place from = bkey_sync_state_place(w->sync, held->organization);
    const bkey_place to = bkey_sync_state_place(w->sync, w->key->organization);
    const bkey_held_key row = planned_row(w);
    bkey_err err = bkey_vault_ensure(&to);
    if (bkey_is_ok(err))
        err = bkey_rehome_add(batch, &from, &to, &row);
    return err;
}

static bkey_err take_title(void *context, const bkey_record_view *row)
{
    writing *w = context;
    w->old_title = bkey_batch_text(&w->sync->batch, row->title);
    return bkey_ok();
}

/* The host lists no titles to the plan, which compares hashes; a change is rare enough to ask. */
static bkey_err find_titles(writing *w)
{
    const bkey_ports *ports = w->sync->ports;
    w->old_title = "";
    if (w->key->record != BKEY_NONE) {
        bkey_err err = ports->record(ports->self, w->sync->call, w->external_id, take_title, w);
        if (!bkey_is_ok(err))
            return bkey_is(err, BKEY_E_NO_STATE) ? bkey_fail(BKEY_E_CONFLICT) : err;
    }
    bool keeps = w->key->record != BKEY_NONE && (w->key->todo & BKEY_DO_RENAME) == 0;
    w->title = keeps ? w->old_title : bkey_batch_text(&w->sync->batch, w->wanted.title);
    return bkey_ok();
}

static void put_record(const writing *w)
{
    bkey_sync *sync = w->sync;
    const bkey_plan_key *key = w->key;
    bkey_batch *batch = &sync->batch;
    const bkey_sync_organization *organization =
        bkey_sync_state_organization(sync, key->organization);
    bkey_item *item = bkey_batch_add(batch, BKEY_ITEM_RECORD);
    item->expect_revision =
        key->record == BKEY_NONE ? 0 : sync->input.records[key->record].revision;
    item->archived = key->archived != 0;
    item->organization_id = organization->id;
    item->folder_id = organization->folder_id;
    item->external_id = w->external_id;
    item->category = bkey_batch_text(batch, w->wanted.category);
    item->title = w->title;
    item->username = w->external_id + SUP_GUID_TEXT_LEN + 1;
    item->configuration_id = bkey_batch_text(batch, w->wanted.configuration_id);
    item->tag = w->wanted.tag;
    item->data = bkey_batch_text(batch, w->wanted.data);
}

static void put_activity(const writing *w, bkey_action action, uint32_t organization,
                         const char *detail)
{
    bkey_item *item = bkey_batch_add(&w->sync->batch, BKEY_ITEM_ACTIVITY);
    item->action = action;
    item->organization_id = bkey_sync_state_organization(w->sync, organization)->id;
    item->external_id = w->external_id;
    item->title = w->title;
    item->detail = detail;
}

static const char *renaming(const writing *w)
{
    const int half = (int)(DETAIL_MAX / 2 - 3);
    char detail[DETAIL_MAX + 1];
    /* Cut in the middle of a character the host would refuse the batch: say less instead. */
    if (strlen(w->old_title) > (size_t)half || strlen(w->title) > (size_t)half)
        return "long name changed";
    (void)snprintf(detail, sizeof detail, "%.*s -> %.*s", half, w->old_title, half, w->title);
    return bkey_batch_text(&w->sync->batch, detail);
}

static void put_activities(const writing *w)
{
    const bkey_plan_key *key = w->key;
    const uint32_t todo = key->todo;
    if ((todo & BKEY_DO_CREATE) != 0)
        put_activity(w, BKEY_ACTION_CREATED, key->organization,
                     key->archived != 0 ? "already superseded" : "");
    if ((todo & BKEY_DO_MOVE) != 0 && key->record != BKEY_NONE) {
        uint32_t from = w->sync->input.records[key->record].organization;
        put_activity(w, BKEY_ACTION_MOVED, key->organization, "from another organization");
        if (from != BKEY_NONE)
            put_activity(w, BKEY_ACTION_MOVED, from, "to another organization");
    }
    if ((todo & BKEY_DO_RENAME) != 0)
        put_activity(w, BKEY_ACTION_RENAMED, key->organization, renaming(w));
    if ((todo & BKEY_DO_ARCHIVE) != 0)
        put_activity(w, BKEY_ACTION_ARCHIVED, key->organization, "superseded by a newer key");
    if ((todo & BKEY_DO_UNARCHIVE) != 0)
        put_activity(w, BKEY_ACTION_UNARCHIVED, key->organization, "current again");
}

/* Out of the folder where nobody is to see it any more (S1.77). */
static void put_withdrawal(const writing *w)
{
    const bkey_record *record = &w->sync->input.records[w->key->record];
    bkey_item *item = bkey_batch_add(&w->sync->batch, BKEY_ITEM_WITHDRAW);
    item->expect_revision = record->revision;
    item->external_id = w->external_id;
    put_activity(w, BKEY_ACTION_MOVED, record->organization, BKEY_REHOME_WITHDRAWN);
}

static void count(const bkey_plan_key *key, bkey_sync_counts *counts)
{
    if ((key->todo & BKEY_DO_CREATE) != 0)
        counts->created++;
    else if ((key->todo & BKEY_DO_ARCHIVE) != 0)
        counts->archived++;
    else
        counts->updated++;
}

void bkey_sync_record_external_id(const bkey_sync *sync, const sup_guid *id,
                                  char out[BKEY_EXTERNAL_ID_SIZE])
{
    memcpy(out, sync->tenant_text, SUP_GUID_TEXT_LEN);
    out[SUP_GUID_TEXT_LEN] = ':';
    sup_guid_format(id, out + SUP_GUID_TEXT_LEN + 1);
}

bkey_err bkey_sync_record_add(bkey_sync *sync, const bkey_plan_key *key, bkey_sync_counts *counts)
{
    writing w = {.sync = sync, .key = key};
    char external_id[BKEY_EXTERNAL_ID_SIZE];
    bkey_err err = bkey_ok();
    if (key->held != BKEY_NONE && (key->todo & BKEY_DO_REHOME) != 0)
        err = put_rehomed(&w);
    else if (key->held != BKEY_NONE && (key->todo & BKEY_DO_META) != 0)
        err = put_meta(&w);
    const bool withdrawn = (key->todo & BKEY_DO_WITHDRAW) != 0;
    if (!bkey_is_ok(err) || (key->todo & RECORD_CHANGES) == 0 ||
        (key->organization == BKEY_NONE && !withdrawn))
        return err;
    bkey_sync_record_external_id(sync, &key->id, external_id);
    w.external_id = bkey_batch_text(&sync->batch, external_id);
    bkey_plan_record_write(&sync->input, key, &w.wanted);
    err = find_titles(&w);
    if (!bkey_is_ok(err))
        return err;
    if (withdrawn) {
        put_withdrawal(&w);
    } else {
        put_record(&w);
        put_activities(&w);
    }
    count(key, counts);
    return bkey_ok();
}
