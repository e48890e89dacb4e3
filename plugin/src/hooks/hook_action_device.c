/* SPDX-License-Identifier: Apache-2.0
 *
 * The actions about devices: their status, and whether one may be deleted. No rule lives here. */
#include <string.h>

#include "hooks/hook_action.h"
#include "usecase/device_status.h"

#define ID_SIZE 257u
#define NAME_SIZE 1025u
#define AFTER_SIZE (2u * SUP_GUID_TEXT_LEN + 2u)

static bool read_after(const char *text, bkey_device_query *query)
{
    const size_t len = strlen(text);
    if (len == 0)
        return true;
    return len == 2 * SUP_GUID_TEXT_LEN + 1 &&
           sup_guid_parse(text, SUP_GUID_TEXT_LEN, &query->after_tenant) &&
           sup_guid_parse(text + SUP_GUID_TEXT_LEN + 1, SUP_GUID_TEXT_LEN, &query->after);
}

bkey_err bkey_hook_action_device_status(bkey_plugin *plugin, const bkey_call *call,
                                        const dph_params *params, sup_buffer *json,
                                        char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char organization[ID_SIZE];
    char after[AFTER_SIZE];
    bkey_device_query query = {.ports = &plugin->services.ports,
                               .call = call,
                               .vault = plugin->vault,
                               .organization_id = organization};
    if (!bkey_hook_params_text(params, "organization", organization, sizeof organization))
        return bkey_hook_params_refuse(detail, "organization");
    if (!bkey_hook_params_text(params, "after", after, sizeof after) || !read_after(after, &query))
        return bkey_hook_params_refuse(detail, "after");
    return bkey_device_status_run(&query, json);
}

bkey_err bkey_hook_action_device_guard(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char wanted[NAME_SIZE];
    const dph_param *synced = bkey_hook_params_find(params, "synced");
    bkey_device_query query = {
        .ports = &plugin->services.ports, .call = call, .vault = plugin->vault, .wanted = wanted};
    if (!bkey_hook_params_text(params, "device", wanted, sizeof wanted) || wanted[0] == '\0')
        return bkey_hook_params_refuse(detail, "device");
    if (synced != NULL)
        query.synced = (bkey_bytes){synced->value.ptr, synced->value.len};
    return bkey_device_guard_run(&query, json);
}
