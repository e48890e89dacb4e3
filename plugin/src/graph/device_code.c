/* SPDX-License-Identifier: Apache-2.0
 *
 * See device_code.h. */
#include "graph/device_code.h"

#include <string.h>

#include "base/jsonscan.h"
#include "graph/endpoints.h"
#include "graph/token.h"
#include "graph/token_errors.h"
#include "support/utf8.h"

#define USUAL_INTERVAL_S 5
#define LONGEST_INTERVAL_S 600
#define USUAL_LIFE_S 900
#define LONGEST_LIFE_S 86400

bkey_err bkey_device_code_body(bkey_slab *slab, const char *client_id, const char *graph_url,
                               bkey_secret **out_body)
{
    sup_buffer scope;
    sup_buffer body;
    sup_buffer_init(&scope, 1024);
    sup_buffer_init(&body, 4096);
    (void)bkey_endpoints_scope(graph_url, true, &scope);
    (void)sup_buffer_add_str(&body, "client_id=");
    (void)bkey_endpoints_encode(client_id, &body);
    (void)sup_buffer_add_str(&body, "&scope=");
    (void)bkey_endpoints_encode(sup_buffer_text(&scope), &body);
    bkey_err err = sup_buffer_failed(&scope) || sup_buffer_failed(&body)
                       ? bkey_fail(BKEY_E_LIMIT)
                       : bkey_secret_dup(slab, sup_buffer_text(&body), body.len, out_body);
    sup_buffer_done(&body);
    sup_buffer_done(&scope);
    return err;
}

/* Text that a person is shown; false when it is missing or too long. */
static bool take_text(const bkey_jsonscan_value *top, const char *name, char *out, size_t cap)
{
    bkey_jsonscan_value value;
    char text[2048];
    size_t len = 0;
    out[0] = '\0';
    if (!bkey_jsonscan_member(top, name, &value) ||
        !bkey_jsonscan_text(&value, text, sizeof text, &len) || len == 0 || len >= cap)
        return false;
    (void)sup_utf8_clean(text, len, out, cap);
    return true;
}

static int64_t take_number(const bkey_jsonscan_value *top, const char *name, int64_t usual,
                           int64_t most)
{
    bkey_jsonscan_value value;
    int64_t number = 0;
    if (!bkey_jsonscan_member(top, name, &value) || !bkey_jsonscan_int(&value, &number) ||
        number < 0)
        return usual;
    return number < most ? number : most;
}

static bkey_err take_code(bkey_slab *slab, const bkey_jsonscan_value *top, bkey_secret **out)
{
    bkey_jsonscan_value value;
    bkey_secret *code = NULL;
    size_t len = 0;
    if (!bkey_jsonscan_member(top, "device_code", &value))
        return bkey_fail(BKEY_E_BODY);
    bkey_err err = bkey_secret_new(slab, BKEY_SECRET_MAX / 2, &code);
    if (!bkey_is_ok(err))
        return err;
    char *to = (char *)bkey_secret_borrow(code);
    const bool fits = bkey_jsonscan_text(&value, to, BKEY_SECRET_MAX / 2, &len) && len > 0;
    bkey_secret_return(code);
    if (!fits) {
        bkey_secret_free(&code);
        return bkey_fail(BKEY_E_BODY);
    }
    bkey_secret_shrink(code, len);
    *out = code;
    return bkey_ok();
}

bkey_err bkey_device_code_read(bkey_slab *slab, const bkey_net_reply *reply, bkey_device_code *out)
{
    bkey_jsonscan_value top;
    bkey_device_code read = {.code = NULL};
    if (reply->status != 200)
        return bkey_token_errors_classify(reply->status, reply->body);
    if (!bkey_jsonscan_parse(reply->body.ptr, reply->body.len, &top) ||
        !take_text(&top, "user_code", read.user_code, sizeof read.user_code) ||
        !take_text(&top, "verification_uri", read.address, sizeof read.address))
        return bkey_fail(BKEY_E_BODY);
    (void)take_text(&top, "message", read.message, sizeof read.message);
    read.expires_in_s = take_number(&top, "expires_in", USUAL_LIFE_S, LONGEST_LIFE_S);
    read.interval_s = (uint32_t)take_number(&top, "interval", USUAL_INTERVAL_S, LONGEST_INTERVAL_S);
    bkey_err err = take_code(slab, &top, &read.code);
    if (bkey_is_ok(err))
        *out = read;
    return err;
}

static const struct {
    const char *word;
    uint32_t aadsts;
    bkey_device_poll means;
} polls[] = {{"authorization_pending", 70016, BKEY_DEVICE_POLL_PENDING},
             {"slow_down", 0, BKEY_DEVICE_POLL_SLOW_DOWN},
             {"authorization_declined", 90120, BKEY_DEVICE_POLL_DECLINED},
             {"access_denied", 0, BKEY_DEVICE_POLL_DECLINED},
             {"expired_token", 70019, BKEY_DEVICE_POLL_EXPIRED},
             {"bad_verification_code", 70018, BKEY_DEVICE_POLL_EXPIRED},
             {"code_expired", 70020, BKEY_DEVICE_POLL_EXPIRED}};

#define POLLS (sizeof polls / sizeof polls[0])

bkey_device_poll bkey_device_code_poll(const bkey_net_reply *reply)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value error;
    if (reply->status == 200 || !bkey_jsonscan_parse(reply->body.ptr, reply->body.len, &top))
        return BKEY_DEVICE_POLL_ANSWERED;
    const uint32_t aadsts = bkey_token_aadsts(reply->body);
    for (size_t i = 0; i < POLLS; i++) {
        if (aadsts != 0 && aadsts == polls[i].aadsts)
            return polls[i].means;
    }
    /* A number that says why goes before a word that several refusals share. */
    if (bkey_token_reason(aadsts) != 0 || !bkey_jsonscan_member(&top, "error", &error))
        return BKEY_DEVICE_POLL_ANSWERED;
    for (size_t i = 0; i < POLLS; i++) {
        if (bkey_jsonscan_equals(&error, polls[i].word))
            return polls[i].means;
    }
    return BKEY_DEVICE_POLL_ANSWERED;
}
