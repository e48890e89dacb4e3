/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets of the host's own passwords, sealed under a key from the key file. */
#ifndef HOST_SEALED_H
#define HOST_SEALED_H

#include "sample-host/src/host.h"

#define HOST_SEALED_SECRET_MAX 4096
#define HOST_SEALED_MAX (HOST_SEALED_SECRET_MAX + 64)

/* Seals for that record id. `out` has HOST_SEALED_MAX bytes. */
bool host_sealed_make(host_keyring *ring, const char *record_id, const host_secret *secret,
                      uint8_t *out, size_t *out_len, host_error *err);
/* Opens into fresh guarded memory. CORRUPT when it does not verify. */
bool host_sealed_open(host_keyring *ring, const char *record_id, const dph_bytes *sealed,
                      host_secret *out, host_error *err);

/* The generation that sealed it; 0 = not a sealed value. */
uint32_t host_sealed_generation(const dph_bytes *sealed);

#endif
