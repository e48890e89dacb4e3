/* SPDX-License-Identifier: Apache-2.0
 *
 * What the comparison of devices needs: the keys of each, who shares a serial number, what is told
 * to people, and which sources answered. See sync_tracked.h. */
#include "usecase/sync_tracked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/lineage.h"

/* So old the directory's address may get before a tick that writes anyway asks for another one: it
 * is good for a week. */
#define LINK_AGE_MS (INT64_C(3600) * 1000)
#define EVENT_ESCROW_FAILED 1003u
#define LEVEL_WARNING 2u

static void count_key(bkey_tracked_keys *to, const bkey_plan_key *key)
{
    const bool held = (key->flags & BKEY_HELD_SECRET) != 0;
    const bool listed = (key->flags & BKEY_HELD_GONE) == 0;
    const bool usable = held && (key->flags & BKEY_HELD_MALFORMED) == 0;
    /* Where the source names no volume, it is most likely the one that every device has. */
    const bool is_os = key->volume == BKEY_VOLUME_OS || key->volume == BKEY_VOLUME_UNKNOWN;
    to->os_held = to->os_held || (is_os && usable);
    to->os_listed = to->os_listed || (is_os && listed);
    to->unheld += listed && !held;
    if (key->organization != BKEY_NONE)
        to->organization = key->organization;
    if (usable && bkey_lineage_is_dated(key->created_ms) && key->created_ms > to->newest_ms)
        to->newest_ms = key->created_ms;
}

bkey_err bkey_sync_tracked_count_keys(bkey_sync_tracked *t)
{
    const bkey_plan *plan = &t->sync->plan;
    bkey_idsort keys;
    bkey_err err = bkey_idsort_init(&keys, plan->key_count > 0 ? &plan->keys[0].device_id : NULL,
                                    plan->key_count, sizeof(bkey_plan_key));
    if (!bkey_is_ok(err))
        return err;
    for (size_t at = 0; at < keys.count;) {
        const size_t end = bkey_idsort_skip(&keys, at);
        const sup_guid *id = bkey_idsort_id(&keys, at);
        bkey_tracked_keys *row = sup_guid_is_zero(id) ? NULL : bkey_vec_add(&t->keys);
        if (row == NULL && !sup_guid_is_zero(id)) {
            err = bkey_fail(BKEY_E_NOMEM);
            break;
        }
        if (row != NULL)
            *row = (bkey_tracked_keys){
                .device_id = *id, .newest_ms = BKEY_DATE_UNKNOWN, .organization = BKEY_NONE};
        for (; at < end; at++)
            if (row != NULL)
                count_key(row, &plan->keys[bkey_idsort_row(&keys, at)]);
    }
    bkey_idsort_done(&keys);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&t->by_device, t->keys.items, t->keys.count,
                               sizeof(bkey_tracked_keys));
    return err;
}

