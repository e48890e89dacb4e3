/* SPDX-License-Identifier: Apache-2.0
 *
 * The seal around a key file whose root may not lie readable on disk: by a passphrase, by a
 * credential of the service manager, or by a key that was split into shares. Knows the bytes of the
 * seal and nothing of the keys inside. */
#ifndef HOST_KEYRING_SEAL_H
#define HOST_KEYRING_SEAL_H

#include "sample-host/src/command.h"

#include "support/keyring_format.h"

#define HOST_KEYRING_PASSPHRASE_MIN 12u /* bytes */
#define HOST_KEYRING_CREDENTIAL_MIN 16u /* bytes */
#define HOST_KEYRING_CREDENTIAL_MAX 65536u

/* In guarded memory, since it holds the key. sodium_free ends it. */
typedef struct host_keyring_seal {
    uint32_t kind; /* SUP_KEYRING_BY_* */
    uint64_t passes;
    uint64_t memory;
    uint8_t salt[SUP_KEYRING_SALT_LEN];
    char name[SUP_KEYRING_NAME_MAX + 1]; /* of the credential, terminated */
    uint8_t key[SUP_KEYRING_KEY_LEN];
} host_keyring_seal;

/* How a new key file is to be protected. All zero = readable by its owner alone. */
typedef struct host_keyring_protection {
    uint32_t kind;                 /* SUP_KEYRING_BY_PASSPHRASE, SUP_KEYRING_BY_CREDENTIAL or 0 */
    const host_secret *passphrase; /* with the first */
    const char *credential;        /* its name, with the second */
    uint64_t passes;               /* of Argon2id; 0 = the default, and so for memory */
    uint64_t memory;               /* bytes */
} host_keyring_protection;

/* A fresh seal with a fresh salt. INVALID (passphrase too short, credential's name), NOT_FOUND (no
 * such credential), NOMEM. */
bool host_keyring_seal_make(const host_keyring_protection *protection, host_keyring_seal **out,
                            host_error *err);
/* A fresh seal by a random key, which is in it. */
bool host_keyring_seal_make_random(host_keyring_seal **out, host_error *err);
/* The seal of a file that was read; `passphrase` may be NULL when its kind needs none. DENIED with
 * HOST_CODE_NO_PASSPHRASE when it is missing. Whether it is the right one shows in _open. */
bool host_keyring_seal_of(const sup_keyring_seal *found, const host_secret *passphrase,
                          host_keyring_seal **out, host_error *err);
/* The seal of a file whose key was put together from shares. */
bool host_keyring_seal_with(const sup_keyring_seal *found, const uint8_t key[SUP_KEYRING_KEY_LEN],
                            host_keyring_seal **out, host_error *err);
/* Seals `plain` under a fresh nonce into a whole file. */
bool host_keyring_seal_close(const host_keyring_seal *seal, const host_secret *plain,
                             host_secret *out, host_error *err);
/* Opens. DENIED with HOST_CODE_WRONG_KEY: wrong key, or altered. */
bool host_keyring_seal_open(const host_keyring_seal *seal, const host_secret *file,
                            host_secret *out, host_error *err);

#endif
