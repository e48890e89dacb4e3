/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.keyring/1: keys that live with the host's root, outside the store and its backups
 * (DESIGN.md section 5, Sealed state). The plugin never sees the root. */
#ifndef DPH_SERVICE_KEYRING_H
#define DPH_SERVICE_KEYRING_H

#include "dph/plugin.h"

#define DPH_KEYRING_ID "dph.keyring/1"

#define DPH_KEYRING_SLOT_SIZE 32u  /* bytes of a slot's key */
#define DPH_KEYRING_LABEL_MAX 128u /* bytes */

typedef struct dph_keyring_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] The root's newest generation, >= 1. */
    uint32_t(DPH_CALL *generation)(const dph_host *host);
    /* [any] Fills `out` (16..64 bytes) with a sub-key: keyed BLAKE2b of the root of that generation
     * over length-prefixed (plugin id, label, generation). Same input, same key. generation 0 = a
     * sub-key that no rotation changes. The caller wipes `out`. NOT_FOUND: generation retired. */
    dph_status(DPH_CALL *derive)(const dph_host *host, const dph_str *label, uint32_t generation,
                                 uint8_t *out, size_t out_len, dph_error *err);
    /* [control][sync] Makes a random key under `slot` (1..DPH_KEYRING_LABEL_MAX bytes, the plugin's
     * own name space). Durable before it returns OK. When the slot exists it is left as it is and
     * OK is returned. UNAVAILABLE: the keyring file cannot be written; nothing changed. May block.
     */
    dph_status(DPH_CALL *slot_make)(const dph_host *host, const dph_str *slot, dph_error *err);
    /* [any] Copies the slot's key to `out`; the caller wipes it. NOT_FOUND: never made, destroyed.
     */
    dph_status(DPH_CALL *slot_get)(const dph_host *host, const dph_str *slot,
                                   uint8_t out[DPH_KEYRING_SLOT_SIZE], dph_error *err);
    /* [control][sync] Destroys the slot for ever, durably (crypto-erase). OK when there was none.
     */
    dph_status(DPH_CALL *slot_destroy)(const dph_host *host, const dph_str *slot, dph_error *err);
} dph_keyring_v1;

#endif
