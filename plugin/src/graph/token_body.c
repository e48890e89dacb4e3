/* SPDX-License-Identifier: Apache-2.0
 *
 * Form bodies of token requests, written straight into guarded memory. See token.h. */
#include <string.h>

#include "graph/challenge.h"
#include "graph/endpoints.h"
#include "graph/token.h"

typedef struct form {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    bool failed;
} form;

static bool is_unreserved(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void add_byte(form *out, uint8_t c)
{
    if (out->len == out->cap)
        out->failed = true;
    else
        out->ptr[out->len++] = c;
}

static void add_encoded(form *out, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        if (is_unreserved(bytes[i])) {
            add_byte(out, bytes[i]);
            continue;
        }
        add_byte(out, '%');
        add_byte(out, (uint8_t)hex[bytes[i] >> 4]);
        add_byte(out, (uint8_t)hex[bytes[i] & 15]);
    }
}

static void add_name(form *out, const char *name)
{
    if (out->len > 0)
        add_byte(out, '&');
    for (const char *at = name; *at != '\0'; at++)
        add_byte(out, (uint8_t)*at);
    add_byte(out, '=');
}

static void add_text(form *out, const char *name, const char *text)
{
    add_name(out, name);
    add_encoded(out, (const uint8_t *)text, strlen(text));
}

static void add_secret(form *out, const char *name, bkey_secret *secret)
{
    if (secret == NULL)
        return;
    add_name(out, name);
    add_encoded(out, bkey_secret_borrow(secret), bkey_secret_len(secret));
    bkey_secret_return(secret);
}

static void add_grant(form *out, const bkey_token_request *request)
{
    static const struct {
        const char *type;
        const char *name; /* of the credential's field */
    } kinds[] = {
        [BKEY_TOKEN_REFRESH] = {"refresh_token", "refresh_token"},
        [BKEY_TOKEN_CLIENT] = {"client_credentials", ""},
        [BKEY_TOKEN_DEVICE] = {"urn:ietf:params:oauth:grant-type:device_code", "device_code"},
        [BKEY_TOKEN_CODE] = {"authorization_code", "code"}};
    const size_t kind = (size_t)request->kind;
    if (kind >= sizeof kinds / sizeof kinds[0] || kinds[kind].type == NULL) {
        out->failed = true;
        return;
    }
    add_text(out, "grant_type", kinds[kind].type);
    add_secret(out, kinds[kind].name, request->credential);
    add_secret(out, "code_verifier", request->verifier);
    if (request->redirect != NULL)
        add_text(out, "redirect_uri", request->redirect);
}

static void add_app(form *out, const bkey_token_request *request)
{
    static const char assertion[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if (request->app != NULL && request->is_assertion)
        add_text(out, "client_assertion_type", assertion);
    add_secret(out, request->is_assertion ? "client_assertion" : "client_secret", request->app);
}

bkey_err bkey_token_body(const bkey_token_request *request, bkey_secret **out_body)
{
    bkey_secret *body = NULL;
    sup_buffer scope;
    sup_buffer_init(&scope, 1024);
    if (!bkey_endpoints_scope(request->graph_url, request->kind != BKEY_TOKEN_CLIENT, &scope))
        return bkey_fail(BKEY_E_NOMEM);
    bkey_err err = bkey_secret_new(request->slab, BKEY_SECRET_MAX, &body);
    if (!bkey_is_ok(err))
        goto out;
    form written = {.ptr = bkey_secret_borrow(body), .cap = BKEY_SECRET_MAX};
    add_text(&written, "client_id", request->client_id);
    add_text(&written, "scope", sup_buffer_text(&scope));
    add_grant(&written, request);
    add_app(&written, request);
    add_text(&written, "claims", request->claims != NULL ? request->claims : BKEY_CHALLENGE_ABLE);
    bkey_secret_return(body);
    if (written.failed) {
        err = bkey_fail(BKEY_E_LIMIT);
        goto out;
    }
    bkey_secret_shrink(body, written.len);
    *out_body = body;
    body = NULL;
out:
    bkey_secret_free(&body);
    sup_buffer_done(&scope);
    return err;
}
