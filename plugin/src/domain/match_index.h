/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of match: tables of hashes over configurations and devices. A hash only finds candidates;
 * the texts decide. Not for others: include match.h. */
#ifndef BKEY_MATCH_INDEX_H
#define BKEY_MATCH_INDEX_H

#include "base/pattern.h"
#include "domain/match.h"

typedef struct bkey_match_entry {
    uint64_t hash;
    uint32_t row;
} bkey_match_entry;

typedef struct bkey_match_table {
    bkey_match_entry *entries; /* sorted by hash, then row */
    size_t count;
} bkey_match_table;

struct bkey_match_index {
    bkey_match_world world;
    bkey_match_table ids;       /* of configurations */
    bkey_match_table serials;   /* of configurations */
    bkey_match_table macs;      /* of configurations */
    bkey_match_table names;     /* host names of configurations that are not archived */
    bkey_match_table devices;   /* by serial number */
    bkey_match_table addresses; /* of evidence */
    bkey_idsort inventory;
    bkey_idsort evidence;
    uint32_t *claims; /* per configuration: the decision of a listed device, BKEY_NONE */
    bool *rivalled;   /* per configuration: another tenant's device has it, or its serial number */
    bkey_pattern *junk;
};

/* Place of the first entry of that hash, `count` when there is none. */
size_t bkey_match_index_find(const bkey_match_table *table, uint64_t hash);
/* The configuration of that id, BKEY_NONE. */
uint32_t bkey_match_index_id(const bkey_match_index *index, const char *id);
/* The serial number as it is compared; *out_len 0: it is no evidence. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_index_serial(const bkey_match_index *index, const char *text,
                                                 char serial[BKEY_MATCH_SERIAL_MAX + 1],
                                                 size_t *out_len);
/* match_rival.c: marks what other tenants' devices have. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_match_rival_mark(bkey_match_index *index);
/* Hash of a text as it is. */
uint64_t bkey_match_index_text(const char *text);

#endif
