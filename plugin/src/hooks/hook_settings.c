/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.settings/1: the ABI's change through the domain's checks; every problem at once. No rule
 * lives here. */
#include <string.h>

#include "domain/settings.h"
#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "plugin.h"
#include "usecase/switch_off.h"

#define SENTENCE_SIZE 512u

static const char switch_key[] = "sync_bitlocker_keys";

/* What the change makes of the switch; NULL = nothing. */
static const dph_setting *find_switch(const dph_settings_change *change)
{
    const dph_setting *found = NULL;
    for (uint32_t i = 0; i < change->count; i++) {
        const dph_setting *item = change->items[i];
        if (item != NULL && DPH_HAS(item, value) && item->key.len == sizeof switch_key - 1 &&
            memcmp(item->key.ptr, switch_key, item->key.len) == 0)
            found = item;
    }
    return found;
}

static bool is_on(const dph_setting *item)
{
    return item->value.len == 4 && memcmp(item->value.ptr, "true", 4) == 0;
}

/* Switching on is refused until Microsoft grants what is needed (S1.10, S1.23). */
static dph_status validate_switch(bkey_plugin *plugin, const bkey_call *call,
                                  const dph_settings_change *change,
                                  const dph_problem_sink *problems, dph_error *err)
{
    const bkey_findings_query query = {&plugin->services.ports, call, plugin->vault};
    const dph_setting *item = find_switch(change);
    char sentence[SENTENCE_SIZE];
    int64_t now = 1;
    if (item == NULL || !is_on(item))
        return DPH_OK;
    bkey_err result = query.ports->setting_int(query.ports->self, switch_key, &now);
    if (!bkey_is_ok(result) || now != 0)
        return bkey_hook_error_fill(err, result);
    result = bkey_findings_view_may_switch_on(&query, sentence, sizeof sentence);
    if (bkey_is_ok(result))
        return DPH_OK;
    const char *text = sentence[0] != '\0' ? sentence : bkey_err_text(result);
    const dph_str message = {text, strlen(text)};
    (void)problems->add(problems->context, &item->key, &message);
    return bkey_hook_error_fill(err, result);
}

static bkey_err apply_change(bkey_plugin *plugin, const bkey_call *call,
                             const dph_settings_change *change)
{
    const bkey_findings_query query = {&plugin->services.ports, call, plugin->vault};
    const dph_setting *item = find_switch(change);
    bkey_err err = item != NULL ? bkey_switch_off_note(&query, is_on(item)) : bkey_ok();
    return bkey_is_ok(err) ? bkey_plugin_reload_name(plugin) : err;
}

static dph_status validate(const dph_settings_change *change, const dph_problem_sink *problems,
                           dph_error *err)
{
    bkey_settings trial;
    uint32_t wrong = 0;
    bkey_settings_init(&trial);
    for (uint32_t i = 0; i < change->count; i++) {
        const dph_setting *item = change->items[i];
        if (item == NULL || !DPH_HAS(item, value))
            return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
        const char *problem = bkey_settings_set(&trial, item->key.ptr, item->key.len,
                                                item->value.ptr, item->value.len);
        if (problem == NULL)
            continue;
        const dph_str message = {problem, strlen(problem)};
        wrong++;
        if (problems->add(problems->context, &item->key, &message) != DPH_OK)
            break;
    }
    return wrong == 0 ? DPH_OK : bkey_hook_error_fill(err, bkey_fail(BKEY_E_SETTING));
}

static dph_status DPH_CALL on_change(dph_plugin *face, const dph_call *call,
                                     const dph_settings_change *change,
                                     const dph_problem_sink *problems, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    if (change == NULL || !DPH_HAS(change, items) || problems == NULL || !DPH_HAS(problems, add))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    bkey_host_call_init(&host_call, call);
    if (change->phase == DPH_SETTINGS_VALIDATE) {
        dph_status status = validate(change, problems, err);
        return status == DPH_OK ? validate_switch(plugin, &host_call.call, change, problems, err)
                                : status;
    }
    if (change->phase == DPH_SETTINGS_APPLY)
        return bkey_hook_error_fill(err, apply_change(plugin, &host_call.call, change));
    return bkey_hook_error_text(err, DPH_E_UNSUPPORTED, 0, "This phase of a change is not known.");
}

const dph_hook_settings_v1 *bkey_hook_settings_table(void)
{
    static const dph_hook_settings_v1 table = {sizeof table, 0, on_change};
    return &table;
}
