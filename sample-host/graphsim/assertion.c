/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifies assertions with libcrypto. Must not know grants nor what a token then says. */
#define _GNU_SOURCE
#include "assertion.h"

#include "json.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define LONGEST_S 660
#define CLOCK_SLACK_S 300

typedef struct assertion_parts {
    json_t *header;
    json_t *claims;
    size_t signed_len; /* header, dot, claims as sent */
    unsigned char signature[1024];
    size_t signature_len;
} assertion_parts;

static json_t *decode_json(const char *text, size_t len)
{
    unsigned char *plain = malloc(len + 1);
    size_t used = 0;
    json_t *out = NULL;
    if (plain != NULL &&
        sodium_base642bin(plain, len + 1, text, len, NULL, &used, NULL, VARIANT) == 0)
        out = json_loadb((const char *)plain, used, JSON_REJECT_DUPLICATES, NULL);
    free(plain);
    if (json_is_object(out))
        return out;
    json_decref(out);
    return NULL;
}

static bool split(const char *text, assertion_parts *out)
{
    *out = (assertion_parts){0};
    const char *first = strchr(text, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;
    if (second == NULL)
        return false;
    out->signed_len = (size_t)(second - text);
    out->header = decode_json(text, (size_t)(first - text));
    out->claims = decode_json(first + 1, (size_t)(second - first - 1));
    return out->header != NULL && out->claims != NULL &&
           sodium_base642bin(out->signature, sizeof out->signature, second + 1, strlen(second + 1),
                             NULL, &out->signature_len, NULL, VARIANT) == 0;
}

static bool has_thumbprint(const sim_call *call, X509 *certificate, const json_t *header)
{
    bool strong = json_object_get(header, "x5t#S256") != NULL;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char text[96];
    if (!strong && call->world->switches.values[SIM_SWITCH_X5T_SHA1] == 0)
        return false;
    if (X509_digest(certificate, strong ? EVP_sha256() : EVP_sha1(), digest, &size) != 1)
        return false;
    (void)sodium_bin2base64(text, sizeof text, digest, size, VARIANT);
    return strcmp(sim_json_text(header, strong ? "x5t#S256" : "x5t", ""), text) == 0;
}

static X509 *read_certificate(const json_t *value)
{
    const char *text = json_string_value(value);
    BIO *memory = text != NULL ? BIO_new_mem_buf(text, -1) : NULL;
    X509 *out = memory != NULL ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    (void)BIO_free(memory);
    return out;
}

/* The caller frees it; NULL when no certificate has the thumbprint. */
static X509 *find_certificate(const sim_call *call, const sim_tenant *owner, const json_t *header)
{
    const json_t *given = json_object_get(owner->facts, "certificates");
    size_t count = json_is_array(given) ? json_array_size(given) : 1;
    for (size_t i = 0; i < count; i++) {
        X509 *found = read_certificate(json_is_array(given) ? json_array_get(given, i) : given);
        if (found != NULL && has_thumbprint(call, found, header))
            return found;
        X509_free(found);
    }
    return NULL;
}

static bool signature_holds(X509 *certificate, const char *text, const assertion_parts *parts)
{
    const char *alg = sim_json_text(parts->header, "alg", "");
    bool pss = strcmp(alg, "PS256") == 0;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    bool good = context != NULL && key != NULL && (pss || strcmp(alg, "RS256") == 0) &&
                EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
                EVP_DigestVerifyInit(context, &inner, EVP_sha256(), NULL, key) == 1;
    if (good && pss)
        good = EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, 32) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(inner, EVP_sha256()) == 1;
    good = good && EVP_DigestVerify(context, parts->signature, parts->signature_len,
                                    (const unsigned char *)text, parts->signed_len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* The token endpoint of the tenant, by Microsoft's host or by ours. */
static bool audience_fits(const sim_call *call, const char *audience)
{
    char prefixes[2][192];
    (void)snprintf(prefixes[0], sizeof prefixes[0], "https://%s/", call->world->cloud.login);
    (void)snprintf(prefixes[1], sizeof prefixes[1], "%s://%.100s/", call->request->scheme,
                   call->request->host);
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(audience, prefixes[i], len) != 0)
            continue;
        size_t segment = strcspn(audience + len, "/");
        char tenant[128];
        (void)snprintf(tenant, sizeof tenant, "%.*s", (int)segment, audience + len);
        const char *rest = audience + len + segment;
        return (strcasecmp(tenant, call->captured) == 0 || sim_tenant_is(call->tenant, tenant)) &&
               (strcmp(rest, "/oauth2/v2.0/token") == 0 || strcmp(rest, "/v2.0") == 0);
    }
    return false;
}

static const char *check_claims(sim_call *call, const sim_tenant *owner, const json_t *claims)
{
    json_int_t now = sim_world_now(call->world) / 1000;
    json_int_t starts = sim_json_number(claims, "nbf", sim_json_number(claims, "iat", now));
    json_int_t ends = sim_json_number(claims, "exp", 0);
    const char *jti = sim_json_text(claims, "jti", "");
    if (strcasecmp(sim_json_text(claims, "iss", ""), owner->client_id) != 0 ||
        strcasecmp(sim_json_text(claims, "sub", ""), owner->client_id) != 0)
        return "The assertion's issuer and subject must be the client id.";
    if (!audience_fits(call, sim_json_text(claims, "aud", "")))
        return "The assertion's audience is not this token endpoint.";
    if (ends <= now || starts > now + CLOCK_SLACK_S)
        return "The assertion is not within its valid time range.";
    if (ends - starts > LONGEST_S)
        return "The assertion is valid for too long.";
    if (*jti == '\0' || strlen(jti) >= 128)
        return "The assertion has no id.";
    if (sim_flows_find(&call->world->flows, SIM_FLOW_ASSERTION, jti) != NULL)
        return "The assertion was used before.";
    sim_flow *used = sim_flows_add(&call->world->flows, SIM_FLOW_ASSERTION);
    if (used != NULL)
        (void)snprintf(used->code, sizeof used->code, "%s", jti);
    return NULL;
}

static int check_parts(sim_call *call, const sim_tenant *owner, const char *text,
                       const assertion_parts *parts, char problem[256])
{
    X509 *certificate = find_certificate(call, owner, parts->header);
    const char *reason = NULL;
    int number = 0;
    if (certificate == NULL) {
        reason = "Client assertion is signed with a key that the application does not have.";
        number = 700027;
    } else if (!signature_holds(certificate, text, parts)) {
        reason = "Client assertion contains an invalid signature.";
        number = 700027;
    } else {
        time_t now = (time_t)(sim_world_now(call->world) / 1000);
        if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0) {
            reason = "The certificate has expired.";
            number = 700030;
        } else {
            reason = check_claims(call, owner, parts->claims);
            number = reason != NULL ? 50013 : 0;
        }
    }
    if (reason != NULL)
        (void)snprintf(problem, 256, "%s", reason);
    X509_free(certificate);
    return number;
}

int sim_assertion_check(sim_call *call, const sim_tenant *owner, const char *assertion,
                        char problem[256])
{
    assertion_parts parts;
    int number = 50013;
    if (split(assertion, &parts))
        number = check_parts(call, owner, assertion, &parts, problem);
    else
        (void)snprintf(problem, 256, "The assertion is malformed.");
    json_decref(parts.header);
    json_decref(parts.claims);
    return number;
}
