/* SPDX-License-Identifier: Apache-2.0
 *
 * Token requests, answers, refusals by AADSTS class, and claims. */
/* LINK: plugin/src/graph/token.c plugin/src/graph/token_body.c plugin/src/graph/token_errors.c
 * plugin/src/graph/token_claims.c plugin/src/graph/endpoints.c plugin/src/base/jsonscan*.c
 * plugin/src/base/secret.c plugin/src/base/error.c host-sdk/support/buffer.c
 * host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/utf8.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/graph/token.h"

#define ABLE                                                                                       \
    "&claims=%7B%22access_token%22%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D%7D%7D%7D"

static bkey_slab *slab;

static void start(void)
{
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
}

static void stop(void)
{
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
}

TestSuite(token, .init = start, .fini = stop);

static bkey_bytes bytes_of(const char *text)
{
    return (bkey_bytes){(const uint8_t *)text, strlen(text)};
}

static void expect_text(bkey_secret *secret, const char *text)
{
    cr_assert_not_null(secret);
    cr_expect_str_eq((const char *)bkey_secret_borrow(secret), text);
    cr_expect_eq(bkey_secret_len(secret), strlen(text));
    bkey_secret_return(secret);
}

static uint32_t read_reason(int32_t status, const char *body)
{
    bkey_token_answer answer = {.access = NULL};
    bkey_err err = bkey_token_read(slab, status, bytes_of(body), &answer);
    bkey_token_answer_done(&answer);
    return err.reason;
}

Test(token, body_is_encoded_for_either_grant)
{
    bkey_secret *credential = NULL;
    bkey_secret *body = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "a+b/c=~d e&f%", 13, &credential)));
    bkey_token_request request = {.slab = slab,
                                  .client_id = "client-1",
                                  .graph_url = "https://g/",
                                  .kind = BKEY_TOKEN_REFRESH,
                                  .credential = credential};
    cr_assert(bkey_is_ok(bkey_token_body(&request, &body)));
    expect_text(body, "client_id=client-1&scope=https%3A%2F%2Fg%2F.default%20offline_access"
                      "&grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D~d%20e%26f%25" ABLE);
    bkey_secret_free(&body);
    request.kind = BKEY_TOKEN_CLIENT;
    request.credential = NULL;
    request.app = credential;
    cr_assert(bkey_is_ok(bkey_token_body(&request, &body)));
    expect_text(body,
                "client_id=client-1&scope=https%3A%2F%2Fg%2F.default"
                "&grant_type=client_credentials&client_secret=a%2Bb%2Fc%3D~d%20e%26f%25" ABLE);
    bkey_secret_free(&body);
    bkey_secret_free(&credential);
}

/* S1.24: a code with its verifier, a device code, and an app that proves itself by an assertion. */
Test(token, body_of_a_person_who_signed_in)
{
    bkey_secret *code = NULL;
    bkey_secret *proof = NULL;
    bkey_secret *body = NULL;
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "0.Acode", 7, &code)));
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "proof", 5, &proof)));
    bkey_token_request request = {.slab = slab,
                                  .client_id = "c",
                                  .graph_url = "https://g",
                                  .kind = BKEY_TOKEN_CODE,
                                  .credential = code,
                                  .verifier = proof,
                                  .redirect = "http://localhost:1/x",
                                  .app = proof,
                                  .is_assertion = true,
                                  .claims = "{}"};
    cr_assert(bkey_is_ok(bkey_token_body(&request, &body)));
    expect_text(body, "client_id=c&scope=https%3A%2F%2Fg%2F.default%20offline_access"
                      "&grant_type=authorization_code&code=0.Acode&code_verifier=proof"
                      "&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fx"
                      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type"
                      "%3Ajwt-bearer&client_assertion=proof&claims=%7B%7D");
    bkey_secret_free(&body);
    request.kind = BKEY_TOKEN_DEVICE;
    request.verifier = NULL;
    request.redirect = NULL;
    request.app = NULL;
    cr_assert(bkey_is_ok(bkey_token_body(&request, &body)));
    expect_text(body, "client_id=c&scope=https%3A%2F%2Fg%2F.default%20offline_access&grant_type="
                      "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=0.Acode"
                      "&claims=%7B%7D");
    bkey_secret_free(&body);
    bkey_secret_free(&proof);
    bkey_secret_free(&code);
}

