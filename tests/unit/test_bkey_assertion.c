/* SPDX-License-Identifier: Apache-2.0
 *
 * Client assertions, checked by the public key alone. */
/* LINK: plugin/src/graph/assertion.c plugin/src/base/secret.c plugin/src/base/error.c
 * host-sdk/support/?*.c */
/* LIBS: -lsodium -lcrypto */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <string.h>

#include "graph/assertion.h"

static bkey_slab *slab;
static EVP_PKEY *key;
static X509 *certificate;

static X509 *make_certificate(EVP_PKEY *of)
{
    X509 *made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    ASN1_TIME_set(X509_getm_notBefore(made), 1700000000);
    ASN1_TIME_set(X509_getm_notAfter(made), 1900000000);
    cr_assert_eq(X509_set_pubkey(made, of), 1);
    cr_assert_gt(X509_sign(made, of, EVP_sha256()), 0);
    return made;
}

static void start(void)
{
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    key = EVP_RSA_gen(2048);
    certificate = make_certificate(key);
}

static void stop(void)
{
    X509_free(certificate);
    EVP_PKEY_free(key);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
}

TestSuite(assertion, .init = start, .fini = stop);

static bkey_secret *write_pem(EVP_PKEY *private_key, X509 *public_part, const char *passphrase)
{
    bkey_secret *pem = NULL;
    char *text = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    if (private_key != NULL)
        cr_assert_eq(PEM_write_bio_PrivateKey(out, private_key,
                                              passphrase != NULL ? EVP_aes_128_cbc() : NULL, NULL,
                                              0, NULL, (void *)(uintptr_t)passphrase),
                     1);
    if (public_part != NULL)
        cr_assert_eq(PEM_write_bio_X509(out, public_part), 1);
    long len = BIO_get_mem_data(out, &text);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, text, (size_t)len, &pem)));
    BIO_free(out);
    return pem;
}

static bool verify(const char *jwt, bool pss)
{
    unsigned char signature[1024];
    size_t len = 0;
    const char *end = strrchr(jwt, '.');
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    cr_assert_eq(sodium_base642bin(signature, sizeof signature, end + 1, strlen(end + 1), NULL,
                                   &len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    cr_assert_eq(
        EVP_DigestVerifyInit(context, &inner, EVP_sha256(), NULL, X509_get0_pubkey(certificate)),
        1);
    if (pss) {
        EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, 32);
    }
    bool good = EVP_DigestVerify(context, signature, len, (const unsigned char *)jwt,
                                 (size_t)(end - jwt)) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static void decode(const char *from, size_t len, char *out, size_t cap)
{
    size_t got = 0;
    cr_assert_eq(sodium_base642bin((unsigned char *)out, cap - 1, from, len, NULL, &got, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                 0);
    out[got] = '\0';
}

static void check_form(bool older, const char *alg, const char *lacks)
{
    char header[512];
    char claims[512];
    bkey_secret *jwt = NULL;
    bkey_secret *pem = write_pem(key, certificate, NULL);
    const bkey_assertion wanted = {.slab = slab,
                                   .pem = pem,
                                   .client_id = "client",
                                   .audience = "https://login/t/oauth2/v2.0/token",
                                   .now_s = 1800000000,
                                   .id = {1},
                                   .older = older};
    cr_assert(bkey_is_ok(bkey_assertion_make(&wanted, &jwt)));
    const char *text = (const char *)bkey_secret_borrow(jwt);
    const char *first = strchr(text, '.');
    const char *second = strchr(first + 1, '.');
    cr_expect(verify(text, !older));
    cr_expect_not(verify(text, older));
    decode(text, (size_t)(first - text), header, sizeof header);
    decode(first + 1, (size_t)(second - first - 1), claims, sizeof claims);
    cr_expect(strstr(header, alg) != NULL, "%s", header);
    cr_expect(strstr(header, "\"x5t#S256\":\"") != NULL, "%s", header);
    cr_expect(lacks == NULL || strstr(header, lacks) == NULL, "%s", header);
    cr_expect_str_eq(claims, "{\"aud\":\"https://login/t/oauth2/v2.0/token\",\"iss\":\"client\","
                             "\"sub\":\"client\",\"jti\":\"01000000-0000-0000-0000-000000000000\","
                             "\"nbf\":1799999940,\"iat\":1800000000,\"exp\":1800000300}");
    bkey_secret_return(jwt);
    bkey_secret_free(&jwt);
    bkey_secret_free(&pem);
}

/* S1.24 */
Test(assertion, verifies_with_the_certificate_and_says_who_for_whom_and_how_long)
{
    check_form(false, "\"alg\":\"PS256\"", "\"x5t\":");
}

Test(assertion, older_form_has_both_thumbprints)
{
    check_form(true, "\"alg\":\"RS256\"", NULL);
}

static void expect_problem(EVP_PKEY *private_key, X509 *public_part, const char *passphrase,
                           const char *word)
{
    int64_t ends_ms = 0;
    const char *problem = NULL;
    bkey_secret *jwt = NULL;
    bkey_secret *pem = write_pem(private_key, public_part, passphrase);
    const bkey_assertion wanted = {.slab = slab, .pem = pem, .client_id = "c", .audience = "a"};
    cr_assert(bkey_is(bkey_assertion_check(pem, &ends_ms, &problem), BKEY_E_PARAMETER));
    cr_assert(strstr(problem, word) != NULL, "%s", problem);
    cr_expect(bkey_is(bkey_assertion_make(&wanted, &jwt), BKEY_E_APP_CREDENTIAL));
    bkey_secret_free(&pem);
}

Test(assertion, what_cannot_sign_is_told_by_what_is_wrong)
{
    EVP_PKEY *other = EVP_RSA_gen(2048);
    EVP_PKEY *small = EVP_RSA_gen(1024);
    EVP_PKEY *curve = EVP_EC_gen("P-256");
    X509 *of_small = make_certificate(small);
    expect_problem(NULL, certificate, NULL, "no private key");
    expect_problem(key, NULL, NULL, "no certificate");
    expect_problem(key, certificate, "passphrase", "passphrase");
    expect_problem(other, certificate, NULL, "does not belong");
    expect_problem(small, of_small, NULL, "2048");
    expect_problem(curve, certificate, NULL, "RSA");
    X509_free(of_small);
    EVP_PKEY_free(curve);
    EVP_PKEY_free(small);
    EVP_PKEY_free(other);
}

Test(assertion, end_of_the_certificate_is_known)
{
    int64_t ends_ms = 0;
    const char *problem = NULL;
    bkey_secret *pem = write_pem(key, certificate, NULL);
    cr_assert(bkey_assertion_is_pem(pem));
    cr_assert(bkey_is_ok(bkey_assertion_check(pem, &ends_ms, &problem)));
    cr_expect_eq(ends_ms, INT64_C(1900000000000));
    bkey_secret_free(&pem);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "-----BEGIN", 10, &pem)));
    cr_expect_not(bkey_assertion_is_pem(pem));
    bkey_secret_free(&pem);
}
