/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of devices, compared with what this tick learned, and written where it
 * changed. Must not know rules: domain/tracked.h has them. */
#include "usecase/sync.h"

#include <stdlib.h>
#include <string.h>

#include "domain/match.h"
#include "state/device.h"
#include "usecase/sync_tracked.h"

/* The device as a row can keep it: a name that is cut must not look like a change each time. */
static const bkey_device *cut_device(bkey_sync_tracked *t, uint32_t index)
{
    t->device = ((const bkey_device *)t->sync->devices.items)[index];
    bkey_device_cut(t->device.name, t->name, sizeof t->name);
    bkey_device_cut(t->device.serial, t->serial, sizeof t->serial);
    t->device.name = t->name;
    t->device.serial = t->serial;
    return &t->device;
}

static const char *organization_id(const bkey_sync_tracked *t, uint32_t index)
{
    return index == BKEY_NONE ? "" : bkey_sync_state_organization(t->sync, index)->id;
}

/* Devices without a key have no place in the plan; where they belong follows the same evidence. */
static bkey_err find_organization(bkey_sync_tracked *t, const sup_guid *id, const char *before,
                                  bkey_tracked_news *news)
{
    const bkey_decision *decisions = t->sync->decisions.items;
    const uint32_t decided = bkey_idsort_find(&t->decisions, id);
    bkey_match match = {.organization = BKEY_NONE};
    news->organization_id = before;
    if (news->keys != NULL) {
        news->organization_id = organization_id(t, news->keys->organization);
        return bkey_ok();
    }
    if (news->device == NULL)
        return bkey_ok();
    bkey_err err = bkey_match_device(t->match, news->device,
                                     decided == BKEY_NONE ? NULL : &decisions[decided], &match);
    if (bkey_is_ok(err))
        news->organization_id = organization_id(t, match.organization);
    return err;
}

static bkey_err make_news(bkey_sync_tracked *t, const sup_guid *id, const bkey_tracked *before,
                          bkey_tracked_news *out)
{
    const uint32_t index = bkey_idsort_find(&t->devices, id);
    const uint32_t keys = bkey_idsort_find(&t->by_device, id);
    *out = (bkey_tracked_news){.now_ms = t->now_ms,
                               .intune_complete = t->sync->intune == BKEY_SYNC_COMPLETE,
                               .entra_complete = t->sync->entra == BKEY_SYNC_COMPLETE,
                               .report_complete = t->sync->report == BKEY_SYNC_COMPLETE,
                               .keys_unreadable = t->sync->unreadable_rows > 0};
    if (index != BKEY_NONE) {
        out->device = cut_device(t, index);
        t->seen[index] = 1;
    }
    if (keys != BKEY_NONE)
        out->keys = (const bkey_tracked_keys *)t->keys.items + keys;
    out->successor = bkey_sync_tracked_successor(t, id, before, out->device);
    return find_organization(t, id, before != NULL ? before->organization_id : "", out);
}

static const char *keep_text(bkey_sync_tracked *t, const char *text)
{
    return text[0] == '\0' ? "" : bkey_arena_text(&t->texts, text);
}

