/* SPDX-License-Identifier: Apache-2.0
 *
 * See keyring_seal.h; the bytes are in docs/keyring-format.md. */
#include "sample-host/src/keyring_seal.h"

#include "sample-host/src/base/os_file.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any file made here asks for: a forged file must not take all memory. */
#define PASSES_MAX 64u
#define MEMORY_MAX (UINT64_C(4) * 1024 * 1024 * 1024)

static bool fail_memory(host_error *err)
{
    return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

static host_keyring_seal *new_seal(uint32_t kind)
{
    /* sodium_malloc aligns the end to the guard page, so the size is rounded. */
    host_keyring_seal *seal = sodium_malloc((sizeof *seal + 15) & ~(size_t)15);
    if (seal != NULL) {
        memset(seal, 0, sizeof *seal);
        seal->kind = kind;
    }
    return seal;
}

static bool derive_passphrase(host_keyring_seal *seal, const host_secret *passphrase,
                              host_error *err)
{
    if (passphrase == NULL || passphrase->len == 0) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_NO_PASSPHRASE,
                              "The key file is sealed under a passphrase: name a file that holds "
                              "it with --passphrase-file, or - for standard input.");
    }
    if (seal->passes < crypto_pwhash_OPSLIMIT_MIN || seal->passes > PASSES_MAX ||
        seal->memory < crypto_pwhash_MEMLIMIT_MIN || seal->memory > MEMORY_MAX) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The key file's seal is damaged.");
    }
    int result =
        crypto_pwhash(seal->key, sizeof seal->key, (const char *)passphrase->ptr, passphrase->len,
                      seal->salt, seal->passes, (size_t)seal->memory, crypto_pwhash_ALG_ARGON2ID13);
    return result == 0 ? true : fail_memory(err);
}

static bool find_credential(const char *name, char *out, size_t cap, host_error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (name == NULL || name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ||
        strlen(name) > SUP_KEYRING_NAME_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "That is not the name of a credential.");
    }
    if (folder == NULL || folder[0] == '\0') {
        return host_error_set(err, DPH_E_NOT_FOUND, 0,
                              "The service manager passed no credentials; the key file needs the "
                              "one named %s (LoadCredential).",
                              name);
    }
    return snprintf(out, cap, "%s/%s", folder, name) < (int)cap
               ? true
               : host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
}

/* The folder of credentials is private to the service, whatever the modes inside say. */
static bool derive_credential(host_keyring_seal *seal, host_error *err)
{
    static const char purpose[] = "dph key file credential 1";
    char path[PATH_MAX];
    host_secret bytes = {0};
    crypto_generichash_state state;
    if (!find_credential(seal->name, path, sizeof path, err) ||
        !host_file_read(path, HOST_KEYRING_CREDENTIAL_MAX, false, &bytes, err)) {
        return false;
    }
    bool ok = bytes.len >= HOST_KEYRING_CREDENTIAL_MIN;
    if (ok) {
        (void)crypto_generichash_init(&state, NULL, 0, sizeof seal->key);
        (void)crypto_generichash_update(&state, (const uint8_t *)purpose, sizeof purpose - 1);
        (void)crypto_generichash_update(&state, seal->salt, sizeof seal->salt);
        (void)crypto_generichash_update(&state, bytes.ptr, bytes.len);
        (void)crypto_generichash_final(&state, seal->key, sizeof seal->key);
        sodium_memzero(&state, sizeof state);
    }
    host_secret_done(&bytes);
    return ok ? true
              : host_error_set(err, DPH_E_INVALID, 0, "The credential %s has less than %u bytes.",
                               seal->name, HOST_KEYRING_CREDENTIAL_MIN);
}

static bool derive(host_keyring_seal *seal, const host_secret *passphrase, host_error *err)
{
    if (seal->kind == SUP_KEYRING_BY_PASSPHRASE) {
        return derive_passphrase(seal, passphrase, err);
    }
    if (seal->kind == SUP_KEYRING_BY_CREDENTIAL) {
        return derive_credential(seal, err);
    }
    return host_error_set(err, DPH_E_DENIED, HOST_CODE_NO_PASSPHRASE,
                          "The file is sealed under a key that was split into shares; use "
                          "`key restore`.");
}

static bool give(host_keyring_seal *seal, bool ok, host_keyring_seal **out)
{
    if (!ok) {
        sodium_free(seal);
        return false;
    }
    *out = seal;
    return true;
}

