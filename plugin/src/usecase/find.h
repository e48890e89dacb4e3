/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that have no record, by a part of their Key ID: what waits in nobody's folder must be found
 * on the day it is needed, and so must what a sync read and had no time to show. Must not know the
 * host's records, which the host finds by itself. */
#ifndef BKEY_FIND_H
#define BKEY_FIND_H

#include "support/buffer.h"
#include "usecase/scope.h"

#define BKEY_FIND_MAX 1000u

typedef struct bkey_find_query {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    const bkey_scope *scope;
    const char *part; /* of a Key ID; letter case does not count */
} bkey_find_query;

/* Appends {"rows":[{"key_id","external_id","device","device_id","connection","state"}]}; none
 * without the add-on. Only of connections all of whose organizations the asker may see. LIMIT: more
 * than BKEY_FIND_MAX. */
BKEY_MUST_CHECK bkey_err bkey_find_write(const bkey_find_query *query, sup_buffer *json);

#endif
