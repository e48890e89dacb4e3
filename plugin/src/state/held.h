/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kinds 'K' and 'S': what is known of a recovery key, and its secret. Place: (tenant,
 * organization that owns the key, or none while unmatched). Moving a key to another organization
 * is a remove and a put of both rows in one batch. */
#ifndef BKEY_HELD_H
#define BKEY_HELD_H

#include "domain/model.h"
#include "state/seal.h"

#define BKEY_HELD_BINARY_LEN 16u    /* a well-formed recovery password */
#define BKEY_HELD_VERBATIM_MAX 512u /* a malformed one, as received */

/* Seals the metadata of `key` as the successor of key->meta_revision; flags, secret_revision and
 * the rest are stored as given. `organization` is not stored: the place says it. */
BKEY_MUST_CHECK bkey_err bkey_held_seal(const bkey_place *place, const bkey_held_key *key,
                                        bkey_sealed *out_sealed);
/* Seals the secret as the successor of key->secret_revision: 16 bytes, or, with
 * BKEY_HELD_MALFORMED in key->flags, 1..BKEY_HELD_VERBATIM_MAX bytes as received. LIMIT for any
 * other length. */
BKEY_MUST_CHECK bkey_err bkey_held_seal_secret(const bkey_place *place, const bkey_held_key *key,
                                               bkey_secret *secret, bkey_sealed *out_sealed);

/* NO_STATE when the key is not held here. `organization` of the result is BKEY_NONE. */
BKEY_MUST_CHECK bkey_err bkey_held_get(const bkey_place *place, const sup_guid *id,
                                       bkey_held_key *out_key);
/* The secret of a held key, for the caller to free; *out_malformed tells its form. */
BKEY_MUST_CHECK bkey_err bkey_held_open_secret(const bkey_place *place, const sup_guid *id,
                                               bkey_secret **out_secret, bool *out_malformed);
typedef bkey_err (*bkey_held_sink)(void *context, const bkey_held_key *key);
/* Every key held in the place; no secret is opened. */
BKEY_MUST_CHECK bkey_err bkey_held_scan(const bkey_place *place, bkey_held_sink sink,
                                        void *context);
/* The same; a row that does not open is told to `bad`, which must not call the host. */
BKEY_MUST_CHECK bkey_err bkey_held_survey(const bkey_place *place, bkey_held_sink sink,
                                          void (*bad)(void *context, bkey_bytes key,
                                                      bkey_err reason),
                                          void *context);
/* State keys of both rows, for removing them. */
void bkey_held_row_keys(const bkey_place *place, const sup_guid *id,
                        uint8_t out_meta[BKEY_STATE_KEY_LEN],
                        uint8_t out_secret[BKEY_STATE_KEY_LEN]);
/* What puts of the two rows must expect here: tombstones count (a key that comes back). */
BKEY_MUST_CHECK bkey_err bkey_held_revisions(const bkey_place *place, const sup_guid *id,
                                             uint64_t *out_meta, uint64_t *out_secret);

#endif
