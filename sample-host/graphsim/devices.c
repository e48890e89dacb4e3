/* SPDX-License-Identifier: Apache-2.0
 *
 * Entra's device list. Must not know where rows come from. */
#define _GNU_SOURCE
#include "devices.h"

#include "errors.h"
#include "json.h"
#include "listing.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const options[] = {"$top",   "$select",  "$filter", "$skiptoken",
                                      "$count", "$orderby", NULL};

static sim_listing listing_of(const sim_call *call)
{
    const int64_t *switches = call->world->switches.values;
    return (sim_listing){.kind = &sim_kind_device,
                         .context = "devices",
                         .options = options,
                         .page = (size_t)switches[SIM_SWITCH_DIRECTORY_PAGE_SIZE],
                         .most = 999,
                         .refuse_more = true,
                         .bad_query = "Request_UnsupportedQuery"};
}

void sim_devices_list(sim_call *call)
{
    sim_listing listing = listing_of(call);
    sim_listing_run(call, &listing);
}

/* A path takes the object id only, the key in parentheses the deviceId only. */
static bool is_named(const sim_tenant *tenant, size_t position, bool alternate, const char *id)
{
    uint32_t index;
    const json_t *row = sim_rows_object(&tenant->directory, position);
    if (row != NULL)
        return strcasecmp(sim_json_text(row, alternate ? "deviceId" : "id", ""), id) == 0;
    const uint8_t *key = alternate ? tenant->gen.device_ids : tenant->gen.object_ids;
    return sim_ids_find(key, id, &index) && index == position;
}

bool sim_devices_find(sim_call *call, size_t *out_position)
{
    const char *id = call->captured;
    bool alternate = strncmp(id, "deviceId=", 9) == 0;
    char message[400];
    size_t position;
    id += alternate ? 9 : 0;
    if (sim_tenant_find_object(call->tenant, id, &position) &&
        is_named(call->tenant, position, alternate, id)) {
        *out_position = position;
        return true;
    }
    (void)snprintf(message, sizeof message,
                   "Resource '%s' does not exist or one of its queried reference-property objects "
                   "are not present.",
                   id);
    sim_errors_graph(call->world, call->response, 404, "Request_ResourceNotFound", message);
    return false;
}

void sim_devices_get(sim_call *call)
{
    sim_listing listing = listing_of(call);
    size_t position;
    if (sim_devices_find(call, &position))
        sim_listing_single(call, &listing, position);
}
