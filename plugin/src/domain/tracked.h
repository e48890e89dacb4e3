/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of a device from one sync to the next: only what changes rarely, so that an
 * unchanged source changes nothing. From what was remembered and what the source says now to what
 * is to be remembered. Pure; knows neither state nor network. */
#ifndef BKEY_TRACKED_H
#define BKEY_TRACKED_H

#include "domain/escrow_status.h"
#include "domain/model.h"

#define BKEY_TRACKED_NEVER 0                               /* a time that was never set */
#define BKEY_TRACKED_STALE_MS (INT64_C(90) * 86400 * 1000) /* not seen for so long */
#define BKEY_TRACKED_SOFT_DAYS 30 /* a softly deleted device can be restored for so long */

/* Values are stored: never renumber. */
typedef enum bkey_presence {
    BKEY_PRESENCE_LISTED = 1,
    BKEY_PRESENCE_SOFT_DELETED = 2, /* it can be restored, with its keys */
    BKEY_PRESENCE_HARD_DELETED = 3, /* and its keys at Microsoft with it */
    BKEY_PRESENCE_MISSING = 4,      /* in no complete listing; how it went is not known */
    BKEY_PRESENCE_COUNT
} bkey_presence;

typedef struct bkey_tracked {
    sup_guid id; /* Entra deviceId */
    sup_guid object_id;
    sup_guid successor; /* the device that this machine is now; zero = none is known */
    const char *name;
    const char *serial;
    const char *organization_id; /* where its keys belong; "" = nobody's */
    int64_t presence_since_ms;
    int64_t status_since_ms;
    int64_t waiting_since_ms; /* encrypted without a held key; NEVER = it is not */
    int64_t unknown_since_ms; /* nothing tells its encryption; NEVER = something does */
    int64_t owner_changed_ms; /* NEVER */
    uint64_t owner;           /* 0 = none known */
    uint64_t revision;        /* of its row; 0 = not stored yet */
    uint32_t unheld;          /* keys that the source lists, or may list, and we do not hold */
    uint8_t presence;         /* bkey_presence */
    uint8_t join, sources, encryption, backup; /* as in bkey_device; sources that ever had it */
    uint8_t status;                            /* bkey_escrow */
    uint8_t why;                               /* bkey_escrow_why */
    bool is_stale;
} bkey_tracked;

/* The keys of one device, listed or held. */
typedef struct bkey_tracked_keys {
    sup_guid device_id;
    int64_t newest_ms; /* of the usable ones that are held; BKEY_DATE_UNKNOWN */
    uint32_t unheld;
    uint32_t organization; /* index; BKEY_NONE */
    bool os_held, os_listed;
} bkey_tracked_keys;

/* What this sync learned. */
typedef struct bkey_tracked_news {
    const bkey_device *device;     /* NULL: in no listing */
    const bkey_tracked_keys *keys; /* NULL: none */
    const sup_guid *successor; /* the one other listed device of the same serial number, or NULL */
    const char *organization_id;
    bool intune_complete, entra_complete, report_complete;
    bool keys_unreadable; /* the listing of keys had a row that may be any device's key */
    uint8_t removal;      /* SOFT_DELETED, HARD_DELETED, or 0 when the directory does not tell */
    int64_t now_ms;
} bkey_tracked_news;

/* What is to be remembered; `before` NULL = a new device. Text is borrowed from both. */
bkey_tracked bkey_tracked_update(const bkey_tracked *before, const bkey_tracked_news *news);
/* True when a row would say the same. */
bool bkey_tracked_same(const bkey_tracked *a, const bkey_tracked *b);
/* True when no complete listing had it, or the directory said that it was deleted. */
bool bkey_tracked_is_gone(const bkey_tracked *device);
/* Whole days until a softly deleted device is gone for good; 0 when over, -1 when it is not so. */
int32_t bkey_tracked_days_left(const bkey_tracked *device, int64_t now_ms);
/* Words for machines; "unknown" for what is not known. Static. */
const char *bkey_tracked_join_name(uint8_t join);
const char *bkey_tracked_presence_name(uint8_t presence);
/* Who set up what escrows its keys to the directory, as far as the sources tell: "intune" for a
 * device that Intune ever managed, "entra" for one that only the directory knows. Static. */
const char *bkey_tracked_origin_name(uint8_t sources);

#endif
