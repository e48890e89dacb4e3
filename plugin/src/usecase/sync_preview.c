/* SPDX-License-Identifier: Apache-2.0
 *
 * What a tick tells while it runs, and what a dry run says that a real one would do. Must not
 * change anything, nor name a secret. */
#include <string.h>

#include "usecase/sync.h"

void bkey_sync_preview_progress(bkey_sync *sync, bkey_phase phase, uint64_t done, uint64_t total)
{
    /* A bar that went back would say that work was lost. */
    if (sync->progress.tell == NULL || phase < sync->phase)
        return;
    sync->phase = phase;
    sync->progress.tell(sync->progress.context, phase, done, total);
}

/* What a newer key does to an older one shows only once the newer one is held. */
static bkey_err assume_held(bkey_sync *sync)
{
    sync->assumed_from = sync->held.count;
    sync->has_assumed = true;
    for (size_t i = 0; i < sync->plan.key_count; i++) {
        const bkey_plan_key *key = &sync->plan.keys[i];
        if ((key->todo & BKEY_DO_FETCH) == 0)
            continue;
        if (key->held != BKEY_NONE && (key->flags & BKEY_HELD_SECRET) != 0) {
            ((bkey_held_key *)sync->held.items)[key->held].origins |= BKEY_ORIGIN_ENTRA;
            continue;
        }
        bkey_held_key *held = bkey_vec_add(&sync->held);
        if (held == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *held = (bkey_held_key){.id = key->id,
                                .device_id = key->device_id,
                                .created_ms = key->created_ms,
                                .meta_revision = 1,
                                .secret_revision = 1,
                                .organization = key->organization,
                                .volume = key->volume,
                                .flags = BKEY_HELD_SECRET};
    }
    return bkey_ok();
}

bkey_err bkey_sync_preview_plan(bkey_sync *sync)
{
    if (!sync->dry_run || sync->plan.fetches == 0)
        return bkey_ok();
    bkey_err err = assume_held(sync);
    return bkey_is_ok(err) ? bkey_sync_state_plan(sync) : err;
}

static bool is_assumed(const bkey_sync *sync, const bkey_plan_key *key)
{
    return sync->has_assumed && key->held != BKEY_NONE && key->held >= sync->assumed_from;
}

/* The change that people see first; a key may have several. */
static bkey_preview action_of(const bkey_sync *sync, const bkey_plan_key *key)
{
    if ((key->todo & BKEY_DO_CREATE) != 0)
        return BKEY_PREVIEW_CREATE;
    if (is_assumed(sync, key))
        return BKEY_PREVIEW_HOLD;
    if ((key->todo & BKEY_DO_ARCHIVE) != 0)
        return BKEY_PREVIEW_ARCHIVE;
    if ((key->todo & BKEY_DO_UNARCHIVE) != 0)
        return BKEY_PREVIEW_UNARCHIVE;
    if ((key->todo & (BKEY_DO_MOVE | BKEY_DO_WITHDRAW)) != 0)
        return BKEY_PREVIEW_MOVE;
    if ((key->todo & (BKEY_DO_UPDATE | BKEY_DO_RENAME)) != 0)
        return BKEY_PREVIEW_UPDATE;
    return key->todo != 0 ? BKEY_PREVIEW_NOTE : BKEY_PREVIEW_NONE;
}

static void count_action(bkey_sync_counts *counts, bkey_preview action)
{
    switch (action) {
    case BKEY_PREVIEW_CREATE:
        counts->created++;
        break;
    case BKEY_PREVIEW_ARCHIVE:
        counts->archived++;
        break;
    case BKEY_PREVIEW_UPDATE:
    case BKEY_PREVIEW_MOVE:
    case BKEY_PREVIEW_UNARCHIVE:
        counts->updated++;
        break;
    case BKEY_PREVIEW_NONE:
    case BKEY_PREVIEW_HOLD:
    case BKEY_PREVIEW_NOTE:
        break;
    }
}

void bkey_sync_preview_count(bkey_sync *sync)
{
    for (size_t i = 0; i < sync->plan.key_count; i++) {
        count_action(&sync->counts, action_of(sync, &sync->plan.keys[i]));
        if ((sync->plan.keys[i].flags & BKEY_HELD_MALFORMED) != 0)
            sync->counts.failed++;
    }
    sync->counts.failed += sync->unreadable_rows;
    sync->counts.unmatched = sync->plan.unmatched;
}

void bkey_sync_preview_list(const bkey_sync *sync, const bkey_preview_sink *sink)
{
    bool goes_on = sink->add != NULL;
    for (size_t i = 0; goes_on && i < sync->plan.key_count; i++) {
        const bkey_plan_key *key = &sync->plan.keys[i];
        char id[SUP_GUID_TEXT_LEN + 1];
        bkey_preview_row row = {action_of(sync, key), "", "", id};
        if (row.action == BKEY_PREVIEW_NONE)
            continue;
        sup_guid_format(&key->id, id);
        if (key->organization != BKEY_NONE)
            row.organization_id = bkey_sync_state_organization(sync, key->organization)->id;
        if (key->device != BKEY_NONE)
            row.device = sync->input.devices[key->device].name;
        goes_on = sink->add(sink->context, &row);
    }
}
