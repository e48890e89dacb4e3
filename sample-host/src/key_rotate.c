/* SPDX-License-Identifier: Apache-2.0
 *
 * Order of the steps: the new generation is durable; whoever began before that has ended; all that
 * old generations seal is sealed anew; only then are they forgotten. Each step may be repeated. */
#include "sample-host/src/key_rotate.h"

#include "dph/service_keyring.h"
#include "sample-host/src/action.h"
#include "sample-host/src/activity.h"
#include "sample-host/src/key_reseal.h"

#include <stdio.h>
#include <string.h>

#define IDLE_ROUNDS_MAX 3

static bool reseal_passwords(host *h, host_key_rotate_result *out, host_error *err)
{
    uint64_t damaged = 0;
    if (!host_key_reseal(h, out->generation, &out->passwords, &damaged, err)) {
        return false;
    }
    if (damaged > 0) {
        (void)snprintf(out->kept_because, sizeof out->kept_because,
                       "%llu passwords do not verify and were left as they are.",
                       (unsigned long long)damaged);
    }
    return true;
}

static bool uses_keyring(const host_plugin *plugin)
{
    static const char *const lists[] = {"required", "optional"};
    const json_t *services = json_object_get(plugin->manifest, "services");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const json_t *list = json_object_get(services, lists[i]);
        for (size_t k = 0; k < json_array_size(list); k++) {
            const char *id = json_string_value(json_array_get(list, k));
            if (id != NULL && strcmp(id, DPH_KEYRING_ID) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* One bounded round. *out_left counts what still hangs on an older generation. */
static bool ask_once(host *h, const host_plugin *plugin, const host_request *request,
                     host_key_rotate_result *out, uint64_t *out_left, host_error *err)
{
    char number[16];
    json_t *answer = NULL;
    host_action_params params = {.count = 0};
    host_call call;
    host_call_for_request(&call, h, request, "");
    (void)snprintf(number, sizeof number, "%u", out->generation);
    if (!host_action_add_text(&params, "generation", number, err) ||
        !host_action_invoke(plugin, &call, HOST_KEY_ROTATE_ACTION, &params, &answer, err)) {
        return false;
    }
    const json_t *rewrapped = json_object_get(answer, "rewrapped");
    const json_t *remaining = json_object_get(answer, "remaining");
    const json_t *oldest = json_object_get(answer, "oldest_generation");
    bool ok = json_is_integer(rewrapped) && json_integer_value(rewrapped) >= 0 &&
              json_is_integer(remaining) && json_integer_value(remaining) >= 0;
    if (ok) {
        bool is_older = json_is_integer(oldest) && json_integer_value(oldest) > 0 &&
                        json_integer_value(oldest) < (json_int_t)out->generation;
        out->plugin_rows += (uint64_t)json_integer_value(rewrapped);
        *out_left = (uint64_t)json_integer_value(remaining);
        *out_left = *out_left == 0 && is_older ? 1 : *out_left;
    }
    json_decref(answer);
    return ok ? true
              : host_error_set(err, DPH_E_INTERNAL, 0, "The plugin %s gave no clear answer.",
                               plugin->id);
}

static bool ask_plugin(host *h, const host_plugin *plugin, const host_request *request,
                       host_key_rotate_result *out, host_error *err)
{
    uint64_t left = UINT64_MAX;
    for (int idle = 0; left > 0;) {
        uint64_t before = left;
        if (request->cancelled != NULL && request->cancelled(request->cancel_ctx)) {
            return host_error_set(err, DPH_E_CANCELLED, 0, "Stopped; run it again to finish.");
        }
        if (!ask_once(h, plugin, request, out, &left, err)) {
            return false;
        }
        idle = left < before ? 0 : idle + 1;
        if (idle >= IDLE_ROUNDS_MAX) {
            return host_error_set(err, DPH_E_UNAVAILABLE, 0, "%llu of its keys do not move over",
                                  (unsigned long long)left);
        }
        if (request->progress != NULL) {
            request->progress(request->progress_ctx, plugin->id, out->plugin_rows,
                              out->plugin_rows + left);
        }
    }
    return true;
}

static void keep(host_key_rotate_result *out, const host_plugin *plugin, const char *why)
{
    if (out->kept_because[0] == '\0') {
        (void)snprintf(out->kept_because, sizeof out->kept_because, "Plugin %s: %.400s", plugin->id,
                       why);
    }
}

/* A plugin that cannot be asked may use any generation. */
static bool ask_plugins(host *h, const host_request *request, host_key_rotate_result *out,
                        host_error *err)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        const host_plugin *plugin = h->plugins[i];
        host_error why = {0};
        if (!uses_keyring(plugin)) {
            continue;
        }
        if (plugin->action == NULL || !host_action_has(plugin, HOST_KEY_ROTATE_ACTION)) {
            keep(out, plugin,
                 plugin->problem[0] != '\0' ? plugin->problem
                                            : "it does not offer to move its keys over.");
            continue;
        }
        if (!ask_plugin(h, plugin, request, out, &why)) {
            if (why.status == DPH_E_CANCELLED) {
                *err = why;
                return false;
            }
            keep(out, plugin, why.message);
        }
    }
    return true;
}

static bool retire(host *h, host_key_rotate_result *out, host_error *err)
{
    host_keyring_facts facts;
    host_keyring_describe(h->keyring, &facts);
    if (out->kept_because[0] != '\0') {
        return true;
    }
    out->retired = facts.generation_count - 1;
    return host_keyring_retire(h->keyring, out->generation, err);
}

static bool begin(host *h, const host_call *call, host_key_rotate_result *out, host_error *err)
{
    host_keyring_facts facts;
    host_keyring_describe(h->keyring, &facts);
    out->is_resumed = facts.generation_count > 1;
    out->generation = facts.generations[facts.generation_count - 1];
    if (out->is_resumed) {
        return true;
    }
    host_activity entry = {.action = DPH_ACTIVITY_UPDATED,
                           .subject = host_str("key file"),
                           .detail = host_str("new generation")};
    return host_activity_add_alone(h, &call->abi, &entry, err) &&
           host_keyring_add_generation(h->keyring, &out->generation, err);
}

bool host_key_rotate(host *h, const host_request *request, host_key_rotate_result *out,
                     host_error *err)
{
    host_key_rotate_result result = {.generation = 0};
    host_call call;
    host_call_for_request(&call, h, request, "");
    if (!host_grace_claim(h->grace)) {
        return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                              "A rotation is running already.");
    }
    bool ok = begin(h, &call, &result, err) &&
              host_grace_wait(h->grace, request->cancelled, request->cancel_ctx, err) &&
              reseal_passwords(h, &result, err) && ask_plugins(h, request, &result, err) &&
              retire(h, &result, err);
    host_grace_release(h->grace);
    if (ok) {
        *out = result;
    }
    return ok;
}
