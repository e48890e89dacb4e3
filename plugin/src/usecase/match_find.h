/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a person types to one device and one configuration, among those that the asker may see.
 * Must not write. */
#ifndef BKEY_MATCH_FIND_H
#define BKEY_MATCH_FIND_H

#include "usecase/match_list.h"

#define BKEY_MATCH_FIND_DETAIL_SIZE 256u

/* The device, with the connection it was found in. */
typedef struct bkey_match_found {
    bkey_connection connection;
    sup_guid device_id;
    bkey_match_state state;
    bkey_match_reason reason;
    char name[BKEY_EVIDENCE_TEXT_SIZE];
    char organization_id[BKEY_ID_SIZE]; /* matched there; "" = nowhere */
} bkey_match_found;

/* By device id, or by a name in which letter case does not count. NO_STATE, PARAMETER (several),
 * with a sentence. *out is large. */
BKEY_MUST_CHECK bkey_err bkey_match_find_device(const bkey_match_query *query, const char *wanted,
                                                bkey_match_found *out,
                                                char detail[BKEY_MATCH_FIND_DETAIL_SIZE]);

typedef struct bkey_match_target {
    char organization_id[BKEY_ID_SIZE];
    char configuration_id[BKEY_ID_SIZE];
    char name[BKEY_EVIDENCE_TEXT_SIZE];
} bkey_match_target;

/* A configuration in use, of an organization of the connection, by id or name. Errors as above. */
BKEY_MUST_CHECK bkey_err bkey_match_find_configuration(const bkey_match_query *query,
                                                       const bkey_connection *connection,
                                                       const char *wanted, bkey_match_target *out,
                                                       char detail[BKEY_MATCH_FIND_DETAIL_SIZE]);

#endif
