/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions about matches, and the search for keys that have no record. The host says in
 * "organizations" what the asker may see. No rule lives here but who may ask. */
#include "hooks/hook_action.h"

#include <stdio.h>
#include <stdlib.h>

#include "usecase/find.h"
#include "usecase/match_change.h"

_Static_assert(BKEY_MATCH_CHANGE_DETAIL_SIZE == BKEY_HOOK_DETAIL_SIZE, "one sentence, one size");

#define TEXT_SIZE 1024u

typedef struct match_texts {
    char tenant[TEXT_SIZE];
    char organization[TEXT_SIZE];
    char state[TEXT_SIZE];
    char device[TEXT_SIZE];
    char configuration[TEXT_SIZE];
    char target[TEXT_SIZE];
    bkey_scope scope;
} match_texts;

static bkey_err read_texts(const dph_params *params, match_texts *out,
                           char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const struct {
        const char *name;
        char *to;
    } texts[] = {{"connection", out->tenant},
                 {"organization", out->organization},
                 {"state", out->state},
                 {"device", out->device},
                 {"configuration", out->configuration},
                 {"target", out->target}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!bkey_hook_params_text(params, texts[i].name, texts[i].to, TEXT_SIZE))
            return bkey_hook_params_refuse(detail, texts[i].name);
    }
    return bkey_hook_params_scope(params, &out->scope, detail);
}

static bkey_match_query make_query(bkey_plugin *plugin, const bkey_call *call,
                                   const match_texts *texts)
{
    const bkey_match_query query = {.ports = &plugin->services.ports,
                                    .call = call,
                                    .vault = plugin->vault,
                                    .scope = &texts->scope,
                                    .tenant = texts->tenant,
                                    .organization_id = texts->organization,
                                    .state = texts->state};
    return query;
}

static bkey_err open_texts(const bkey_call *call, const dph_params *params, match_texts **out,
                           char detail[BKEY_HOOK_DETAIL_SIZE])
{
    bkey_err err = bkey_hook_params_manager(call);
    if (!bkey_is_ok(err))
        return err;
    match_texts *texts = calloc(1, sizeof *texts);
    if (texts == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    err = read_texts(params, texts, detail);
    if (bkey_is_ok(err)) {
        *out = texts;
        return err;
    }
    free(texts);
    return err;
}

static void close_texts(match_texts *texts)
{
    bkey_scope_done(&texts->scope);
    free(texts);
}

bkey_err bkey_hook_action_match_list(bkey_plugin *plugin, const bkey_call *call,
                                     const dph_params *params, sup_buffer *json,
                                     char detail[BKEY_HOOK_DETAIL_SIZE])
{
    match_texts *texts = NULL;
    bkey_err err = open_texts(call, params, &texts, detail);
    if (!bkey_is_ok(err))
        return err;
    const bkey_match_query query = make_query(plugin, call, texts);
    err = bkey_match_list_write(&query, json);
    if (bkey_is(err, BKEY_E_PARAMETER))
        (void)snprintf(detail, BKEY_HOOK_DETAIL_SIZE,
                       "The state is matched, suggested, unmatched, quarantined or ignored.");
    close_texts(texts);
    return err;
}

static bkey_err run_change(bkey_plugin *plugin, const bkey_call *call, const dph_params *params,
                           bkey_match_change_kind kind, sup_buffer *json, char *detail)
{
    match_texts *texts = NULL;
    bkey_err err = open_texts(call, params, &texts, detail);
    if (!bkey_is_ok(err))
        return err;
    const bkey_match_change change = {.query = make_query(plugin, call, texts),
                                      .kind = kind,
                                      .device = texts->device,
                                      .configuration = texts->configuration,
                                      .organization = texts->target};
    err = texts->device[0] != '\0' ? bkey_match_change_run(&change, json, detail)
                                   : bkey_hook_params_refuse(detail, "device");
    close_texts(texts);
    return err;
}

bkey_err bkey_hook_action_match_set(bkey_plugin *plugin, const bkey_call *call,
                                    const dph_params *params, sup_buffer *json,
                                    char detail[BKEY_HOOK_DETAIL_SIZE])
{
    return run_change(plugin, call, params, BKEY_MATCH_CHANGE_SET, json, detail);
}

bkey_err bkey_hook_action_match_create(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_HOOK_DETAIL_SIZE])
{
    return run_change(plugin, call, params, BKEY_MATCH_CHANGE_CREATE, json, detail);
}

bkey_err bkey_hook_action_match_ignore(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_HOOK_DETAIL_SIZE])
{
    return run_change(plugin, call, params, BKEY_MATCH_CHANGE_IGNORE, json, detail);
}

bkey_err bkey_hook_action_match_undo(bkey_plugin *plugin, const bkey_call *call,
                                     const dph_params *params, sup_buffer *json,
                                     char detail[BKEY_HOOK_DETAIL_SIZE])
{
    return run_change(plugin, call, params, BKEY_MATCH_CHANGE_UNDO, json, detail);
}

bkey_err bkey_hook_action_key_find(bkey_plugin *plugin, const bkey_call *call,
                                   const dph_params *params, sup_buffer *json,
                                   char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char part[TEXT_SIZE];
    bkey_scope scope;
    if (!bkey_hook_params_text(params, "part", part, sizeof part))
        return bkey_hook_params_refuse(detail, "part");
    bkey_err err = bkey_hook_params_scope(params, &scope, detail);
    if (!bkey_is_ok(err))
        return err;
    const bkey_find_query query = {&plugin->services.ports, call, plugin->vault, &scope, part};
    err = bkey_find_write(&query, json);
    bkey_scope_done(&scope);
    return err;
}
