/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.settings/1: the ABI's change through the domain's checks; every problem at once. No rule
 * lives here. */
#include <string.h>

#include "domain/settings.h"
#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "plugin.h"

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
    (void)call;
    if (change == NULL || !DPH_HAS(change, items) || problems == NULL || !DPH_HAS(problems, add))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    if (change->phase == DPH_SETTINGS_VALIDATE)
        return validate(change, problems, err);
    if (change->phase == DPH_SETTINGS_APPLY)
        return bkey_hook_error_fill(err, bkey_plugin_reload_name(bkey_plugin_of(face)));
    return bkey_hook_error_text(err, DPH_E_UNSUPPORTED, 0, "This phase of a change is not known.");
}

const dph_hook_settings_v1 *bkey_hook_settings_table(void)
{
    static const dph_hook_settings_v1 table = {sizeof table, 0, on_change};
    return &table;
}
