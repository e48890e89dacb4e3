/* SPDX-License-Identifier: Apache-2.0
 *
 * See scope.h. */
#include "usecase/scope.h"

#include <string.h>

bkey_err bkey_scope_read(bkey_bytes text, bkey_scope *out)
{
    bkey_scope scope = {.ids = NULL, .all = text.len == 0};
    if (!scope.all) {
        bkey_err err = bkey_json_parse(text.ptr, text.len, BKEY_SCOPE_TEXT_MAX, &scope.ids);
        if (!bkey_is_ok(err))
            return bkey_is(err, BKEY_E_NOMEM) ? err : bkey_fail(BKEY_E_PARAMETER);
        if (bkey_json_kind_of(scope.ids) != BKEY_JSON_ARRAY) {
            bkey_json_free(&scope.ids);
            return bkey_fail(BKEY_E_PARAMETER);
        }
    }
    *out = scope;
    return bkey_ok();
}

void bkey_scope_done(bkey_scope *scope)
{
    if (scope != NULL)
        bkey_json_free(&scope->ids);
}

bool bkey_scope_has(const bkey_scope *scope, const char *organization_id)
{
    bool has = scope->all;
    for (size_t i = 0; !has && i < bkey_json_count(scope->ids); i++) {
        const char *id = bkey_json_as_text(bkey_json_at(scope->ids, i));
        has = id != NULL && strcmp(id, organization_id) == 0;
    }
    return has;
}

bool bkey_scope_has_connection(const bkey_scope *scope, const bkey_connection *connection)
{
    for (uint32_t i = 0; i < connection->organization_count; i++) {
        if (!bkey_scope_has(scope, connection->organization_ids[i]))
            return false;
    }
    return connection->organization_count > 0;
}
