/* SPDX-License-Identifier: Apache-2.0
 *
 * See token.h. Answers go from the receive buffer to the slab through jsonscan. */
#include "graph/token.h"

#include "base/jsonscan.h"
#include "graph/token_errors.h"

#define DEFAULT_LIFETIME_S 3599 /* when an answer names none */
#define LONGEST_LIFETIME_S (28 * 3600)

static bkey_err take_text(bkey_slab *slab, const bkey_jsonscan_value *value,
                          bkey_secret **out_secret)
{
    bkey_secret *secret = NULL;
    size_t len = 0;
    bkey_err err = bkey_secret_new(slab, BKEY_SECRET_MAX, &secret);
    if (!bkey_is_ok(err))
        return err;
    bool fits =
        bkey_jsonscan_text(value, (char *)bkey_secret_borrow(secret), BKEY_SECRET_MAX, &len);
    bkey_secret_return(secret);
    if (!fits || len == 0) {
        bkey_secret_free(&secret);
        return bkey_fail(fits ? BKEY_E_BODY : BKEY_E_BODY_SIZE);
    }
    bkey_secret_shrink(secret, len);
    *out_secret = secret;
    return bkey_ok();
}

static int64_t lifetime_of(const bkey_jsonscan_value *top)
{
    bkey_jsonscan_value value;
    int64_t seconds = 0;
    if (!bkey_jsonscan_member(top, "expires_in", &value) || !bkey_jsonscan_int(&value, &seconds) ||
        seconds <= 0)
        return DEFAULT_LIFETIME_S;
    return seconds < LONGEST_LIFETIME_S ? seconds : LONGEST_LIFETIME_S;
}

/* A token that would end the header line it is sent in is no token. */
static bool is_sendable(bkey_secret *token)
{
    const uint8_t *bytes = bkey_secret_borrow(token);
    bool clean = true;
    for (size_t i = 0; i < bkey_secret_len(token); i++)
        clean = clean && bytes[i] > ' ' && bytes[i] < 0x7f;
    bkey_secret_return(token);
    return clean;
}

bkey_err bkey_token_read(bkey_slab *slab, int32_t status, bkey_bytes body,
                         bkey_token_answer *out_answer)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value value;
    bkey_token_answer answer = {.access = NULL};
    if (status != 200)
        return bkey_token_errors_classify(status, body);
    if (!bkey_jsonscan_parse(body.ptr, body.len, &top) ||
        !bkey_jsonscan_member(&top, "access_token", &value) || value.kind != BKEY_JSONSCAN_STRING)
        return bkey_fail(BKEY_E_BODY);
    bkey_err err = take_text(slab, &value, &answer.access);
    if (bkey_is_ok(err) && !is_sendable(answer.access))
        err = bkey_fail(BKEY_E_BODY);
    if (bkey_is_ok(err) && bkey_jsonscan_member(&top, "refresh_token", &value) &&
        value.kind == BKEY_JSONSCAN_STRING && value.len > 0)
        err = take_text(slab, &value, &answer.refresh);
    answer.expires_in_s = lifetime_of(&top);
    if (bkey_is_ok(err))
        *out_answer = answer;
    else
        bkey_token_answer_done(&answer);
    return err;
}

void bkey_token_answer_done(bkey_token_answer *answer)
{
    if (answer == NULL)
        return;
    bkey_secret_free(&answer->access);
    bkey_secret_free(&answer->refresh);
    answer->expires_in_s = 0;
}
