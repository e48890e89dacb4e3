/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of devices, for people and for scripts that clean up: each device's escrow status,
 * and whether it may be deleted at Microsoft. From state alone; must not use the network. */
#ifndef BKEY_DEVICE_STATUS_H
#define BKEY_DEVICE_STATUS_H

#include "base/ports.h"
#include "state/vault.h"
#include "support/buffer.h"

#define BKEY_DEVICE_STATUS_PAGE 2000u /* most devices of one answer */

typedef struct bkey_device_query {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    const char *organization_id; /* status: "" = devices that belong to nobody */
    /* status: what comes after this device; zero = from the first */
    sup_guid after_tenant, after;
    const char *wanted; /* guard: a device's name, device id or object id */
    /* guard: one line "TENANT MILLISECONDS OUTCOME" for each connection, of its last sync that was
     * complete and of how its last one ended (BKEY_OUTCOME_*); may be empty */
    bkey_bytes synced;
} bkey_device_query;

/* [hook] {"rows": [...], "orphan_keys", "next", "sources": [...]}: one row per device. `next` is
 * "TENANT:DEVICE" of the last one when there are more, else "". */
BKEY_MUST_CHECK bkey_err bkey_device_status_run(const bkey_device_query *query,
                                                sup_buffer *out_json);
/* [hook] {"rows": [{..., "safe", "reasons"}]}: one row per device of that name or id, none when
 * there is none. Safe only when every key of it is held and readable, none is outstanding, and the
 * connection's last sync was complete and is less than a day old. */
BKEY_MUST_CHECK bkey_err bkey_device_guard_run(const bkey_device_query *query,
                                               sup_buffer *out_json);

#endif