Test(token, credential_that_does_not_fit_is_refused)
{
    bkey_secret *credential = NULL;
    bkey_secret *body = NULL;
    cr_assert(bkey_is_ok(bkey_secret_new(slab, 6000, &credential)));
    bkey_token_request request = {.slab = slab,
                                  .client_id = "client-1",
                                  .graph_url = "https://g",
                                  .kind = BKEY_TOKEN_REFRESH,
                                  .credential = credential};
    cr_expect(bkey_is(bkey_token_body(&request, &body), BKEY_E_LIMIT));
    cr_expect_null(body);
    bkey_secret_free(&credential);
}

Test(token, answer_gives_tokens_and_lifetime)
{
    bkey_token_answer answer;
    cr_assert(bkey_is_ok(bkey_token_read(
        slab, 200,
        bytes_of("{\"token_type\":\"Bearer\",\"scope\":\"a b\",\"expires_in\":4216,"
                 "\"access_token\":\"eyJ0.SIM\\u002eSIG\",\"refresh_token\":\"1.SIM-0002\"}"),
        &answer)));
    expect_text(answer.access, "eyJ0.SIM.SIG");
    expect_text(answer.refresh, "1.SIM-0002");
    cr_expect_eq(answer.expires_in_s, 4216);
    bkey_token_answer_done(&answer);
    cr_assert(bkey_is_ok(bkey_token_read(
        slab, 200, bytes_of("{\"expires_in\":\"3599\",\"access_token\":\"x\"}"), &answer)));
    cr_expect_null(answer.refresh);
    cr_expect_eq(answer.expires_in_s, 3599);
    bkey_token_answer_done(&answer);
    cr_assert(bkey_is_ok(bkey_token_read(
        slab, 200, bytes_of("{\"expires_in\":-1,\"access_token\":\"x\",\"refresh_token\":null}"),
        &answer)));
    cr_expect_eq(answer.expires_in_s, 3599);
    bkey_token_answer_done(&answer);
}

Test(token, answer_without_a_usable_token_is_no_success)
{
    static const char *bodies[] = {"",
                                   "<html>busy</html>",
                                   "{}",
                                   "[]",
                                   "{\"access_token\":7}",
                                   "{\"access_token\":\"\"}",
                                   "{\"access_token\":\"a\\r\\nHost: evil\"}",
                                   "{\"access_token\":\"a b\"}",
                                   "{\"access_token\":\"a\"} x"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        cr_expect_eq(read_reason(200, bodies[i]), BKEY_E_BODY, "%s", bodies[i]);
}

typedef struct refusal {
    int32_t status;
    const char *body;
    uint32_t reason;
} refusal;

Test(token, refusals_mean_what_the_table_says)
{
    static const refusal refusals[] = {
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[65001],\"suberror\":\"x\"}",
         BKEY_E_CONSENT},
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[50076]}", BKEY_E_SIGN_IN},
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[53003]}", BKEY_E_POLICY},
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[700082]}", BKEY_E_SIGN_IN},
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[50173]}", BKEY_E_SIGN_IN},
        {401, "{\"error\":\"invalid_client\",\"error_codes\":[7000215]}", BKEY_E_APP_CREDENTIAL},
        {401, "{\"error\":\"invalid_client\",\"error_codes\":[7000222]}", BKEY_E_APP_CREDENTIAL},
        {400, "{\"error\":\"invalid_request\",\"error_codes\":[90002]}", BKEY_E_TENANT},
        {400, "{\"error\":\"unauthorized_client\",\"error_codes\":[700016]}", BKEY_E_TENANT},
        {400, "{\"error\":\"invalid_grant\",\"error_codes\":[99999999,53003]}", BKEY_E_POLICY},
        {400, "{\"error_description\":\"AADSTS7000222: expired.\\r\\nTrace\"}",
         BKEY_E_APP_CREDENTIAL},
        {400, "{\"error\":\"invalid_grant\",\"suberror\":\"consent_required\"}", BKEY_E_CONSENT},
        {400, "{\"error\":\"invalid_grant\",\"suberror\":\"none\"}", BKEY_E_SIGN_IN},
        {400, "{\"error\":\"interaction_required\"}", BKEY_E_SIGN_IN},
        {400, "{\"error\":\"invalid_client\",\"error_codes\":\"no list\"}", BKEY_E_APP_CREDENTIAL},
        {400, "{\"error\":\"a new word\"}", BKEY_E_STATUS},
        {400, "no json", BKEY_E_STATUS},
        {429, "{\"error\":\"invalid_grant\"}", BKEY_E_THROTTLED},
        {400, "{\"error_codes\":[90055]}", BKEY_E_THROTTLED},
        {400, "{\"error\":\"temporarily_unavailable\",\"error_codes\":[90033]}",
         BKEY_E_REMOTE_FAULT},
        {503, "<html>", BKEY_E_REMOTE_FAULT},
        {302, "", BKEY_E_STATUS},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        cr_expect_eq(read_reason(refusals[i].status, refusals[i].body), refusals[i].reason,
                     "%d %s: %x", refusals[i].status, refusals[i].body,
                     read_reason(refusals[i].status, refusals[i].body));
    cr_expect_eq(bkey_token_aadsts(bytes_of("{\"error_codes\":[1,53003]}")), 53003);
    cr_expect_eq(bkey_token_aadsts(bytes_of("{\"error_codes\":[1]}")), 1);
    cr_expect_eq(bkey_token_aadsts(bytes_of("{}")), 0);
}

