/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of sync_tracked*.c: what they share while devices are compared. Not for others. */
#ifndef BKEY_SYNC_TRACKED_H
#define BKEY_SYNC_TRACKED_H

#include "domain/idsort.h"
#include "domain/match.h"
#include "state/device.h"
#include "usecase/sync.h"

#define BKEY_SYNC_TRACKED_ITEMS 4u /* most items of one device: its row and what is told of it */

/* What a change is told as in the activity log. */
#define BKEY_SYNC_TRACKED_LEFT 1u
#define BKEY_SYNC_TRACKED_CAME_BACK 2u
#define BKEY_SYNC_TRACKED_FAILED 4u
#define BKEY_SYNC_TRACKED_SET_UP_ANEW 8u

typedef struct bkey_sync_tracked_change {
    bkey_tracked row;
    uint8_t notes; /* BKEY_SYNC_TRACKED_* */
} bkey_sync_tracked_change;

typedef struct bkey_sync_tracked_serial {
    uint64_t hash;
    uint32_t device; /* index */
} bkey_sync_tracked_serial;

typedef struct bkey_sync_tracked {
    bkey_sync *sync;
    bkey_place place;
    int64_t now_ms;
    bkey_idsort devices;   /* of the listings */
    bkey_idsort decisions; /* of the tick */
    bkey_match_index *match;
    bkey_vec keys;         /* bkey_tracked_keys */
    bkey_idsort by_device; /* of keys */
    bkey_vec serials;      /* bkey_sync_tracked_serial of Intune's devices, sorted */
    uint8_t *seen;         /* per listed device: it has a row */
    bkey_vec changed;      /* bkey_sync_tracked_change */
    bkey_vec gone;         /* the same, as remembered: the directory may tell how they went */
    bkey_arena texts;
    bkey_sources sources;
    sup_buffer link; /* where later removals are told; "" = as before */
    bool has_written, is_ensured;
    bkey_device device; /* the one under way, cut */
    char name[BKEY_DEVICE_NAME_SIZE], serial[BKEY_DEVICE_NAME_SIZE];
} bkey_sync_tracked;

/* ---- sync_tracked_facts.c ---- */
BKEY_MUST_CHECK bkey_err bkey_sync_tracked_count_keys(bkey_sync_tracked *t);
BKEY_MUST_CHECK bkey_err bkey_sync_tracked_index_serials(bkey_sync_tracked *t);
/* The one device that Intune lists under the remembered serial number, when `id` is not listed
 * there any more; NULL when there is none or more than one. */
const sup_guid *bkey_sync_tracked_successor(const bkey_sync_tracked *t, const sup_guid *id,
                                            const bkey_tracked *before, const bkey_device *device);
uint8_t bkey_sync_tracked_notes(const bkey_tracked *before, const bkey_tracked *after);
/* Activity entries of a change, into the batch. */
void bkey_sync_tracked_tell(const bkey_sync_tracked *t, const bkey_tracked *row, uint8_t notes);
/* The row of the tenant's sources, into the batch when it changed. */
BKEY_MUST_CHECK bkey_err bkey_sync_tracked_put_sources(bkey_sync_tracked *t);

#endif
