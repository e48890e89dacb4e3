/* SPDX-License-Identifier: Apache-2.0
 *
 * The devices of connections with their matches and why, as JSON, as far as the asker may see them:
 * a matched device with its organization, any other with every organization of its connection. */
#ifndef BKEY_MATCH_LIST_H
#define BKEY_MATCH_LIST_H

#include "support/buffer.h"
#include "usecase/match_book.h"
#include "usecase/scope.h"

typedef struct bkey_match_query {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    const bkey_scope *scope;
    const char *tenant;          /* only that connection; "" = all */
    const char *organization_id; /* only what is or could be there; "" = all */
    const char *state;           /* only those; "" = all */
} bkey_match_query;

/* May the asker see that device? */
bool bkey_match_list_sees(const bkey_scope *scope, const bkey_connection *connection,
                          const bkey_match_page *page);
/* Every connection that a query speaks of, for a copy of each; NOT_CONNECTED when it names one that
 * is not there or not to be seen. `out_connections` holds bkey_connection. */
BKEY_MUST_CHECK bkey_err bkey_match_list_connections(const bkey_match_query *query,
                                                     bkey_vec *out_connections);
/* Appends {"rows":[...]}. Errors: PARAMETER (state), NOT_CONNECTED, those of the state. */
BKEY_MUST_CHECK bkey_err bkey_match_list_write(const bkey_match_query *query, sup_buffer *json);

#endif
