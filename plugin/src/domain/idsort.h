/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows in the order of their ids without moving or copying them. Pure; must not know the rows: each
 * begins with a sup_guid. */
#ifndef BKEY_IDSORT_H
#define BKEY_IDSORT_H

#include "base/error.h"
#include "support/guid.h"

typedef struct bkey_idsort_entry {
    uint64_t prefix; /* the id's first 8 bytes as a number: decides nearly every comparison */
    const sup_guid *id;
} bkey_idsort_entry;

typedef struct bkey_idsort {
    bkey_idsort_entry *entries; /* sorted; of equal ids the later row comes later */
    size_t count;
    const char *base;
    size_t width;
} bkey_idsort;

/* NOMEM. Ended by bkey_idsort_done. `rows` must outlive it. */
BKEY_MUST_CHECK bkey_err bkey_idsort_init(bkey_idsort *sorted, const void *rows, size_t count,
                                          size_t width);
/* NULL-safe. */
void bkey_idsort_done(bkey_idsort *sorted);
/* The id at a place of the order. */
const sup_guid *bkey_idsort_id(const bkey_idsort *sorted, size_t place);
/* The index of the row at a place of the order. */
uint32_t bkey_idsort_row(const bkey_idsort *sorted, size_t place);
/* The first place behind the rows that have the same id as the one at `place`. */
size_t bkey_idsort_skip(const bkey_idsort *sorted, size_t place);
/* How many rows have that id; *out_first, their first place, is written when there are any. */
size_t bkey_idsort_rows(const bkey_idsort *sorted, const sup_guid *id, size_t *out_first);
/* The index of the last row with that id; UINT32_MAX when there is none. */
uint32_t bkey_idsort_find(const bkey_idsort *sorted, const sup_guid *id);

#endif
