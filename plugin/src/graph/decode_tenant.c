/* SPDX-License-Identifier: Apache-2.0
 *
 * See decode_tenant.h. */
#include "graph/decode_tenant.h"

#include <string.h>

#include "base/json.h"

#define BODY_MAX (4u * 1024u * 1024u)

bool bkey_decode_tenant_policy(bkey_bytes body, bool *out_allowed)
{
    bkey_json *document = NULL;
    bool allowed = true;
    if (!bkey_is_ok(bkey_json_parse(body.ptr, body.len, BODY_MAX, &document)))
        return false;
    const bkey_json *role = bkey_json_member(document, "defaultUserRolePermissions");
    const bool known = bkey_json_kind_of(role) == BKEY_JSON_OBJECT;
    (void)bkey_json_bool(role, "allowedToReadBitlockerKeysForOwnedDevice", &allowed);
    bkey_json_free(&document);
    if (known)
        *out_allowed = allowed;
    return known;
}

static bool is_word(const char *words, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = words; *at != '\0';) {
        const size_t here = strcspn(at, " ");
        if (len > 0 && here == len && memcmp(at, word, len) == 0)
            return true;
        at += here + strspn(at + here, " ");
    }
    return false;
}

/* A suspended subscription gives no service; a warned one still does. */
bool bkey_decode_tenant_in_force(const bkey_json *sku)
{
    const char *status = bkey_json_text(sku, "capabilityStatus");
    return status == NULL || strcmp(status, "Enabled") == 0 || strcmp(status, "Warning") == 0;
}

bool bkey_decode_tenant_is_plan(const bkey_json *plan, const char *plans)
{
    const char *name = bkey_json_text(plan, "servicePlanName");
    const char *status = bkey_json_text(plan, "provisioningStatus");
    return name != NULL && is_word(plans, name) &&
           (status == NULL || strcmp(status, "Success") == 0);
}

static bool has_plan(const bkey_json *sku, const char *plans)
{
    const bkey_json *list = bkey_json_array(sku, "servicePlans");
    for (size_t i = 0; i < bkey_json_count(list); i++) {
        if (bkey_decode_tenant_is_plan(bkey_json_at(list, i), plans))
            return true;
    }
    return false;
}

bool bkey_decode_tenant_licences(bkey_bytes body, const char *plans, bool *out_found)
{
    bkey_json *document = NULL;
    bool found = false;
    if (!bkey_is_ok(bkey_json_parse(body.ptr, body.len, BODY_MAX, &document)))
        return false;
    const bkey_json *skus = bkey_json_array(document, "value");
    const bool known = skus != NULL && bkey_json_text(document, "@odata.nextLink") == NULL;
    for (size_t i = 0; i < bkey_json_count(skus) && !found; i++) {
        const bkey_json *sku = bkey_json_at(skus, i);
        found = bkey_decode_tenant_in_force(sku) && has_plan(sku, plans);
    }
    bkey_json_free(&document);
    if (known)
        *out_found = found;
    return known;
}
