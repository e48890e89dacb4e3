/* SPDX-License-Identifier: Apache-2.0
 *
 * How a data key lies in its row: XChaCha20-Poly1305 under the organization's wrapping key, bound
 * to tenant, organization, row and revision. Knows no store. */
#ifndef BKEY_WRAP_H
#define BKEY_WRAP_H

#include "state/keys.h"

#define BKEY_WRAP_FORMAT 1u
#define BKEY_WRAP_NONCE_LEN 24u
#define BKEY_WRAP_HEADER_LEN 6u /* format, flags, generation */
#define BKEY_WRAP_LEN (BKEY_WRAP_HEADER_LEN + BKEY_WRAP_NONCE_LEN + BKEY_SYMMETRIC_LEN + 16u)

typedef struct bkey_wrap_context {
    const sup_guid *tenant;
    const char *organization_id;
    const uint8_t *row; /* BKEY_STATE_KEY_LEN bytes */
    uint64_t revision;
    uint32_t generation; /* of the root, when sealing */
} bkey_wrap_context;

/* Which generation of the root a wrapped key needs. SEAL: odd length; NEWER_FORMAT. */
BKEY_MUST_CHECK bkey_err bkey_wrap_generation(bkey_bytes value, uint32_t *out_generation);
void bkey_wrap_seal(const uint8_t wrapping_key[32], const bkey_wrap_context *context,
                    const uint8_t nonce[BKEY_WRAP_NONCE_LEN], const uint8_t data_key[32],
                    uint8_t out[BKEY_WRAP_LEN]);
/* SEAL when anything differs; then `out` is wiped. */
BKEY_MUST_CHECK bkey_err bkey_wrap_open(const uint8_t wrapping_key[32],
                                        const bkey_wrap_context *context, bkey_bytes value,
                                        uint8_t out[BKEY_SYMMETRIC_LEN]);

#endif