static bkey_err keep(bkey_sync_tracked *t, bkey_vec *rows, const bkey_tracked *row, uint8_t notes)
{
    bkey_sync_tracked_change *change = bkey_vec_add(rows);
    if (change == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    change->row = *row;
    change->row.name = keep_text(t, row->name);
    change->row.serial = keep_text(t, row->serial);
    change->row.organization_id = keep_text(t, row->organization_id);
    change->notes = notes;
    const bool whole = change->row.name != NULL && change->row.serial != NULL &&
                       change->row.organization_id != NULL;
    return whole ? bkey_ok() : bkey_fail(BKEY_E_NOMEM);
}

static bkey_err keep_change(bkey_sync_tracked *t, const bkey_tracked *before,
                            const bkey_tracked *after)
{
    if (bkey_tracked_same(before, after))
        return bkey_ok();
    return keep(t, &t->changed, after, bkey_sync_tracked_notes(before, after));
}

/* How it left is asked after the scan: a scan must not be held open over the network. */
static bkey_err take_row(void *context, const bkey_tracked *before)
{
    bkey_sync_tracked *t = context;
    bkey_tracked_news news;
    bkey_err err = make_news(t, &before->id, before, &news);
    if (!bkey_is_ok(err))
        return err;
    const bkey_tracked after = bkey_tracked_update(before, &news);
    const bool may_be_told = news.entra_complete && bkey_tracked_is_gone(&after) &&
                             after.presence != BKEY_PRESENCE_HARD_DELETED &&
                             !sup_guid_is_zero(&after.object_id);
    return may_be_told ? keep(t, &t->gone, before, 0) : keep_change(t, before, &after);
}

static uint8_t find_removal(const bkey_vec *removals, const sup_guid *object_id)
{
    const bkey_removal *rows = removals->items;
    size_t low = 0;
    size_t high = removals->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = sup_guid_compare(&rows[middle].object_id, object_id);
        if (order == 0)
            return rows[middle].is_final ? BKEY_PRESENCE_HARD_DELETED : BKEY_PRESENCE_SOFT_DELETED;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static bkey_err explain_gone(bkey_sync_tracked *t)
{
    const bkey_sync_tracked_change *gone = t->gone.items;
    bkey_vec removals;
    bkey_err err = bkey_ok();
    bkey_vec_init(&removals, sizeof(bkey_removal));
    if (t->gone.count > 0 && t->sources.link[0] != '\0')
        err = bkey_sync_removals_read(t->sync, t->sources.link, &removals, &t->link);
    for (size_t i = 0; bkey_is_ok(err) && i < t->gone.count; i++) {
        bkey_tracked_news news;
        err = make_news(t, &gone[i].row.id, &gone[i].row, &news);
        if (!bkey_is_ok(err))
            break;
        news.removal = find_removal(&removals, &gone[i].row.object_id);
        const bkey_tracked after = bkey_tracked_update(&gone[i].row, &news);
        err = keep_change(t, &gone[i].row, &after);
    }
    bkey_vec_done(&removals);
    return err;
}

static bkey_err flush(bkey_sync *sync)
{
    bkey_err err = sync->ports->still_wanted(sync->ports->self, sync->call);
    return bkey_is_ok(err) ? bkey_batch_apply(&sync->batch) : err;
}

static bkey_err write_row(bkey_sync_tracked *t, const bkey_tracked *row, uint8_t notes)
{
    bkey_sync *sync = t->sync;
    bkey_sealed sealed;
    bkey_err err = bkey_ok();
    memset(&sealed, 0, sizeof sealed);
    if (bkey_batch_room(&sync->batch) < BKEY_SYNC_TRACKED_ITEMS)
        err = flush(sync);
    if (bkey_is_ok(err) && !t->is_ensured)
        err = bkey_vault_ensure(&t->place);
    t->is_ensured = true;
    if (bkey_is_ok(err))
        err = bkey_device_seal(&t->place, row, &sealed);
    if (bkey_is_ok(err)) {
        bkey_batch_put(&sync->batch, &sealed);
        bkey_sync_tracked_tell(t, row, notes);
    }
    bkey_sealed_done(&sealed);
    return err;
}

static bkey_err write_changed(bkey_sync_tracked *t)
{
    const bkey_sync_tracked_change *changed = t->changed.items;
    bkey_err err = bkey_ok();
    for (size_t i = 0; bkey_is_ok(err) && i < t->changed.count; i++)
        err = write_row(t, &changed[i].row, changed[i].notes);
    t->has_written = t->has_written || t->changed.count > 0;
    return err;
}

/* Every Windows device of a listing, and what else has a key. */
static bkey_err write_new(bkey_sync_tracked *t)
{
    const bkey_device *devices = t->sync->devices.items;
    bkey_err err = bkey_ok();
    for (uint32_t i = 0; bkey_is_ok(err) && i < t->sync->devices.count; i++) {
        bkey_tracked_news news;
        const bool has_keys = bkey_idsort_find(&t->by_device, &devices[i].id) != BKEY_NONE;
        /* A device that is listed twice is written as its last row has it. */
        if (t->seen[i] != 0 || (devices[i].is_other_system && !has_keys) ||
            bkey_idsort_find(&t->devices, &devices[i].id) != i)
            continue;
        err = make_news(t, &devices[i].id, NULL, &news);
        if (!bkey_is_ok(err))
            break;
        const bkey_tracked row = bkey_tracked_update(NULL, &news);
        t->has_written = true;
        err = write_row(t, &row, 0);
    }
    return err;
}

/* Keys are published: what comes now needs their memory, and who plans anew loads them anew. */
static void let_go_of_keys(bkey_sync *sync)
{
    sync->input = (bkey_plan_input){.listed = NULL};
    bkey_vec_done(&sync->held);
    bkey_vec_done(&sync->records);
}

static bkey_err load(bkey_sync_tracked *t)
{
    bkey_sync *sync = t->sync;
    const bkey_match_world world = bkey_plan_world(&sync->input);
    let_go_of_keys(sync);
    bkey_err err = bkey_sync_tracked_count_keys(t);
    bkey_plan_free(&sync->plan);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&t->devices, sync->devices.items, sync->devices.count,
                               sizeof(bkey_device));
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&t->decisions, sync->decisions.items, sync->decisions.count,
                               sizeof(bkey_decision));
    if (bkey_is_ok(err))
        err = bkey_match_index_new(&world, &t->match);
    if (bkey_is_ok(err))
        err = bkey_sync_tracked_index_serials(t);
    t->seen = calloc(sync->devices.count + 1, 1);
    if (bkey_is_ok(err) && t->seen == NULL)
        err = bkey_fail(BKEY_E_NOMEM);
    if (bkey_is_ok(err))
        err = bkey_device_sources_get(&t->place, &t->sources);
    return err;
}

