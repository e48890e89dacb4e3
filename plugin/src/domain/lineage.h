/* SPDX-License-Identifier: Apache-2.0
 *
 * Which keys of a device are current. Two steps over the keys of one line (one device and one
 * volume kind): fold all of them into the newest date that may supersede, then ask for each. Pure.
 */
#ifndef BKEY_LINEAGE_H
#define BKEY_LINEAGE_H

#include "domain/model.h"

typedef struct bkey_lineage_fact {
    int64_t created_ms; /* BKEY_DATE_UNKNOWN when not known */
    bkey_volume volume;
    bool listed; /* the source's complete listing has it */
    bool usable; /* its secret is committed here and reads as a recovery password */
} bkey_lineage_fact;

/* False for BKEY_DATE_UNKNOWN and for Microsoft's 0001-01-01, which means "not set". */
bool bkey_lineage_is_dated(int64_t created_ms);
/* The newer of `newest_ms` (BKEY_DATE_UNKNOWN to begin with) and the fact's date, if that key may
 * supersede others: only one that is listed, usable and dated may. */
int64_t bkey_lineage_fold(int64_t newest_ms, const bkey_lineage_fact *fact);
/* What the key is, given its line's newest date. In doubt it is shown: CURRENT, or GONE. */
bkey_lineage bkey_lineage_of(const bkey_lineage_fact *fact, int64_t newest_ms,
                             int64_t burst_window_ms);

#endif
