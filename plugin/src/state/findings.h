/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'F': what the last check of a connection found (place: tenant, no organization), and
 * since when key sync is switched off (place: neither). Must not know how things are found. */
#ifndef BKEY_FINDINGS_H
#define BKEY_FINDINGS_H

#include "domain/preflight.h"
#include "state/seal.h"

typedef struct bkey_findings {
    int64_t checked_ms;
    bkey_preflight found;
    uint64_t revision; /* 0 = not stored yet */
} bkey_findings;

/* Seals as the successor of findings->revision. bkey_vault_ensure the place before. */
BKEY_MUST_CHECK bkey_err bkey_findings_seal(const bkey_place *place, const bkey_findings *findings,
                                            bkey_sealed *out_sealed);
/* NO_STATE when the connection was never checked. */
BKEY_MUST_CHECK bkey_err bkey_findings_get(const bkey_place *place, bkey_findings *out_findings);

/* When somebody switched the sync of keys off. */
typedef struct bkey_switch_off {
    int64_t since_ms; /* 0 = it is on */
    uint64_t revision;
} bkey_switch_off;

/* Place: no tenant, no organization. */
BKEY_MUST_CHECK bkey_err bkey_findings_seal_off(const bkey_place *place, const bkey_switch_off *off,
                                                bkey_sealed *out_sealed);
/* since_ms and revision 0 when nothing is stored. */
BKEY_MUST_CHECK bkey_err bkey_findings_get_off(const bkey_place *place, bkey_switch_off *out_off);

#endif
