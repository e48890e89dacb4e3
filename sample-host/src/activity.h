/* SPDX-License-Identifier: Apache-2.0
 *
 * The activity log's one way in. */
#ifndef HOST_ACTIVITY_H
#define HOST_ACTIVITY_H

#include "dph/service_store.h"
#include "sample-host/src/call.h"

typedef struct host_activity {
    uint32_t action; /* DPH_ACTIVITY_* */
    uint32_t code;   /* of a refusal */
    dph_str organization_id;
    dph_str subject;
    dph_str object_id; /* record id or a plugin's external id */
    dph_str detail;
    dph_str plugin; /* that wrote it: hidden with its things (S1.82); empty = the host */
} host_activity;

/* Adds one entry inside a running transaction. */
bool host_activity_add(host_conn *conn, const dph_call *call, const host_activity *entry,
                       host_error *err);
/* Adds one entry in a transaction of its own. */
bool host_activity_add_alone(host *h, const dph_call *call, const host_activity *entry,
                             host_error *err);
/* "created", ... ; "unknown". */
const char *host_activity_name(uint32_t action);
/* Raises the store's change counter inside a running transaction. */
bool host_activity_count_changes(host_conn *conn, uint64_t rows, host_error *err);

#endif
