/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of what is remembered of a device. See tracked.h. */
#include "domain/tracked.h"

#include <string.h>

#define DAY_MS (INT64_C(86400) * 1000)

static bool is_unset(int64_t when_ms)
{
    /* Microsoft's 0001-01-01 and our own "not known" both lie before the epoch. */
    return when_ms <= 0;
}

/* A device that the directory ever had and does not list any more is deleted, whatever Intune,
 * which forgets late, still lists: its keys go with the directory's object. */
static uint8_t find_presence(const bkey_tracked *before, const bkey_tracked_news *news)
{
    const uint8_t sources = news->device != NULL ? news->device->sources : 0;
    const bool was_in_entra = (before->sources & BKEY_SOURCE_ENTRA) != 0;
    if ((sources & BKEY_SOURCE_ENTRA) != 0)
        return BKEY_PRESENCE_LISTED;
    if (was_in_entra && !news->entra_complete)
        return before->presence;
    if (was_in_entra) {
        if (news->removal != 0)
            return news->removal;
        return before->presence == BKEY_PRESENCE_LISTED ? BKEY_PRESENCE_MISSING : before->presence;
    }
    if (sources != 0)
        return BKEY_PRESENCE_LISTED;
    return news->intune_complete ? BKEY_PRESENCE_MISSING : before->presence;
}

static void take_presence(bkey_tracked *after, const bkey_tracked_news *news)
{
    uint8_t presence = find_presence(after, news);
    if (presence == after->presence)
        return;
    /* "Missing" that turns out to have been a deletion began when it was first missing. */
    if (presence == BKEY_PRESENCE_LISTED || after->presence == BKEY_PRESENCE_LISTED)
        after->presence_since_ms = news->now_ms;
    after->presence = presence;
}

static void take_names(bkey_tracked *after, const bkey_device *device)
{
    if (device->name[0] != '\0')
        after->name = device->name;
    if (device->serial[0] != '\0')
        after->serial = device->serial;
    if (!sup_guid_is_zero(&device->object_id))
        after->object_id = device->object_id;
    if (device->join != BKEY_JOIN_UNKNOWN)
        after->join = device->join;
    after->sources |= device->sources;
}

/* A primary user that is taken away and comes back is no change. */
static void take_owner(bkey_tracked *after, const bkey_tracked_news *news)
{
    if (news->device == NULL || news->device->owner == 0)
        return;
    if (after->owner != 0 && after->owner != news->device->owner)
        after->owner_changed_ms = news->now_ms;
    after->owner = news->device->owner;
}

static void take_encryption(bkey_tracked *after, const bkey_tracked_news *news)
{
    const bkey_device *device = news->device;
    const bool told = device != NULL && device->encryption != BKEY_ENCRYPTION_UNKNOWN;
    if (told) {
        after->encryption = device->encryption;
        after->unknown_since_ms = BKEY_TRACKED_NEVER;
    } else if (after->unknown_since_ms == BKEY_TRACKED_NEVER) {
        after->unknown_since_ms = news->now_ms;
    }
    if (news->report_complete && device != NULL)
        after->backup = device->backup;
}

static void take_stale(bkey_tracked *after, const bkey_tracked_news *news)
{
    if (news->device != NULL && !is_unset(news->device->last_seen_ms))
        after->is_stale = news->now_ms - news->device->last_seen_ms > BKEY_TRACKED_STALE_MS;
}

static void take_status(bkey_tracked *after, const bkey_tracked_news *news)
{
    const bkey_tracked_keys *keys = news->keys;
    bkey_escrow_facts facts = {.encryption = (bkey_encryption)after->encryption,
                               .backup = after->backup,
                               .os_key_held = keys != NULL && keys->os_held,
                               .os_key_listed = keys != NULL && keys->os_listed};
    const bool waits =
        !facts.os_key_held && (facts.os_key_listed || facts.encryption == BKEY_ENCRYPTION_ON);
    if (!waits)
        after->waiting_since_ms = BKEY_TRACKED_NEVER;
    else if (after->waiting_since_ms == BKEY_TRACKED_NEVER)
        after->waiting_since_ms = news->now_ms;
    else
        facts.waited_ms = news->now_ms - after->waiting_since_ms;
    facts.owner_changed = facts.os_key_held && after->owner_changed_ms != BKEY_TRACKED_NEVER &&
                          keys->newest_ms < after->owner_changed_ms;
    const bkey_escrow_verdict verdict = bkey_escrow_status_of(&facts);
    if (after->status != (uint8_t)verdict.status || after->why != (uint8_t)verdict.why)
        after->status_since_ms = news->now_ms;
    after->status = (uint8_t)verdict.status;
    after->why = (uint8_t)verdict.why;
    after->unheld = (keys != NULL ? keys->unheld : 0) + (news->keys_unreadable ? 1 : 0);
}

