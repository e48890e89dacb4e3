/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes and loads certificates with OpenSSL. Must not know requests. */
#define _GNU_SOURCE
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAYS_S (60L * 60 * 24)
#define FILES 4

static const char *const names[FILES] = {"ca.pem", "ca-key.pem", "server.pem", "server-key.pem"};

static void path_of(const char *folder, size_t which, char out[512])
{
    (void)snprintf(out, 512, "%.450s/%s", folder, names[which]);
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[8];
    uint64_t serial = 0;
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    memcpy(&serial, bytes, sizeof serial);
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

/* Signed by the CA, or by itself when there is none yet. */
static X509 *make_certificate(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const char *name)
{
    X509 *out = X509_new();
    if (out == NULL)
        return NULL;
    X509_NAME *subject = X509_get_subject_name(out);
    X509 *issuer = ca != NULL ? ca : out;
    bool good = X509_set_version(out, 2) == 1 && set_serial(out) &&
                X509_gmtime_adj(X509_getm_notBefore(out), -DAYS_S) != NULL &&
                X509_gmtime_adj(X509_getm_notAfter(out), 365 * DAYS_S) != NULL &&
                X509_set_pubkey(out, key) == 1 &&
                X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
                                           -1, -1, 0) == 1 &&
                X509_set_issuer_name(out, X509_get_subject_name(issuer)) == 1 &&
                add_extension(out, issuer, NID_subject_key_identifier, "hash");
    if (ca == NULL)
        good = good && add_extension(out, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(out, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    else
        good = good && add_extension(out, issuer, NID_basic_constraints, "CA:FALSE") &&
               add_extension(out, issuer, NID_authority_key_identifier, "keyid") &&
               add_extension(out, issuer, NID_ext_key_usage, "serverAuth") &&
               add_extension(out, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    if (good && X509_sign(out, ca_key, EVP_sha256()) > 0)
        return out;
    X509_free(out);
    return NULL;
}

static bool write_file(const char *folder, size_t which, X509 *certificate, EVP_PKEY *key)
{
    char path[512];
    path_of(folder, which, path);
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, certificate != NULL ? 0644 : 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        return false;
    bool good = certificate != NULL
                    ? PEM_write_X509(file, certificate) == 1
                    : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    return fclose(file) == 0 && good;
}

static bool make_files(const char *folder)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key != NULL ? make_certificate(ca_key, NULL, ca_key, "graphsim test CA") : NULL;
    X509 *server =
        ca != NULL && key != NULL ? make_certificate(key, ca, ca_key, "localhost") : NULL;
    bool good = server != NULL && write_file(folder, 0, ca, NULL) &&
                write_file(folder, 1, NULL, ca_key) && write_file(folder, 2, server, NULL) &&
                write_file(folder, 3, NULL, key);
    X509_free(server);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return good;
}

static bool all_there(const char *folder)
{
    char path[512];
    for (size_t i = 0; i < FILES; i++) {
        path_of(folder, i, path);
        if (access(path, R_OK) != 0)
            return false;
    }
    return true;
}

SSL_CTX *sim_tls_open(const char *folder, char err[256])
{
    char certificate[512];
    char key[512];
    if ((mkdir(folder, 0700) != 0 && errno != EEXIST) ||
        (!all_there(folder) && !make_files(folder))) {
        (void)snprintf(err, 256, "cannot make certificates in %.180s", folder);
        return NULL;
    }
    path_of(folder, 2, certificate);
    path_of(folder, 3, key);
    SSL_CTX *out = SSL_CTX_new(TLS_server_method());
    if (out != NULL && SSL_CTX_set_min_proto_version(out, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate_chain_file(out, certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(out, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(out) == 1)
        return out;
    SSL_CTX_free(out);
    (void)snprintf(err, 256, "cannot use the certificate in %.180s", folder);
    return NULL;
}
