/* SPDX-License-Identifier: Apache-2.0
 *
 * See device_rows.h. */
#include "usecase/device_rows.h"

#include "domain/naming.h"
#include "support/iso8601.h"

void bkey_device_rows_guid(bkey_json_builder *builder, bkey_json *row, const char *name,
                           const sup_guid *id)
{
    char text[SUP_GUID_TEXT_LEN + 1] = "";
    if (!sup_guid_is_zero(id))
        sup_guid_format(id, text);
    bkey_json_put_text(builder, row, name, text);
}

void bkey_device_rows_time(bkey_json_builder *builder, bkey_json *row, const char *name,
                           int64_t when_ms)
{
    char text[SUP_ISO8601_TEXT_SIZE] = "";
    if (when_ms != BKEY_TRACKED_NEVER)
        sup_iso8601_format(when_ms, text);
    bkey_json_put_text(builder, row, name, text);
}

void bkey_device_rows_put(bkey_json_builder *builder, bkey_json *row,
                          const bkey_device_tenant *tenant, const bkey_tracked *device)
{
    char name[BKEY_NAMING_TITLE_SIZE];
    (void)bkey_naming_title(device->name, &device->id, name);
    bkey_json_put_text(builder, row, "device", name);
    bkey_device_rows_guid(builder, row, "device_id", &device->id);
    bkey_device_rows_guid(builder, row, "tenant", &tenant->tenant);
    bkey_json_put_text(builder, row, "organization_id", device->organization_id);
}
