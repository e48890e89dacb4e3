/* SPDX-License-Identifier: Apache-2.0
 *
 * After the root got a new generation: every data key is wrapped anew, a bounded number per call.
 * Values stay as they are. Killed anywhere, the next call goes on. */
#ifndef BKEY_REWRAP_H
#define BKEY_REWRAP_H

#include "base/ports.h"
#include "state/vault.h"

#define BKEY_REWRAP_PER_CALL 400u

typedef struct bkey_rewrap_result {
    uint64_t rewrapped;         /* by this call */
    uint64_t remaining;         /* wrapped under another generation still */
    uint64_t unknown;           /* of these, keys whose place is not known */
    uint32_t oldest_generation; /* that is in use; `generation` when no key is stored */
} bkey_rewrap_result;

/* Wraps under `generation`, which the keyring must have. Canaries and places that an earlier
 * version did not write are added on the way. Errors: PARAMETER (no such generation), those of the
 * vault and of apply; what landed before stays. */
BKEY_MUST_CHECK bkey_err bkey_rewrap_run(const bkey_ports *ports, const bkey_call *call,
                                         bkey_vault *vault, uint32_t generation,
                                         bkey_rewrap_result *out);

#endif
