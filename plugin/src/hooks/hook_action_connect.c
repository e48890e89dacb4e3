/* SPDX-License-Identifier: Apache-2.0
 *
 * The action "connect": the ABI's parameters into its use case. A secret parameter goes from the
 * host's bytes into guarded memory and nowhere else. No rule lives here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_action.h"
#include "hooks/hook_text.h"
#include "usecase/connect.h"

_Static_assert(BKEY_CONNECT_DETAIL_SIZE == BKEY_HOOK_DETAIL_SIZE, "one sentence, one size");

#define TEXT_SIZE 1024u
#define ORGANIZATIONS_MAX 64u

enum { TENANT, CLIENT_ID, LOGIN, GRAPH, CLOUD, GRANT, PARTNER, REDIRECT, CHECK, TEXT_COUNT };

typedef struct connect_texts {
    char text[TEXT_COUNT][TEXT_SIZE];
    char organization[ORGANIZATIONS_MAX][TEXT_SIZE];
    const char *organizations[ORGANIZATIONS_MAX];
    size_t organization_count;
    bkey_secret *secret;
    bkey_secret *app;
} connect_texts;

static const char *const text_names[TEXT_COUNT] = {
    "tenant", "client_id", "login", "graph", "cloud", "grant", "partner", "redirect", "check"};

static bool is_named(const dph_param *param, const char *name)
{
    return param->name.len == strlen(name) && memcmp(param->name.ptr, name, param->name.len) == 0;
}

static bool copy_value(const dph_param *param, char out[TEXT_SIZE])
{
    const dph_str text = {(const char *)param->value.ptr, param->value.len};
    return bkey_hook_text_copy(&text, out, TEXT_SIZE);
}

static bkey_err take_param(bkey_slab *slab, const dph_param *param, connect_texts *out)
{
    if (is_named(param, "secret"))
        return bkey_hook_params_secret(slab, param, &out->secret);
    if (is_named(param, "app_secret"))
        return bkey_hook_params_secret(slab, param, &out->app);
    if (is_named(param, "organization")) {
        size_t at = out->organization_count;
        if (at == ORGANIZATIONS_MAX || !copy_value(param, out->organization[at]))
            return bkey_fail(BKEY_E_PARAMETER);
        out->organizations[at] = out->organization[at];
        out->organization_count++;
        return bkey_ok();
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (is_named(param, text_names[i]))
            return copy_value(param, out->text[i]) ? bkey_ok() : bkey_fail(BKEY_E_PARAMETER);
    }
    return bkey_fail(BKEY_E_PARAMETER);
}

static bkey_err take_params(bkey_slab *slab, const dph_params *params, connect_texts *out,
                            char detail[BKEY_HOOK_DETAIL_SIZE])
{
    for (uint32_t i = 0; i < params->count; i++) {
        const dph_param *param = params->items[i];
        if (param == NULL || !DPH_HAS(param, value))
            return bkey_fail(BKEY_E_PARAMETER);
        bkey_err err = take_param(slab, param, out);
        if (!bkey_is_ok(err)) {
            char name[32];
            if (!bkey_hook_text_copy(&param->name, name, sizeof name))
                name[0] = '\0';
            (void)snprintf(detail, BKEY_HOOK_DETAIL_SIZE,
                           "The parameter \"%s\" is not known, too long, or not readable text.",
                           name);
            return err;
        }
    }
    return bkey_ok();
}

bkey_err bkey_hook_action_connect(bkey_plugin *plugin, const bkey_call *call,
                                  const dph_params *params, sup_buffer *json,
                                  char detail[BKEY_HOOK_DETAIL_SIZE])
{
    connect_texts *texts = calloc(1, sizeof *texts);
    if (texts == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = take_params(plugin->slab, params, texts, detail);
    if (bkey_is_ok(err)) {
        const bkey_connect_request request = {
            .ports = &plugin->services.ports,
            .call = call,
            .vault = plugin->vault,
            .busy = plugin->busy,
            .tenant = texts->text[TENANT],
            .client_id = texts->text[CLIENT_ID],
            .login_url = texts->text[LOGIN],
            .graph_url = texts->text[GRAPH],
            .cloud = texts->text[CLOUD],
            .grant = texts->text[GRANT],
            .partner = texts->text[PARTNER],
            .redirect = texts->text[REDIRECT],
            .check_only = texts->text[CHECK][0] != '\0',
            .organizations = texts->organizations,
            .organization_count = texts->organization_count,
            .secret = texts->secret,
            .app = texts->app,
        };
        err = bkey_connect_run(&request, json, detail);
    }
    bkey_secret_free(&texts->app);
    bkey_secret_free(&texts->secret);
    free(texts);
    return err;
}
