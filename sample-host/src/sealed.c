/* SPDX-License-Identifier: Apache-2.0
 *
 * Format: generation u32, nonce, XChaCha20-Poly1305 with the record id as additional data. */
#include "sample-host/src/sealed.h"

#include <sodium.h>
#include <string.h>

#define HEAD_SIZE (4 + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES

static bool derive_key(host_keyring *ring, uint32_t generation, uint8_t key[KEY_SIZE],
                       host_error *err)
{
    host_keyring_name name = {host_str(HOST_OWN_ID), host_str("passwords")};
    return host_keyring_derive(ring, &name, generation, key, KEY_SIZE, err);
}

bool host_sealed_make(host_keyring *ring, const char *record_id, const host_secret *secret,
                      uint8_t *out, size_t *out_len, host_error *err)
{
    uint8_t key[KEY_SIZE];
    uint32_t generation = host_keyring_generation(ring);
    unsigned long long len = 0;
    if (secret->len < 1 || secret->len > HOST_SEALED_SECRET_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "A password has 1 to %d bytes.",
                              HOST_SEALED_SECRET_MAX);
    }
    if (!derive_key(ring, generation, key, err)) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        out[i] = (uint8_t)(generation >> (8 * i));
    }
    randombytes_buf(out + 4, HEAD_SIZE - 4);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD_SIZE, &len, secret->ptr,
                                                     secret->len, (const uint8_t *)record_id,
                                                     strlen(record_id), NULL, out + 4, key);
    sodium_memzero(key, sizeof key);
    *out_len = HEAD_SIZE + (size_t)len;
    return true;
}

uint32_t host_sealed_generation(const dph_bytes *sealed)
{
    uint32_t generation = 0;
    for (size_t i = 0; sealed->len > HEAD_SIZE && i < 4; i++) {
        generation |= (uint32_t)sealed->ptr[i] << (8 * i);
    }
    return generation;
}

bool host_sealed_open(host_keyring *ring, const char *record_id, const dph_bytes *sealed,
                      host_secret *out, host_error *err)
{
    uint8_t key[KEY_SIZE];
    uint32_t generation = host_sealed_generation(sealed);
    unsigned long long len = 0;
    host_secret opened = {0};
    if (sealed->len <= HEAD_SIZE || sealed->len > HOST_SEALED_MAX) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The stored password is damaged.");
    }
    if (!derive_key(ring, generation, key, err)) {
        return false;
    }
    bool ok = host_secret_init(&opened, sealed->len - HEAD_SIZE) &&
              crypto_aead_xchacha20poly1305_ietf_decrypt(
                  opened.ptr, &len, NULL, sealed->ptr + HEAD_SIZE, sealed->len - HEAD_SIZE,
                  (const uint8_t *)record_id, strlen(record_id), sealed->ptr + 4, key) == 0;
    sodium_memzero(key, sizeof key);
    if (!ok) {
        host_secret_done(&opened);
        return host_error_set(err, DPH_E_CORRUPT, 0, "The stored password does not verify.");
    }
    opened.len = (size_t)len;
    *out = opened;
    return true;
}
