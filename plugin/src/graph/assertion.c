/* SPDX-License-Identifier: Apache-2.0
 *
 * See assertion.h. Must not know what the assertion is sent with. */
#include "graph/assertion.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <string.h>

#include "support/buffer.h"
#include "support/guid.h"

#define LIFETIME_S 300
#define SLACK_S 60 /* the clocks may differ */
#define TEXT_MAX 4096u
#define SIGNATURE_MAX 1024u /* RSA of 8192 bits */
#define LEAST_BITS 2048

static const char pem_start[] = "-----BEGIN ";

typedef struct identity {
    EVP_PKEY *key;
    X509 *certificate;
} identity;

static void drop_identity(identity *of)
{
    EVP_PKEY_free(of->key);
    X509_free(of->certificate);
    *of = (identity){.key = NULL};
}

bool bkey_assertion_is_pem(bkey_secret *text)
{
    const size_t len = sizeof pem_start - 1;
    const uint8_t *bytes = bkey_secret_borrow(text);
    bool is = false;
    for (size_t at = 0; !is && at + len <= bkey_secret_len(text); at++)
        is = memcmp(bytes + at, pem_start, len) == 0;
    bkey_secret_return(text);
    return is;
}

/* An encrypted key is refused: libcrypto would ask the terminal for its passphrase. */
static int no_passphrase(char *out, int size, int rwflag, void *context)
{
    if (size > 0)
        out[0] = '\0';
    (void)rwflag;
    (void)context;
    return -1;
}

/* Read-only over the guarded memory: nothing of the text is copied. */
static identity read_identity(bkey_secret *pem)
{
    identity found = {.key = NULL};
    const int len = (int)bkey_secret_len(pem);
    const uint8_t *text = bkey_secret_borrow(pem);
    BIO *keys = BIO_new_mem_buf(text, len);
    BIO *certificates = BIO_new_mem_buf(text, len);
    if (keys != NULL)
        found.key = PEM_read_bio_PrivateKey(keys, NULL, no_passphrase, NULL);
    if (certificates != NULL)
        found.certificate = PEM_read_bio_X509(certificates, NULL, no_passphrase, NULL);
    (void)BIO_free(keys);
    (void)BIO_free(certificates);
    bkey_secret_return(pem);
    return found;
}

static const char *problem_of(const identity *of)
{
    if (of->key == NULL)
        return "The PEM has no private key that can be read; one with a passphrase cannot be used.";
    if (of->certificate == NULL)
        return "The PEM has no certificate beside the private key.";
    if (EVP_PKEY_base_id(of->key) != EVP_PKEY_RSA || EVP_PKEY_bits(of->key) < LEAST_BITS)
        return "The private key must be an RSA key of at least 2048 bits: Microsoft takes no "
               "other.";
    if (X509_check_private_key(of->certificate, of->key) != 1)
        return "The certificate does not belong to the private key.";
    return NULL;
}

static bool end_of(const X509 *certificate, int64_t *out_ms)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool known = epoch != NULL &&
                 ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1;
    ASN1_TIME_free(epoch);
    if (known)
        *out_ms = ((int64_t)days * 86400 + seconds) * 1000;
    return known;
}

bkey_err bkey_assertion_check(bkey_secret *pem, int64_t *out_ends_ms, const char **out_problem)
{
    identity found = read_identity(pem);
    const char *problem = problem_of(&found);
    if (problem == NULL && !end_of(found.certificate, out_ends_ms))
        problem = "The certificate has no end date that can be read.";
    drop_identity(&found);
    if (problem == NULL)
        return bkey_ok();
    *out_problem = problem;
    return bkey_fail(BKEY_E_PARAMETER);
}

static bool add_base64(sup_buffer *out, const uint8_t *bytes, size_t len)
{
    char text[2 * TEXT_MAX];
    if (len > TEXT_MAX)
        return false;
    (void)sodium_bin2base64(text, sizeof text, bytes, len,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return sup_buffer_add_str(out, text);
}

static bool add_thumbprint(sup_buffer *out, const char *name, const X509 *certificate,
                           const EVP_MD *digest)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(certificate, digest, hash, &len) != 1)
        return false;
    (void)sup_buffer_printf(out, ",\"%s\":\"", name);
    return add_base64(out, hash, len) && sup_buffer_add_str(out, "\"");
}

