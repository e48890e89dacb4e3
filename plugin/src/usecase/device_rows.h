/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of device_*.c: the members that every row about a device has. */
#ifndef BKEY_DEVICE_ROWS_H
#define BKEY_DEVICE_ROWS_H

#include "base/json.h"
#include "usecase/device_load.h"

/* device, device_id, tenant, organization_id. */
void bkey_device_rows_put(bkey_json_builder *builder, bkey_json *row,
                          const bkey_device_tenant *tenant, const bkey_tracked *device);
/* "" for the zero id. */
void bkey_device_rows_guid(bkey_json_builder *builder, bkey_json *row, const char *name,
                           const sup_guid *id);
/* "" for BKEY_TRACKED_NEVER. */
void bkey_device_rows_time(bkey_json_builder *builder, bkey_json *row, const char *name,
                           int64_t when_ms);

#endif
