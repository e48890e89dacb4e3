/* SPDX-License-Identifier: Apache-2.0
 *
 * The action that takes over recovery passwords from a file. No rule lives here but who may. */
#include "hooks/hook_action.h"

#include "domain/model.h"
#include "usecase/import_keys.h"

_Static_assert(BKEY_IMPORT_KEYS_DETAIL_SIZE == BKEY_HOOK_DETAIL_SIZE, "one sentence, one size");

#include <string.h>

#define TEXT_SIZE 128u

/* What the host says of where the keys come from; a file of Active Directory unless it says so. */
static bool read_origin(const dph_params *params, uint8_t *out)
{
    char origin[TEXT_SIZE];
    if (!bkey_hook_params_text(params, "origin", origin, sizeof origin))
        return false;
    bool is_typed = strcmp(origin, "typed") == 0;
    *out = is_typed ? BKEY_ORIGIN_PERSON : BKEY_ORIGIN_AD;
    return is_typed || origin[0] == '\0';
}

bkey_err bkey_hook_action_import_keys(bkey_plugin *plugin, const bkey_call *call,
                                      const dph_params *params, sup_buffer *json,
                                      char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char organization[TEXT_SIZE];
    char tenant[TEXT_SIZE];
    char dry_run[TEXT_SIZE];
    uint8_t origin = BKEY_ORIGIN_AD;
    const dph_param *file = bkey_hook_params_find(params, "file");
    bkey_err err = bkey_hook_params_administrator(call);
    if (!bkey_is_ok(err))
        return err;
    if (!bkey_hook_params_text(params, "organization", organization, sizeof organization) ||
        organization[0] == '\0')
        return bkey_hook_params_refuse(detail, "organization");
    if (!bkey_hook_params_text(params, "connection", tenant, sizeof tenant))
        return bkey_hook_params_refuse(detail, "connection");
    if (!bkey_hook_params_text(params, "dry_run", dry_run, sizeof dry_run))
        return bkey_hook_params_refuse(detail, "dry_run");
    if (!read_origin(params, &origin))
        return bkey_hook_params_refuse(detail, "origin");
    if (file == NULL || file->value.len == 0)
        return bkey_hook_params_refuse(detail, "file");
    bkey_scope scope;
    err = bkey_hook_params_scope(params, &scope, detail);
    if (!bkey_is_ok(err))
        return err;
    const bkey_import_request request = {.ports = &plugin->services.ports,
                                         .call = call,
                                         .vault = plugin->vault,
                                         .slab = plugin->slab,
                                         .publisher = plugin->publisher,
                                         .scope = &scope,
                                         .organization_id = organization,
                                         .tenant = tenant,
                                         .file = {file->value.ptr, file->value.len},
                                         .origin = origin,
                                         .dry_run = dry_run[0] != '\0'};
    err = bkey_import_keys_run(&request, json, detail);
    bkey_scope_done(&scope);
    return err;
}
