/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind 'I': what an import told of a key beside its password. Place: (tenant, no
 * organization), wherever the key is. */
#ifndef BKEY_IMPORTED_H
#define BKEY_IMPORTED_H

#include "state/connection.h"

#define BKEY_IMPORTED_TEXT_SIZE 256u

typedef struct bkey_imported {
    sup_guid key_id;
    int64_t imported_ms;
    char organization_id[BKEY_ID_SIZE]; /* that a person named for the import */
    char name[BKEY_IMPORTED_TEXT_SIZE];
    char serial[BKEY_IMPORTED_TEXT_SIZE];
    char who[BKEY_IMPORTED_TEXT_SIZE];
    uint64_t revision;
} bkey_imported;

/* Seals as the successor of row->revision. */
BKEY_MUST_CHECK bkey_err bkey_imported_seal(const bkey_place *place, const bkey_imported *row,
                                            bkey_sealed *out_sealed);
/* NO_STATE when there is none. */
BKEY_MUST_CHECK bkey_err bkey_imported_get(const bkey_place *place, const sup_guid *key_id,
                                           bkey_imported *out_row);
/* The sink must not call the host. */
typedef bkey_err (*bkey_imported_sink)(void *context, const bkey_imported *row);
BKEY_MUST_CHECK bkey_err bkey_imported_scan(const bkey_place *place, bkey_imported_sink sink,
                                            void *context);
/* What a put of the row must expect: tombstones count. */
BKEY_MUST_CHECK bkey_err bkey_imported_revision(const bkey_place *place, const sup_guid *key_id,
                                                uint64_t *out_revision);

#endif
