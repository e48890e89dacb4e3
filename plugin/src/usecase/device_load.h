/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of device_*.c: the devices of one tenant with their held keys, read from state. */
#ifndef BKEY_DEVICE_LOAD_H
#define BKEY_DEVICE_LOAD_H

#include "domain/idsort.h"
#include "state/device.h"
#include "usecase/arena.h"
#include "usecase/device_status.h"
#include "usecase/place_list.h"
#include "usecase/vec.h"

/* The held keys of one device. */
typedef struct bkey_device_keys {
    sup_guid device_id;
    uint32_t held;
    uint32_t listed; /* of them at the source, too */
    uint32_t malformed;
} bkey_device_keys;

typedef struct bkey_device_tenant {
    const bkey_device_query *query;
    bkey_vault *vault;
    const bkey_place_list *places; /* of all tenants */
    sup_guid tenant;
    bool is_connected;
    bkey_arena texts;
    bkey_vec devices; /* bkey_tracked, sorted by device id */
    bkey_vec held;    /* bkey_device_keys, sorted by device id, one row for each */
    bkey_sources sources;
} bkey_device_tenant;

/* Every tenant that has rows, one after the other, in the order of their ids. */
typedef bkey_err (*bkey_device_tenant_sink)(void *context, const bkey_device_tenant *tenant);
/* organization_id: whose keys, "" = nobody's; NULL = all of the tenant's. */
BKEY_MUST_CHECK bkey_err bkey_device_load_each(const bkey_device_query *query,
                                               const char *organization_id,
                                               bkey_device_tenant_sink sink, void *context);
/* NULL when the device has no held key, or is not remembered. */
const bkey_device_keys *bkey_device_load_keys(const bkey_device_tenant *tenant,
                                              const sup_guid *device_id);
const bkey_tracked *bkey_device_load_find(const bkey_device_tenant *tenant,
                                          const sup_guid *device_id);

#endif