bool host_keyring_seal_make(const host_keyring_protection *protection, host_keyring_seal **out,
                            host_error *err)
{
    host_keyring_seal *seal = new_seal(protection->kind);
    if (seal == NULL) {
        return fail_memory(err);
    }
    randombytes_buf(seal->salt, sizeof seal->salt);
    bool ok = true;
    if (protection->kind == SUP_KEYRING_BY_PASSPHRASE) {
        seal->passes =
            protection->passes != 0 ? protection->passes : crypto_pwhash_OPSLIMIT_MODERATE;
        seal->memory =
            protection->memory != 0 ? protection->memory : crypto_pwhash_MEMLIMIT_MODERATE;
        ok = protection->passphrase != NULL &&
             protection->passphrase->len >= HOST_KEYRING_PASSPHRASE_MIN;
        if (!ok) {
            (void)host_error_set(err, DPH_E_INVALID, 0, "A passphrase has at least %u bytes.",
                                 HOST_KEYRING_PASSPHRASE_MIN);
        }
    } else {
        (void)snprintf(seal->name, sizeof seal->name, "%s",
                       protection->credential != NULL ? protection->credential : "");
    }
    return give(seal, ok && derive(seal, protection->passphrase, err), out);
}

bool host_keyring_seal_make_random(host_keyring_seal **out, host_error *err)
{
    host_keyring_seal *seal = new_seal(SUP_KEYRING_BY_SHARES);
    if (seal == NULL) {
        return fail_memory(err);
    }
    randombytes_buf(seal->salt, sizeof seal->salt);
    randombytes_buf(seal->key, sizeof seal->key);
    *out = seal;
    return true;
}

static host_keyring_seal *copy_head(const sup_keyring_seal *found)
{
    host_keyring_seal *seal = new_seal(found->kind);
    if (seal != NULL) {
        seal->passes = found->passes;
        seal->memory = found->memory;
        memcpy(seal->salt, found->salt, sizeof seal->salt);
        memcpy(seal->name, found->name, found->name_len);
    }
    return seal;
}

bool host_keyring_seal_of(const sup_keyring_seal *found, const host_secret *passphrase,
                          host_keyring_seal **out, host_error *err)
{
    host_keyring_seal *seal = copy_head(found);
    return seal != NULL ? give(seal, derive(seal, passphrase, err), out) : fail_memory(err);
}

bool host_keyring_seal_with(const sup_keyring_seal *found, const uint8_t key[SUP_KEYRING_KEY_LEN],
                            host_keyring_seal **out, host_error *err)
{
    host_keyring_seal *seal = copy_head(found);
    if (seal == NULL) {
        return fail_memory(err);
    }
    memcpy(seal->key, key, sizeof seal->key);
    *out = seal;
    return true;
}

bool host_keyring_seal_close(const host_keyring_seal *seal, const host_secret *plain,
                             host_secret *out, host_error *err)
{
    uint8_t nonce[SUP_KEYRING_NONCE_LEN];
    host_secret file = {0};
    unsigned long long len = 0;
    sup_keyring_seal head = {.kind = seal->kind,
                             .passes = seal->passes,
                             .memory = seal->memory,
                             .salt = seal->salt,
                             .name = (const uint8_t *)seal->name,
                             .name_len = strlen(seal->name),
                             .nonce = nonce};
    if (!host_secret_init(&file, SUP_KEYRING_SEAL_HEAD_MAX + plain->len + SUP_KEYRING_TAG_LEN)) {
        return fail_memory(err);
    }
    randombytes_buf(nonce, sizeof nonce);
    size_t head_len = sup_keyring_format_write_seal(&head, file.ptr);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(file.ptr + head_len, &len, plain->ptr,
                                                     plain->len, file.ptr, head_len, NULL, nonce,
                                                     seal->key);
    file.len = head_len + (size_t)len;
    *out = file;
    return true;
}

bool host_keyring_seal_open(const host_keyring_seal *seal, const host_secret *file,
                            host_secret *out, host_error *err)
{
    sup_keyring_seal found;
    host_secret plain = {0};
    unsigned long long len = 0;
    if (sup_keyring_format_read_seal(file->ptr, file->len, &found) != SUP_KEYRING_OK) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The sealed key file is cut short.");
    }
    if (!host_secret_init(&plain, found.sealed_len)) {
        return fail_memory(err);
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.ptr, &len, NULL, found.sealed,
                                                   found.sealed_len, file->ptr, found.head_len,
                                                   found.nonce, seal->key) != 0) {
        host_secret_done(&plain);
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_WRONG_KEY,
                              "The sealed key file does not open: the %s is wrong, or the file "
                              "was altered.",
                              seal->kind == SUP_KEYRING_BY_PASSPHRASE   ? "passphrase"
                              : seal->kind == SUP_KEYRING_BY_CREDENTIAL ? "credential"
                                                                        : "set of shares");
    }
    plain.len = (size_t)len;
    *out = plain;
    return true;
}