static bkey_token_claims claims_of(const char *payload)
{
    char encoded[2048];
    char token[2200];
    bkey_secret *access = NULL;
    bkey_token_claims claims;
    sodium_bin2base64(encoded, sizeof encoded, (const uint8_t *)payload, strlen(payload),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    int len = snprintf(token, sizeof token, "eyJ0eXAiOiJKV1QifQ.%s.SIG", encoded);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, token, (size_t)len, &access)));
    cr_assert(bkey_is_ok(bkey_token_claims_read(slab, access, &claims)));
    bkey_secret_free(&access);
    return claims;
}

/* S1.11: what a token allows, and as which type, is seen before anything is asked. */
Test(token, claims_tell_tenant_type_and_permissions)
{
    bkey_token_claims claims =
        claims_of("{\"idtyp\":\"user\",\"roles\":[\"BitlockerKey.Read.All\"],\"scp\":\"User.Read "
                  "https://graph.microsoft.com/BitlockerKey.ReadBasic.All "
                  "DeviceManagementManagedDevices.ReadWrite.All\","
                  "\"tid\":\"945CAE4D-d90a-4f08-b84f-c4f15d161d23\"}");
    cr_expect(claims.readable && claims.has_tenant && claims.has_permissions);
    cr_expect_not(claims.application);
    cr_expect_eq(claims.permissions, BKEY_PERM_DEVICES | BKEY_PERM_KEY_LIST);
    cr_expect_eq(claims.tenant.bytes[0], 0x94);
    claims = claims_of("{\"idtyp\":\"app\",\"roles\":[\"bitlockerkey.read.all\",7,null]}");
    cr_expect(claims.readable && claims.application && !claims.has_tenant);
    cr_expect_eq(claims.permissions, BKEY_PERM_KEY_LIST | BKEY_PERM_KEY_READ);
    claims = claims_of("{\"tid\":\"x\"}");
    cr_expect(claims.readable && claims.application && claims.has_permissions);
    cr_expect_eq(claims.permissions, 0);
    claims = claims_of("{\"scp\":\"XBitlockerKey.Read.All BitlockerKey.Read.AllX\"}");
    cr_expect_eq(claims.permissions, 0);
}

Test(token, opaque_token_is_unreadable_not_an_error)
{
    static const char *tokens[] = {"opaque", "a.b", "a..c", "a.!!!!.c", "a.eyJ.c", "..", "."};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        bkey_secret *access = NULL;
        bkey_token_claims claims = {.readable = true};
        cr_assert(bkey_is_ok(bkey_secret_dup(slab, tokens[i], strlen(tokens[i]), &access)));
        cr_expect(bkey_is_ok(bkey_token_claims_read(slab, access, &claims)));
        cr_expect_not(claims.readable, "%s", tokens[i]);
        bkey_secret_free(&access);
    }
    cr_expect_not(claims_of("[]").readable);
}
