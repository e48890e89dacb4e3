/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'M': what is known of a device that has keys and no match, why it has none, and what
 * a person may choose from. Place: (tenant, no organization). Removed when the device is matched.
 */
#ifndef BKEY_EVIDENCE_H
#define BKEY_EVIDENCE_H

#include "domain/match.h"
#include "state/connection.h"

#define BKEY_EVIDENCE_TEXT_SIZE 256u

typedef struct bkey_evidence_candidate {
    char organization_id[BKEY_ID_SIZE];
    char configuration_id[BKEY_ID_SIZE];
} bkey_evidence_candidate;

/* Large: not for the stack of deep calls. */
typedef struct bkey_evidence_row {
    bkey_evidence facts; /* device id, addresses, revision */
    bkey_match_outcome outcome;
    bool by_name; /* the candidates merely have the device's name */
    char name[BKEY_EVIDENCE_TEXT_SIZE];
    char serial[BKEY_EVIDENCE_TEXT_SIZE];
    char manufacturer[BKEY_EVIDENCE_TEXT_SIZE];
    char model[BKEY_EVIDENCE_TEXT_SIZE];
    uint32_t candidate_count;
    bkey_evidence_candidate candidates[BKEY_MATCH_CANDIDATES];
} bkey_evidence_row;

/* Two rows with the same hash say the same; revisions do not count. */
uint64_t bkey_evidence_hash(const bkey_evidence_row *row);
/* Seals as the successor of row->facts.revision. */
BKEY_MUST_CHECK bkey_err bkey_evidence_seal(const bkey_place *place, const bkey_evidence_row *row,
                                            bkey_sealed *out_sealed);
/* NO_STATE when there is none. */
BKEY_MUST_CHECK bkey_err bkey_evidence_get(const bkey_place *place, const sup_guid *device_id,
                                           bkey_evidence_row *out_row);
typedef bkey_err (*bkey_evidence_sink)(void *context, const bkey_evidence_row *row);
BKEY_MUST_CHECK bkey_err bkey_evidence_scan(const bkey_place *place, bkey_evidence_sink sink,
                                            void *context);
/* What a put of the row must expect: tombstones count. */
BKEY_MUST_CHECK bkey_err bkey_evidence_revision(const bkey_place *place, const sup_guid *device_id,
                                                uint64_t *out_revision);
/* State key of the row, for removing it. */
void bkey_evidence_row_key(const bkey_place *place, const sup_guid *device_id,
                           uint8_t out[BKEY_STATE_KEY_LEN]);

#endif
