/* SPDX-License-Identifier: Apache-2.0
 *
 * The envelope of every sealed value: XChaCha20-Poly1305, bound to tenant, organization, kind,
 * state key and revision, padded so that lengths tell little. Must not know what is inside. */
#ifndef BKEY_SEAL_H
#define BKEY_SEAL_H

#include "state/vault.h"

#define BKEY_SEAL_FORMAT 1u
/* Format, flags, data key's tag, nonce; then ciphertext and its authentication tag. */
#define BKEY_SEAL_HEADER_LEN (2u + BKEY_KEY_TAG_LEN + 24u)
#define BKEY_SEAL_BLOCK 32u /* plaintext is padded to multiples of it */
#define BKEY_SEAL_PLAIN_MAX (BKEY_SECRET_MAX - BKEY_SEAL_BLOCK)

/* Which row; id lives as long as the struct is used. */
typedef struct bkey_ref {
    uint8_t kind; /* BKEY_KIND_* */
    bkey_bytes id;
    uint64_t revision; /* of the row: when sealing, the one it is going to have */
} bkey_ref;

/* A value ready to be put. What `value` holds is sealed: ordinary heap. */
typedef struct bkey_sealed {
    uint8_t key[BKEY_STATE_KEY_LEN];
    uint8_t *value;
    size_t value_len;
    uint64_t expect_revision;
} bkey_sealed;

void bkey_sealed_done(bkey_sealed *sealed); /* NULL-safe; leaves it empty */
/* An item that puts the value; points into `sealed`, which must outlive the apply. */
bkey_item bkey_sealed_put(const bkey_sealed *sealed);
/* An item that removes the row `key` (BKEY_STATE_KEY_LEN bytes, borrowed) at that revision. */
bkey_item bkey_sealed_remove(const uint8_t *key, uint64_t revision);

/* Seals `plain` (at most BKEY_SEAL_PLAIN_MAX bytes) as ref->revision, expecting the one before.
 * Errors: NO_STATE when the place has no data key (bkey_vault_ensure), LIMIT, NOMEM, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_seal_value(const bkey_place *place, const bkey_ref *ref,
                                         bkey_secret *plain, bkey_sealed *out_sealed);
/* The same under a data key that is not stored yet. */
BKEY_MUST_CHECK bkey_err bkey_seal_under(const bkey_place *place, const bkey_ref *ref,
                                         bkey_secret *plain, bkey_secret *data_key,
                                         bkey_sealed *out_sealed);
/* Opens a stored value of that row. The plaintext is the caller's to free. Errors: SEAL when
 * anything differs from what was sealed, NEWER_FORMAT, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_open_value(const bkey_place *place, const bkey_ref *ref,
                                         bkey_bytes value, bkey_secret **out_plain);
/* Reads and opens the row (kind, id). NO_STATE when it was never put or was removed. out_revision
 * may be NULL. */
BKEY_MUST_CHECK bkey_err bkey_open_row(const bkey_place *place, uint8_t kind, bkey_bytes id,
                                       bkey_secret **out_plain, uint64_t *out_revision);
/* The revision that a put of this row must expect: 0 when it was never there, a tombstone's too. */
BKEY_MUST_CHECK bkey_err bkey_seal_revision(const bkey_place *place, uint8_t kind, bkey_bytes id,
                                            uint64_t *out_revision);

typedef struct bkey_opened {
    const uint8_t *plain; /* valid until the sink returns */
    size_t plain_len;
    uint64_t revision;
    bkey_bytes key;
} bkey_opened;

/* Anything but OK ends the scan and becomes its result. The sink must not call the host. */
typedef bkey_err (*bkey_opened_sink)(void *context, const bkey_opened *row);

/* Opens every row of that kind which is the place's own; rows of other tenants in the same
 * organization are passed over. A place without a data key has no rows. The first row that does
 * not open ends the scan with SEAL or NEWER_FORMAT. */
BKEY_MUST_CHECK bkey_err bkey_seal_scan(const bkey_place *place, uint8_t kind,
                                        bkey_opened_sink sink, void *context);

typedef struct bkey_seal_survey {
    bkey_opened_sink sink;
    void (*bad)(void *context, bkey_bytes key, bkey_err reason); /* must not call the host */
    void *context;
} bkey_seal_survey;

/* The same, but a row that does not open is told and the scan goes on. */
BKEY_MUST_CHECK bkey_err bkey_seal_scan_all(const bkey_place *place, uint8_t kind,
                                            const bkey_seal_survey *survey);

#endif
