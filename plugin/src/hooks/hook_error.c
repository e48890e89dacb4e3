/* SPDX-License-Identifier: Apache-2.0
 *
 * Our errors in the ABI's words. Must not know which hook failed. */
#include "hooks/hook_error.h"

#include <string.h>

#include "support/utf8.h"

static dph_status status_of_category(bkey_category category)
{
    switch (category) {
    case BKEY_CAT_NONE:
        return DPH_OK;
    case BKEY_CAT_CONFIG:
        return DPH_E_INVALID;
    case BKEY_CAT_AUTH:
    case BKEY_CAT_DENIED:
        return DPH_E_DENIED;
    case BKEY_CAT_RETRY:
    case BKEY_CAT_REMOTE:
    case BKEY_CAT_LOCAL:
        return DPH_E_UNAVAILABLE;
    case BKEY_CAT_CORRUPT:
        return DPH_E_CORRUPT;
    case BKEY_CAT_OVER:
        return DPH_E_CANCELLED;
    case BKEY_CAT_BUG:
    case BKEY_CAT_COUNT:
        break;
    }
    return DPH_E_INTERNAL;
}

static dph_status status_of(bkey_err reason)
{
    static const struct {
        uint32_t reason;
        dph_status status;
    } table[] = {
        {BKEY_E_CONFLICT, DPH_E_CONFLICT},
        {BKEY_E_UNKNOWN_OUTCOME, DPH_E_UNKNOWN_OUTCOME},
        {BKEY_E_NOT_CONNECTED, DPH_E_NOT_FOUND},
        {BKEY_E_NOT_FOUND, DPH_E_NOT_FOUND},
        {BKEY_E_NO_STATE, DPH_E_NOT_FOUND},
        {BKEY_E_REASON_MISSING, DPH_E_INVALID},
        {BKEY_E_NOMEM, DPH_E_NOMEM},
        {BKEY_E_LIMIT, DPH_E_TOO_LARGE},
        {BKEY_E_NEWER_FORMAT, DPH_E_UNSUPPORTED},
        {BKEY_E_DEADLINE, DPH_E_DEADLINE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].reason == reason.reason)
            return table[i].status;
    }
    return status_of_category(bkey_err_category(reason));
}

dph_status bkey_hook_error_text(dph_error *err, dph_status status, uint32_t code,
                                const char *message)
{
    if (err == NULL || !DPH_HAS(err, message))
        return status;
    err->status = status;
    err->code = code;
    err->flags = 0;
    (void)sup_utf8_clean(message, strlen(message), err->message, sizeof err->message);
    return status;
}

dph_status bkey_hook_error_say(dph_error *err, bkey_err reason, const char *detail)
{
    const char *message = detail != NULL && detail[0] != '\0' ? detail : bkey_err_text(reason);
    if (bkey_is_ok(reason))
        return DPH_OK;
    return bkey_hook_error_text(err, status_of(reason), reason.reason, message);
}

dph_status bkey_hook_error_fill(dph_error *err, bkey_err reason)
{
    return bkey_hook_error_say(err, reason, NULL);
}
