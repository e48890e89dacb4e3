/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer that carries a secret: from the receive buffer to the slab, nowhere else. See
 * decode.h. */
#include <sodium.h>
#include <string.h>

#include "base/jsonscan.h"
#include "domain/recovery_key.h"
#include "graph/decode.h"

#define VERBATIM_MAX 512u

/* The object with the properties: the top, or what is under "value". */
static bool find_entity(const bkey_jsonscan_value *top, bkey_jsonscan_value *out)
{
    bkey_jsonscan_value inner;
    if (top->kind != BKEY_JSONSCAN_OBJECT)
        return false;
    *out = *top;
    if (!bkey_jsonscan_member(top, "key", &inner) && bkey_jsonscan_member(top, "value", &inner) &&
        inner.kind == BKEY_JSONSCAN_OBJECT)
        *out = inner;
    return true;
}

/* An id that is there must be the one that was asked for: else a key would go under a wrong name.
 */
static bool has_other_id(const bkey_jsonscan_value *entity, const sup_guid *id)
{
    bkey_jsonscan_value value;
    sup_guid found;
    char text[64];
    size_t len = 0;
    if (!bkey_jsonscan_member(entity, "id", &value) || value.kind == BKEY_JSONSCAN_NULL)
        return false;
    return !bkey_jsonscan_text(&value, text, sizeof text, &len) ||
           !sup_guid_parse(text, len, &found) || !sup_guid_equal(&found, id);
}

static bool is_blank(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
            return false;
    return true;
}

/* Turns the text in `secret` into 16 bytes where it is a recovery password. */
static bkey_err reduce(bkey_secret *secret, size_t len, bool *out_malformed)
{
    uint8_t *bytes = bkey_secret_borrow(secret);
    uint8_t binary[BKEY_RECOVERY_KEY_BYTES];
    bkey_err err = bkey_ok();
    size_t kept = len;
    if (is_blank(bytes, len)) {
        err = bkey_fail(BKEY_E_EMPTY_KEY);
    } else if (bkey_recovery_key_parse((const char *)bytes, len, binary) == BKEY_RECOVERY_KEY_OK) {
        memcpy(bytes, binary, sizeof binary);
        kept = sizeof binary;
        *out_malformed = false;
    } else {
        *out_malformed = true;
    }
    sodium_memzero(binary, sizeof binary);
    bkey_secret_return(secret);
    bkey_secret_shrink(secret, kept);
    return err;
}

bkey_err bkey_decode_key(bkey_slab *slab, bkey_bytes body, const sup_guid *id,
                         bkey_secret **out_secret, bool *out_malformed)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value entity;
    bkey_jsonscan_value value;
    bkey_secret *secret = NULL;
    size_t len = 0;
    if (!bkey_jsonscan_parse(body.ptr, body.len, &top) || !find_entity(&top, &entity) ||
        has_other_id(&top, id) || has_other_id(&entity, id))
        return bkey_fail(BKEY_E_BODY);
    if (!bkey_jsonscan_member(&entity, "key", &value) || value.kind == BKEY_JSONSCAN_NULL)
        return bkey_fail(BKEY_E_EMPTY_KEY);
    bkey_err err = bkey_secret_new(slab, VERBATIM_MAX, &secret);
    if (!bkey_is_ok(err))
        return err;
    bool fits = bkey_jsonscan_text(&value, (char *)bkey_secret_borrow(secret), VERBATIM_MAX, &len);
    bkey_secret_return(secret);
    err = fits ? reduce(secret, len, out_malformed) : bkey_fail(BKEY_E_BODY);
    if (bkey_is_ok(err))
        *out_secret = secret;
    else
        bkey_secret_free(&secret);
    return err;
}