/* A machine that was set up anew is in Intune under its new id only. */
static void take_successor(bkey_tracked *after, const bkey_tracked_news *news)
{
    static const sup_guid none;
    const bool managed = news->device != NULL && (news->device->sources & BKEY_SOURCE_INTUNE) != 0;
    if (managed)
        after->successor = none;
    else if (news->intune_complete && news->successor != NULL)
        after->successor = *news->successor;
}

bkey_tracked bkey_tracked_update(const bkey_tracked *before, const bkey_tracked_news *news)
{
    bkey_tracked after = {.name = "",
                          .serial = "",
                          .presence = BKEY_PRESENCE_LISTED,
                          .presence_since_ms = news->now_ms};
    if (before != NULL)
        after = *before;
    else if (news->device != NULL)
        after.id = news->device->id;
    take_presence(&after, news);
    if (news->device != NULL)
        take_names(&after, news->device);
    after.organization_id = news->organization_id;
    take_owner(&after, news);
    take_encryption(&after, news);
    take_stale(&after, news);
    take_successor(&after, news);
    take_status(&after, news);
    return after;
}

bool bkey_tracked_same(const bkey_tracked *a, const bkey_tracked *b)
{
    const bool same_ids = sup_guid_equal(&a->id, &b->id) &&
                          sup_guid_equal(&a->object_id, &b->object_id) &&
                          sup_guid_equal(&a->successor, &b->successor);
    const bool same_texts = strcmp(a->name, b->name) == 0 && strcmp(a->serial, b->serial) == 0 &&
                            strcmp(a->organization_id, b->organization_id) == 0;
    const bool same_times =
        a->presence_since_ms == b->presence_since_ms && a->status_since_ms == b->status_since_ms &&
        a->waiting_since_ms == b->waiting_since_ms && a->unknown_since_ms == b->unknown_since_ms &&
        a->owner_changed_ms == b->owner_changed_ms;
    const bool same_facts = a->presence == b->presence && a->join == b->join &&
                            a->sources == b->sources && a->encryption == b->encryption &&
                            a->backup == b->backup && a->owner == b->owner &&
                            a->unheld == b->unheld && a->is_stale == b->is_stale;
    return same_ids && same_texts && same_times && same_facts && a->status == b->status &&
           a->why == b->why;
}

bool bkey_tracked_is_gone(const bkey_tracked *device)
{
    return device->presence != BKEY_PRESENCE_LISTED;
}

int32_t bkey_tracked_days_left(const bkey_tracked *device, int64_t now_ms)
{
    if (device->presence != BKEY_PRESENCE_SOFT_DELETED)
        return -1;
    int64_t gone = now_ms > device->presence_since_ms ? now_ms - device->presence_since_ms : 0;
    int64_t days = gone / DAY_MS;
    return days >= BKEY_TRACKED_SOFT_DAYS ? 0 : (int32_t)(BKEY_TRACKED_SOFT_DAYS - days);
}

const char *bkey_tracked_join_name(uint8_t join)
{
    static const char *const names[] = {"unknown", "joined", "hybrid", "registered", "pending"};
    return join < BKEY_JOIN_COUNT ? names[join] : names[0];
}

const char *bkey_tracked_presence_name(uint8_t presence)
{
    static const char *const names[] = {"unknown", "listed", "soft-deleted", "hard-deleted",
                                        "missing"};
    return presence < BKEY_PRESENCE_COUNT ? names[presence] : names[0];
}

const char *bkey_tracked_origin_name(uint8_t sources)
{
    if ((sources & BKEY_SOURCE_INTUNE) != 0)
        return "intune";
    return (sources & BKEY_SOURCE_ENTRA) != 0 ? "entra" : "unknown";
}
