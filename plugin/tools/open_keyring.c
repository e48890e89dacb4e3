/* SPDX-License-Identifier: Apache-2.0
 *
 * See open_keyring.h. */
#include "open_keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (32u * 1024 * 1024)
#define CREDENTIAL_MAX 65536u
#define PASSES_MAX 64u
#define MEMORY_MAX (UINT64_C(4) * 1024 * 1024 * 1024)
#define PLUGIN_ID "bitlocker_keys"

typedef struct loading {
    const char *path;
    const bkey_os_bytes *passphrase;
    char *why;
    size_t why_size;
} loading;

static bool say(const loading *l, const char *text)
{
    (void)snprintf(l->why, l->why_size, "%s: %s", l->path, text);
    return false;
}

static bool check_mac(const uint8_t *bytes, const sup_keyring_view *view)
{
    static const char purpose[] = "dph key file mac";
    uint8_t key[SUP_KEYRING_KEY_LEN];
    uint8_t mac[SUP_KEYRING_MAC_LEN];
    (void)crypto_generichash(key, sizeof key, (const uint8_t *)purpose, sizeof purpose - 1,
                             view->base, SUP_KEYRING_KEY_LEN);
    (void)crypto_generichash(mac, sizeof mac, bytes, view->covered, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return sodium_memcmp(mac, view->mac, sizeof mac) == 0;
}

static bool key_of_passphrase(const loading *l, const sup_keyring_seal *seal, uint8_t *key)
{
    if (l->passphrase == NULL || l->passphrase->len == 0)
        return say(l, "it is sealed under a passphrase; name its file with --passphrase-file.");
    if (seal->passes < crypto_pwhash_OPSLIMIT_MIN || seal->passes > PASSES_MAX ||
        seal->memory < crypto_pwhash_MEMLIMIT_MIN || seal->memory > MEMORY_MAX)
        return say(l, "its seal is damaged.");
    return crypto_pwhash(key, SUP_KEYRING_KEY_LEN, (const char *)l->passphrase->ptr,
                         l->passphrase->len, seal->salt, seal->passes, (size_t)seal->memory,
                         crypto_pwhash_ALG_ARGON2ID13) == 0
               ? true
               : say(l, "there is not enough memory to open its seal.");
}

static bool key_of_credential(const loading *l, const sup_keyring_seal *seal, uint8_t *key)
{
    static const char purpose[] = "dph key file credential 1";
    char path[BKEY_OS_OPEN_PATH];
    const char *folder = bkey_os_open_credentials();
    bkey_os_bytes bytes;
    crypto_generichash_state state;
    if (folder == NULL || seal->name_len == 0 || memchr(seal->name, '/', seal->name_len) != NULL)
        return say(l, "it needs a credential of the service manager (CREDENTIALS_DIRECTORY).");
    (void)snprintf(path, sizeof path, "%s/%.*s", folder, (int)seal->name_len,
                   (const char *)seal->name);
    if (!bkey_os_open_read(path, CREDENTIAL_MAX, false, &bytes, l->why, l->why_size))
        return false;
    (void)crypto_generichash_init(&state, NULL, 0, SUP_KEYRING_KEY_LEN);
    (void)crypto_generichash_update(&state, (const uint8_t *)purpose, sizeof purpose - 1);
    (void)crypto_generichash_update(&state, seal->salt, SUP_KEYRING_SALT_LEN);
    (void)crypto_generichash_update(&state, bytes.ptr, bytes.len);
    (void)crypto_generichash_final(&state, key, SUP_KEYRING_KEY_LEN);
    sodium_memzero(&state, sizeof state);
    sodium_free(bytes.ptr);
    return true;
}

/* Replaces the sealed bytes by what is inside. */
static bool open_seal(const loading *l, bkey_os_bytes *bytes)
{
    sup_keyring_seal seal;
    uint8_t key[SUP_KEYRING_KEY_LEN];
    unsigned long long len = 0;
    if (sup_keyring_format_read_seal(bytes->ptr, bytes->len, &seal) != SUP_KEYRING_OK)
        return say(l, "its seal is cut short or of a newer version.");
    bool ok = seal.kind == SUP_KEYRING_BY_PASSPHRASE ? key_of_passphrase(l, &seal, key)
              : seal.kind == SUP_KEYRING_BY_CREDENTIAL
                  ? key_of_credential(l, &seal, key)
                  : say(l, "restore it from its shares first.");
    if (!ok)
        return false;
    uint8_t *plain = sodium_malloc(seal.sealed_len);
    ok = plain != NULL && crypto_aead_xchacha20poly1305_ietf_decrypt(
                              plain, &len, NULL, seal.sealed, seal.sealed_len, bytes->ptr,
                              seal.head_len, seal.nonce, key) == 0;
    sodium_memzero(key, sizeof key);
    if (!ok) {
        sodium_free(plain);
        return say(l,
                   "it does not open: the passphrase or credential is wrong, or it was altered.");
    }
    sodium_free(bytes->ptr);
    *bytes = (bkey_os_bytes){plain, (size_t)len};
    return true;
}

static bool read_plain(const loading *l, const bkey_os_bytes *bytes, sup_keyring_view *out)
{
    switch (sup_keyring_format_read(bytes->ptr, bytes->len, out)) {
    case SUP_KEYRING_OK:
        return check_mac(bytes->ptr, out) ? true : say(l, "it was altered.");
    case SUP_KEYRING_FOREIGN:
        return say(l, "it is not a key file.");
    case SUP_KEYRING_NEWER:
        return say(l, "it was written by a newer version.");
    default:
        return say(l, "it is cut short or damaged.");
    }
}

bool bkey_open_keyring_load(const char *path, const bkey_os_bytes *passphrase,
                            bkey_open_keyring *out, char *why, size_t why_size)
{
    const loading l = {path, passphrase, why, why_size};
    bkey_open_keyring ring;
    uint32_t format = 0;
    if (!bkey_os_open_read(path, FILE_MAX, true, &ring.bytes, why, why_size))
        return false;
    bool ok = sup_keyring_format_of(ring.bytes.ptr, ring.bytes.len, &format) != SUP_KEYRING_OK ||
              format != SUP_KEYRING_SEALED || open_seal(&l, &ring.bytes);
    ok = ok && read_plain(&l, &ring.bytes, &ring.view);
    if (!ok) {
        sodium_free(ring.bytes.ptr);
        return false;
    }
    *out = ring;
    return true;
}

void bkey_open_keyring_done(bkey_open_keyring *ring)
{
    sodium_free(ring->bytes.ptr);
    ring->bytes = (bkey_os_bytes){NULL, 0};
}

uint32_t bkey_open_keyring_newest(const bkey_open_keyring *ring)
{
    return ring->view.root_count > 0
               ? sup_keyring_format_number(&ring->view, ring->view.root_count - 1)
               : 0;
}

static void hash_part(crypto_generichash_state *state, const void *bytes, size_t len)
{
    const uint8_t prefix[4] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
                               (uint8_t)(len >> 24)};
    (void)crypto_generichash_update(state, prefix, sizeof prefix);
    (void)crypto_generichash_update(state, bytes, len);
}

