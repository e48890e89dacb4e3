/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about plugins, their connections and their syncs. */
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *describe(const host_plugin *plugin)
{
    const char *version = json_string_value(json_object_get(plugin->manifest, "version"));
    const char *name = json_string_value(json_object_get(plugin->manifest, "name"));
    return json_pack("{s:s,s:s,s:s,s:b,s:s}", "id", plugin->id, "version",
                     version != NULL ? version : "", "name", name != NULL ? name : "", "loaded",
                     plugin->instance != NULL ? 1 : 0, "problem", plugin->problem);
}

int host_commands_plugin_list(host *h, const host_request *request, host_reply *reply)
{
    json_t *rows = json_array();
    (void)request;
    for (size_t i = 0; i < h->plugin_count; i++) {
        (void)json_array_append_new(rows, describe(h->plugins[i]));
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

int host_commands_plugin_info(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *wanted = host_commands_text(request, "plugin");
    const host_plugin *plugin = h->plugin_count > 0 ? h->plugins[0] : NULL;
    if (wanted != NULL) {
        plugin = host_plugin_find(h, wanted, strlen(wanted));
    }
    if (plugin == NULL) {
        (void)host_plugins_fail_missing(NULL, wanted != NULL ? wanted : "", &err);
        return host_commands_fail(reply, &err);
    }
    json_t *body = describe(plugin);
    (void)json_object_set(body, "manifest", plugin->manifest);
    if (plugin->instance == NULL) {
        (void)host_plugins_fail_missing(plugin, plugin->id, &err);
        reply->body = body;
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, body, "");
}

int host_commands_plugin_add(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_PLUGIN_ID_SIZE];
    if (!host_plugins_pin(h, host_commands_text(request, "file"), id, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "id", id),
                              "Pinned; it is loaded at the next start.");
}

int host_commands_plugin_release(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_released out = {0};
    host_call call;
    const char *reason = host_commands_text_or_empty(request, "reason");
    bool is_blank = reason[strspn(reason, " \t\r\n")] == '\0';
    host_call_for_request(&call, h, request, "");
    bool ok =
        is_blank || strlen(reason) > DPH_REASON_MAX
            ? host_error_set(&err, DPH_E_INVALID, HOST_CODE_NO_REASON,
                             "Lifting the protection needs a reason of at most %u bytes.",
                             DPH_REASON_MAX)
            : host_release(h, &call, host_commands_text(request, "plugin"), reason, &out, &err);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply,
                              json_pack("{s:I,s:I,s:I}", "records", (json_int_t)out.records,
                                        "folders", (json_int_t)out.folders, "categories",
                                        (json_int_t)out.categories),
                              "What it guarded is ordinary now.");
}

int host_commands_plugin_retry(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char subject[HOST_PLUGIN_ID_SIZE + 16];
    const char *id = host_commands_text(request, "plugin");
    host_call call;
    host_call_for_request(&call, h, request, "");
    (void)snprintf(subject, sizeof subject, "plugin %.*s", HOST_PLUGIN_ID_SIZE, id);
    host_activity entry = {.action = DPH_ACTIVITY_UPDATED,
                           .subject = host_str(subject),
                           .detail = host_str("quarantine lifted")};
    if (!host_plugins_retry(h, id, &err) || !host_activity_add_alone(h, &call.abi, &entry, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "id", id),
                              "The next start loads it again.");
}
