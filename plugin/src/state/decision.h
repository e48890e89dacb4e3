/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'D': which configuration a device was matched to, and why. Place: (tenant, no
 * organization), whatever organization the configuration is in, so that a device has one row. */
#ifndef BKEY_DECISION_H
#define BKEY_DECISION_H

#include "domain/model.h"
#include "state/connection.h"

#define BKEY_DECISION_NAME_SIZE 256u

typedef struct bkey_decision_row {
    sup_guid device_id;
    char organization_id[BKEY_ID_SIZE];  /* of the configuration; "" = none */
    char configuration_id[BKEY_ID_SIZE]; /* what was matched; after UNDONE, what was taken back */
    bkey_match_reason reason;
    int64_t since_ms;
    char device_name[BKEY_DECISION_NAME_SIZE]; /* as it was then; "" = not told */
    char who[BKEY_DECISION_NAME_SIZE];         /* the person who decided; "" = evidence */
    uint64_t revision;                         /* 0 = not stored yet */
} bkey_decision_row;

/* Seals as the successor of row->revision. */
BKEY_MUST_CHECK bkey_err bkey_decision_seal(const bkey_place *place, const bkey_decision_row *row,
                                            bkey_sealed *out_sealed);
/* NO_STATE when nothing was ever decided about the device. */
BKEY_MUST_CHECK bkey_err bkey_decision_get(const bkey_place *place, const sup_guid *device_id,
                                           bkey_decision_row *out_row);
typedef bkey_err (*bkey_decision_sink)(void *context, const bkey_decision_row *row);
BKEY_MUST_CHECK bkey_err bkey_decision_scan(const bkey_place *place, bkey_decision_sink sink,
                                            void *context);

#endif