static bool write_header(const bkey_assertion *wanted, const X509 *certificate, sup_buffer *out)
{
    (void)sup_buffer_printf(out, "{\"alg\":\"%s\",\"typ\":\"JWT\"",
                            wanted->older ? "RS256" : "PS256");
    return add_thumbprint(out, "x5t#S256", certificate, EVP_sha256()) &&
           (!wanted->older || add_thumbprint(out, "x5t", certificate, EVP_sha1())) &&
           sup_buffer_add_str(out, "}");
}

/* Client id and address come from checked settings: nothing in them needs escaping. */
static bool write_claims(const bkey_assertion *wanted, sup_buffer *out)
{
    char id[SUP_GUID_TEXT_LEN + 1];
    sup_guid guid;
    memcpy(guid.bytes, wanted->id, sizeof guid.bytes);
    sup_guid_format(&guid, id);
    return sup_buffer_printf(out,
                             "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"%s\","
                             "\"nbf\":%" PRId64 ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}",
                             wanted->audience, wanted->client_id, wanted->client_id, id,
                             wanted->now_s - SLACK_S, wanted->now_s, wanted->now_s + LIFETIME_S);
}

static bool write_signed_part(const bkey_assertion *wanted, const X509 *certificate,
                              sup_buffer *out)
{
    sup_buffer part;
    sup_buffer_init(&part, TEXT_MAX);
    bool ok = write_header(wanted, certificate, &part) &&
              add_base64(out, (const uint8_t *)sup_buffer_text(&part), part.len) &&
              sup_buffer_add_str(out, ".");
    sup_buffer_reset(&part);
    ok = ok && write_claims(wanted, &part) &&
         add_base64(out, (const uint8_t *)sup_buffer_text(&part), part.len);
    sup_buffer_done(&part);
    return ok;
}

static bool set_pss(EVP_PKEY_CTX *context)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

static bool sign_text(const bkey_assertion *wanted, EVP_PKEY *key, const sup_buffer *text,
                      sup_buffer *out)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *context = NULL;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool ok = digest != NULL && EVP_PKEY_size(key) <= (int)sizeof signature &&
              EVP_DigestSignInit(digest, &context, EVP_sha256(), NULL, key) == 1 &&
              (wanted->older || set_pss(context)) &&
              EVP_DigestSign(digest, signature, &len, (const uint8_t *)sup_buffer_text(text),
                             text->len) == 1;
    EVP_MD_CTX_free(digest);
    return ok && sup_buffer_add_str(out, ".") && add_base64(out, signature, len);
}

/* The parts before the signature tell nothing; the whole is good for minutes, so it is wiped. */
static bkey_err join(const bkey_assertion *wanted, EVP_PKEY *key, const sup_buffer *text,
                     bkey_secret **out_jwt)
{
    sup_buffer end;
    bkey_secret *jwt = NULL;
    sup_buffer_init(&end, TEXT_MAX);
    if (!sign_text(wanted, key, text, &end)) {
        sup_buffer_done(&end);
        return bkey_fail(BKEY_E_APP_CREDENTIAL);
    }
    bkey_err err = bkey_secret_new(wanted->slab, text->len + end.len, &jwt);
    if (bkey_is_ok(err)) {
        uint8_t *to = bkey_secret_borrow(jwt);
        memcpy(to, sup_buffer_text(text), text->len);
        memcpy(to + text->len, sup_buffer_text(&end), end.len);
        bkey_secret_return(jwt);
        *out_jwt = jwt;
    }
    if (end.ptr != NULL)
        sodium_memzero(end.ptr, end.len);
    sup_buffer_done(&end);
    return err;
}

bkey_err bkey_assertion_make(const bkey_assertion *wanted, bkey_secret **out_jwt)
{
    sup_buffer text;
    identity found = read_identity(wanted->pem);
    sup_buffer_init(&text, 2 * TEXT_MAX);
    bkey_err err = bkey_ok();
    if (problem_of(&found) != NULL)
        err = bkey_fail(BKEY_E_APP_CREDENTIAL);
    else if (!write_signed_part(wanted, found.certificate, &text))
        err = bkey_fail(BKEY_E_LIMIT);
    if (bkey_is_ok(err))
        err = join(wanted, found.key, &text, out_jwt);
    sup_buffer_done(&text);
    drop_identity(&found);
    return err;
}