static int by_hash(const void *a, const void *b)
{
    const bkey_sync_tracked_serial *x = a;
    const bkey_sync_tracked_serial *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* 0 when the serial number is no evidence. */
static uint64_t hash_serial(const char *serial)
{
    char plain[BKEY_MATCH_SERIAL_MAX + 1];
    return bkey_match_serial(serial, plain) > 0 ? bkey_plan_hash(plain, NULL, NULL, NULL) : 0;
}

bkey_err bkey_sync_tracked_index_serials(bkey_sync_tracked *t)
{
    const bkey_device *devices = t->sync->devices.items;
    for (uint32_t i = 0; i < t->sync->devices.count; i++) {
        const uint64_t hash = hash_serial(devices[i].serial);
        if ((devices[i].sources & BKEY_SOURCE_INTUNE) == 0 || hash == 0)
            continue;
        bkey_sync_tracked_serial *row = bkey_vec_add(&t->serials);
        if (row == NULL)
            return bkey_fail(BKEY_E_NOMEM);
        *row = (bkey_sync_tracked_serial){hash, i};
    }
    if (t->serials.count > 0)
        qsort(t->serials.items, t->serials.count, sizeof(bkey_sync_tracked_serial), by_hash);
    return bkey_ok();
}

static size_t first_of(const bkey_vec *serials, uint64_t hash)
{
    const bkey_sync_tracked_serial *rows = serials->items;
    size_t low = 0;
    size_t high = serials->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const sup_guid *bkey_sync_tracked_successor(const bkey_sync_tracked *t, const sup_guid *id,
                                            const bkey_tracked *before, const bkey_device *device)
{
    const bkey_sync_tracked_serial *rows = t->serials.items;
    const bkey_device *devices = t->sync->devices.items;
    const sup_guid *found = NULL;
    const uint64_t hash = before != NULL ? hash_serial(before->serial) : 0;
    if (hash == 0 || (device != NULL && (device->sources & BKEY_SOURCE_INTUNE) != 0))
        return NULL;
    for (size_t i = first_of(&t->serials, hash); i < t->serials.count && rows[i].hash == hash;
         i++) {
        const sup_guid *other = &devices[rows[i].device].id;
        if (sup_guid_equal(other, id) || (found != NULL && sup_guid_equal(other, found)))
            continue;
        if (found != NULL)
            return NULL;
        found = other;
    }
    return found;
}

uint8_t bkey_sync_tracked_notes(const bkey_tracked *before, const bkey_tracked *after)
{
    uint8_t notes = 0;
    if (after->presence != before->presence)
        notes |= bkey_tracked_is_gone(after) ? BKEY_SYNC_TRACKED_LEFT : BKEY_SYNC_TRACKED_CAME_BACK;
    if (after->status == BKEY_ESCROW_FAILED &&
        (before->status != after->status || before->why != after->why))
        notes |= BKEY_SYNC_TRACKED_FAILED;
    if (!sup_guid_is_zero(&after->successor) &&
        !sup_guid_equal(&before->successor, &after->successor))
        notes |= BKEY_SYNC_TRACKED_SET_UP_ANEW;
    return notes;
}

static const char *departure(uint8_t presence)
{
    switch (presence) {
    case BKEY_PRESENCE_SOFT_DELETED:
        return "the device was deleted at Microsoft and can be restored there for 30 days; its "
               "keys stay here";
    case BKEY_PRESENCE_HARD_DELETED:
        return "the device was deleted at Microsoft for good; its keys stay here";
    default:
        return "Microsoft does not list the device any more; its keys stay here";
    }
}

static void put_note(const bkey_sync_tracked *t, const bkey_tracked *row, const char *detail)
{
    bkey_item *item = bkey_batch_add(&t->sync->batch, BKEY_ITEM_ACTIVITY);
    item->action = BKEY_ACTION_UPDATED;
    item->organization_id = bkey_batch_text(&t->sync->batch, row->organization_id);
    item->title = bkey_batch_text(&t->sync->batch, row->name);
    item->detail = detail;
}

void bkey_sync_tracked_tell(const bkey_sync_tracked *t, const bkey_tracked *row, uint8_t notes)
{
    const bkey_ports *ports = t->sync->ports;
    if ((notes & BKEY_SYNC_TRACKED_FAILED) != 0)
        ports->log(ports->self, t->sync->call, LEVEL_WARNING, EVENT_ESCROW_FAILED,
                   bkey_escrow_status_sentence(row->why));
    /* Nobody would see an entry of no organization, or of one that left the connection. */
    if (notes == 0 || bkey_sync_state_find(t->sync, row->organization_id) == BKEY_NONE)
        return;
    if ((notes & BKEY_SYNC_TRACKED_LEFT) != 0)
        put_note(t, row, departure(row->presence));
    if ((notes & BKEY_SYNC_TRACKED_CAME_BACK) != 0)
        put_note(t, row, "Microsoft lists the device again");
    if ((notes & BKEY_SYNC_TRACKED_FAILED) != 0)
        put_note(t, row, bkey_escrow_status_sentence(row->why));
    if ((notes & BKEY_SYNC_TRACKED_SET_UP_ANEW) != 0)
        put_note(t, row, "the machine was set up anew and is another device now");
}

static int64_t unknown_since(bkey_sync_answer answer, int64_t before_ms, int64_t now_ms)
{
    if (answer == BKEY_SYNC_COMPLETE)
        return BKEY_TRACKED_NEVER;
    return answer == BKEY_SYNC_DENIED && before_ms == BKEY_TRACKED_NEVER ? now_ms : before_ms;
}

/* An unchanged tick writes nothing, so it renews no address either: the oldest that is needed is
 * from the last change, and one that is too old only hides how a device went. */
static bkey_err renew_link(bkey_sync_tracked *t)
{
    const bool wanted = t->sources.link[0] == '\0' ||
                        (t->has_written && t->now_ms - t->sources.link_ms > LINK_AGE_MS);
    if (t->sync->entra != BKEY_SYNC_COMPLETE || (!wanted && !(t->has_written && t->link.len > 0)))
        return bkey_ok();
    if (t->link.len == 0) {
        bkey_err err = bkey_sync_removals_begin(t->sync, &t->link);
        if (!bkey_is_ok(err))
            return err;
    }
    if (t->link.len == 0 || t->link.len >= sizeof t->sources.link)
        return bkey_ok();
    memcpy(t->sources.link, sup_buffer_text(&t->link), t->link.len + 1);
    t->sources.link_ms = t->now_ms;
    return bkey_ok();
}

static bool same_sources(const bkey_sources *a, const bkey_sources *b)
{
    return a->intune_unknown_since_ms == b->intune_unknown_since_ms &&
           a->entra_unknown_since_ms == b->entra_unknown_since_ms &&
           a->report_unknown_since_ms == b->report_unknown_since_ms && a->link_ms == b->link_ms &&
           strcmp(a->link, b->link) == 0;
}

static bkey_err write_sources(bkey_sync_tracked *t)
{
    bkey_batch *batch = &t->sync->batch;
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    bkey_err err = bkey_batch_room(batch) < 1 ? bkey_batch_apply(batch) : bkey_ok();
    if (bkey_is_ok(err))
        err = bkey_vault_ensure(&t->place);
    if (bkey_is_ok(err))
        err = bkey_device_sources_seal(&t->place, &t->sources, &sealed);
    if (bkey_is_ok(err))
        bkey_batch_put(batch, &sealed);
    bkey_sealed_done(&sealed);
    return err;
}

bkey_err bkey_sync_tracked_put_sources(bkey_sync_tracked *t)
{
    const bkey_sync *sync = t->sync;
    bkey_sources *before = malloc(sizeof *before);
    if (before == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    *before = t->sources;
    t->sources.intune_unknown_since_ms =
        unknown_since(sync->intune, before->intune_unknown_since_ms, t->now_ms);
    t->sources.entra_unknown_since_ms =
        unknown_since(sync->entra, before->entra_unknown_since_ms, t->now_ms);
    t->sources.report_unknown_since_ms =
        unknown_since(sync->report, before->report_unknown_since_ms, t->now_ms);
    bkey_err err = renew_link(t);
    if (bkey_is_ok(err) && !same_sources(before, &t->sources))
        err = write_sources(t);
    free(before);
    return err;
}