static bkey_err run(bkey_sync_tracked *t)
{
    bkey_err err = load(t);
    if (bkey_is_ok(err))
        err = bkey_device_scan(&t->place, take_row, t);
    if (bkey_is_ok(err))
        err = explain_gone(t);
    if (bkey_is_ok(err))
        err = write_changed(t);
    if (bkey_is_ok(err))
        err = write_new(t);
    /* Last: an address that is newer than what was made of the old one would hide removals. */
    if (bkey_is_ok(err))
        err = bkey_sync_tracked_put_sources(t);
    return bkey_is_ok(err) ? flush(t->sync) : err;
}

bkey_err bkey_sync_tracked_publish(bkey_sync *sync)
{
    bkey_sync_tracked *t = calloc(1, sizeof *t);
    if (t == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    t->sync = sync;
    t->place = bkey_sync_state_place(sync, BKEY_NONE);
    t->now_ms = sync->ports->wall_ms(sync->ports->self);
    t->has_written = sync->batch.rows > 0;
    bkey_arena_init(&t->texts);
    bkey_vec_init(&t->keys, sizeof(bkey_tracked_keys));
    bkey_vec_init(&t->serials, sizeof(bkey_sync_tracked_serial));
    bkey_vec_init(&t->changed, sizeof(bkey_sync_tracked_change));
    bkey_vec_init(&t->gone, sizeof(bkey_sync_tracked_change));
    sup_buffer_init(&t->link, BKEY_SYNC_URL_MAX);
    bkey_err err = run(t);
    sup_buffer_done(&t->link);
    bkey_vec_done(&t->gone);
    bkey_vec_done(&t->changed);
    bkey_vec_done(&t->serials);
    bkey_idsort_done(&t->by_device);
    bkey_vec_done(&t->keys);
    free(t->seen);
    bkey_match_index_free(&t->match);
    bkey_idsort_done(&t->decisions);
    bkey_idsort_done(&t->devices);
    bkey_arena_done(&t->texts);
    free(t);
    return err;
}
