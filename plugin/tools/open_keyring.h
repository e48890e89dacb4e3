/* SPDX-License-Identifier: Apache-2.0
 *
 * The root key file (docs/keyring-format.md) as the keyring of one plugin, in guarded memory. */
#ifndef BKEY_OPEN_KEYRING_H
#define BKEY_OPEN_KEYRING_H

#include "base/ports.h"
#include "os_open.h"
#include "support/keyring_format.h"

typedef struct bkey_open_keyring {
    bkey_os_bytes bytes; /* of the plain file */
    sup_keyring_view view;
} bkey_open_keyring;

/* `passphrase` is needed for a file that is sealed under one, else NULL. False with a sentence. */
bool bkey_open_keyring_load(const char *path, const bkey_os_bytes *passphrase,
                            bkey_open_keyring *out, char *why, size_t why_size);
void bkey_open_keyring_done(bkey_open_keyring *ring);
uint32_t bkey_open_keyring_newest(const bkey_open_keyring *ring);
/* As the ports of the same names. */
BKEY_MUST_CHECK bkey_err bkey_open_keyring_derive(const bkey_open_keyring *ring, const char *label,
                                                  uint32_t generation, uint8_t *out, size_t len);
BKEY_MUST_CHECK bkey_err bkey_open_keyring_slot(const bkey_open_keyring *ring, const char *slot,
                                                uint8_t out[32]);

#endif