bkey_err bkey_open_keyring_derive(const bkey_open_keyring *ring, const char *label,
                                  uint32_t generation, uint8_t *out, size_t len)
{
    const uint8_t number[4] = {(uint8_t)generation, (uint8_t)(generation >> 8),
                               (uint8_t)(generation >> 16), (uint8_t)(generation >> 24)};
    const uint8_t *root =
        generation == 0 ? ring->view.base : sup_keyring_format_root(&ring->view, generation);
    crypto_generichash_state state;
    if (root == NULL)
        return bkey_fail(BKEY_E_KEYRING);
    (void)crypto_generichash_init(&state, root, SUP_KEYRING_KEY_LEN, len);
    hash_part(&state, PLUGIN_ID, sizeof PLUGIN_ID - 1);
    hash_part(&state, label, strlen(label));
    hash_part(&state, number, sizeof number);
    (void)crypto_generichash_final(&state, out, len);
    sodium_memzero(&state, sizeof state);
    return bkey_ok();
}

bkey_err bkey_open_keyring_slot(const bkey_open_keyring *ring, const char *slot, uint8_t out[32])
{
    sup_keyring_slot found;
    size_t at = 0;
    while (sup_keyring_format_next(&ring->view, &at, &found)) {
        if (found.plugin_len == sizeof PLUGIN_ID - 1 && found.name_len == strlen(slot) &&
            memcmp(found.plugin, PLUGIN_ID, found.plugin_len) == 0 &&
            memcmp(found.name, slot, found.name_len) == 0) {
            memcpy(out, found.key, SUP_KEYRING_KEY_LEN);
            return bkey_ok();
        }
    }
    return bkey_fail(BKEY_E_KEYRING);
}
