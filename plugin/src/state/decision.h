/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'D': which configuration a device was matched to, and why. Place: (tenant, no
 * organization), whatever organization the configuration is in, so that a device has one row. */
#ifndef BKEY_DECISION_H
#define BKEY_DECISION_H

#include "state/connection.h"

/* Why; values are stored: never renumber. */
typedef enum bkey_match_reason {
    BKEY_MATCH_SERIAL = 1,
    BKEY_MATCH_MAC = 2,
    BKEY_MATCH_PERSON = 3,
    BKEY_MATCH_CREATED = 4, /* the configuration was made for the device */
    BKEY_MATCH_COUNT
} bkey_match_reason;

typedef struct bkey_decision_row {
    sup_guid device_id;
    char organization_id[BKEY_ID_SIZE];
    char configuration_id[BKEY_ID_SIZE];
    bkey_match_reason reason;
    int64_t since_ms;
    uint64_t revision; /* 0 = not stored yet */
} bkey_decision_row;

/* Seals as the successor of row->revision. */
BKEY_MUST_CHECK bkey_err bkey_decision_seal(const bkey_place *place, const bkey_decision_row *row,
                                            bkey_sealed *out_sealed);
typedef bkey_err (*bkey_decision_sink)(void *context, const bkey_decision_row *row);
BKEY_MUST_CHECK bkey_err bkey_decision_scan(const bkey_place *place, bkey_decision_sink sink,
                                            void *context);

#endif
