/* SPDX-License-Identifier: Apache-2.0
 *
 * See action.h. */
#include "sample-host/src/action.h"

#include <string.h>

bool host_action_has(const host_plugin *plugin, const char *action)
{
    const json_t *list = json_object_get(plugin->manifest, "actions");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_object_get(json_array_get(list, i), "id"));
        if (id != NULL && strcmp(id, action) == 0) {
            return true;
        }
    }
    return false;
}

bool host_action_add(host_action_params *params, const char *name, dph_bytes value, uint32_t flags,
                     host_error *err)
{
    if (params->count == HOST_ACTION_PARAMS_MAX) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "Too many values were given.");
    }
    params->items[params->count] = (dph_param){
        .struct_size = sizeof(dph_param), .flags = flags, .name = host_str(name), .value = value};
    params->pointers[params->count] = &params->items[params->count];
    params->count++;
    return true;
}

bool host_action_add_text(host_action_params *params, const char *name, const char *text,
                          host_error *err)
{
    return text == NULL ||
           host_action_add(params, name, (dph_bytes){(const uint8_t *)text, strlen(text)}, 0, err);
}

static dph_status DPH_CALL take_result(void *context, const dph_str *json)
{
    json_t **out = context;
    json_decref(*out);
    *out = json_loadb(json->ptr, json->len, JSON_REJECT_DUPLICATES, NULL);
    return json_is_object(*out) ? DPH_OK : DPH_E_INVALID;
}

bool host_action_invoke(const host_plugin *plugin, const host_call *call, const char *action,
                        const host_action_params *params, json_t **out, host_error *err)
{
    json_t *answer = NULL;
    dph_str name = host_str(action);
    dph_params given = {sizeof given, params->count, params->pointers};
    dph_action_sink sink = {sizeof sink, 0, &answer, take_result};
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status =
        plugin->action->invoke(plugin->instance, &call->abi, &name, &given, &sink, &problem);
    if (status != DPH_OK) {
        json_decref(answer);
        return host_error_from_dph(err, status, &problem, "The plugin refused.");
    }
    *out = answer;
    return true;
}
