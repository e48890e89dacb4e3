/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's word on one device: matched to this configuration, to a new one, to none, or the last
 * word taken back. What was shown in another organization is out of it in the same batch (S1.77);
 * what is to be shown anew is put there by the next tick. Must not know the ABI. */
#ifndef BKEY_MATCH_CHANGE_H
#define BKEY_MATCH_CHANGE_H

#include "usecase/match_list.h"

#define BKEY_MATCH_CHANGE_DETAIL_SIZE 256u

typedef enum bkey_match_change_kind {
    BKEY_MATCH_CHANGE_SET = 1,
    BKEY_MATCH_CHANGE_CREATE,
    BKEY_MATCH_CHANGE_IGNORE,
    BKEY_MATCH_CHANGE_UNDO /* a match: nowhere until the next word; anything else: open again */
} bkey_match_change_kind;

typedef struct bkey_match_change {
    bkey_match_query query; /* state is not looked at */
    bkey_match_change_kind kind;
    const char *device;        /* device id, or a name that one device has */
    const char *configuration; /* SET: id, or a name that one configuration has */
    const char *organization;  /* CREATE: id */
} bkey_match_change;

/* [hook] Appends {"device_id", "state", "organization_id", "configuration_id", "moved"}. On failure
 * `detail`, when not "", is the sentence to show; what the asker may not see is answered like what
 * is not there. Errors: NO_STATE, PARAMETER, NOT_CONNECTED, CONFLICT, those of the state. */
BKEY_MUST_CHECK bkey_err bkey_match_change_run(const bkey_match_change *change, sup_buffer *json,
                                               char detail[BKEY_MATCH_CHANGE_DETAIL_SIZE]);

#endif
