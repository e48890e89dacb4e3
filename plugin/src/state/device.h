/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'E': what is remembered of each device, and of each tenant's sources. Place:
 * (tenant, no organization), so that a device has one row wherever its keys are. Knows what is
 * remembered, not why. */
#ifndef BKEY_STATE_DEVICE_H
#define BKEY_STATE_DEVICE_H

#include "domain/tracked.h"
#include "state/connection.h"

#define BKEY_DEVICE_NAME_SIZE 256u /* a longer name or serial number is cut, between characters */
#define BKEY_DEVICE_LINK_SIZE 4096u

/* Which sources answered, and where the directory tells what it removed. */
typedef struct bkey_sources {
    int64_t intune_unknown_since_ms; /* BKEY_TRACKED_NEVER: the source answers */
    int64_t entra_unknown_since_ms;
    int64_t report_unknown_since_ms;
    int64_t link_ms; /* when the link was made */
    char link[BKEY_DEVICE_LINK_SIZE];
    uint64_t revision; /* of the row; 0 = not stored yet */
} bkey_sources;

/* Seals as the successor of the revision in it. bkey_vault_ensure the place before. */
BKEY_MUST_CHECK bkey_err bkey_device_seal(const bkey_place *place, const bkey_tracked *device,
                                          bkey_sealed *out_sealed);
BKEY_MUST_CHECK bkey_err bkey_device_sources_seal(const bkey_place *place,
                                                  const bkey_sources *sources,
                                                  bkey_sealed *out_sealed);
/* All zero when there is no row. The struct is large: not for the stack of deep calls. */
BKEY_MUST_CHECK bkey_err bkey_device_sources_get(const bkey_place *place, bkey_sources *out);
/* Texts live until the sink returns. The sink must not call the host. */
typedef bkey_err (*bkey_tracked_sink)(void *context, const bkey_tracked *device);
BKEY_MUST_CHECK bkey_err bkey_device_scan(const bkey_place *place, bkey_tracked_sink sink,
                                          void *context);
/* Writes a text as a row keeps it: at most size - 1 bytes, cut between characters. */
void bkey_device_cut(const char *text, char *out, size_t size);

#endif
