/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds keys in the store and shows them: journaled first, shown after. Must not know where store,
 * keyring and journal come from. */
#ifndef BKEY_OPEN_SHOW_H
#define BKEY_OPEN_SHOW_H

#include "state/journal.h"

typedef struct bkey_open_request {
    bkey_vault *vault;
    bkey_slab *slab;
    const bkey_call *call;
    const sup_guid *key_id;      /* one key, or NULL: */
    const char *organization_id; /* all keys of one organization */
    const char *reason;
    const char *ticket;
    const char *journal; /* path; made when there is none */
    char *why;
    size_t why_size;
} bkey_open_request;

/* Prints to standard output: the digits alone for one key, "KEYID DIGITS" lines for an
 * organization. Attempts that find nothing are journaled too. False with a sentence. */
bool bkey_open_show_run(const bkey_open_request *request);

#endif
