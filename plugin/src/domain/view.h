/* SPDX-License-Identifier: Apache-2.0
 *
 * The two short texts that a record carries for us: its tag (lineage) and its data (volume, flags).
 * Written by publishing, read back by planning, guards and the folder view. Pure; never a secret.
 */
#ifndef BKEY_VIEW_H
#define BKEY_VIEW_H

#include "domain/model.h"

#define BKEY_VIEW_DATA_SIZE 40u

typedef struct bkey_view_facts {
    bkey_volume volume;
    bool malformed;  /* the secret does not parse as a recovery password */
    bool unnamed;    /* the title is a stand-in */
    bool detached;   /* its device's configuration is deleted or archived */
    uint8_t origins; /* BKEY_ORIGIN_*; only what goes beyond the tenant is written */
} bkey_view_facts;

/* "current", "superseded", "gone_at_source"; "" for anything else. Static. */
const char *bkey_view_tag(bkey_lineage lineage);
/* The bkey_lineage of a tag, 0 when it is none. */
uint8_t bkey_view_tag_parse(const char *tag, size_t len);
/* Writes for example "v=os" or "v=fixed;m=1;n=1;c=1;o=3". */
void bkey_view_data(const bkey_view_facts *facts, char out[BKEY_VIEW_DATA_SIZE]);
/* Reads it back. Parts that are missing or not known keep UNKNOWN and false. */
bkey_view_facts bkey_view_data_parse(const char *data, size_t len);

#endif
