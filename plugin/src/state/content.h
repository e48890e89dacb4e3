/* SPDX-License-Identifier: Apache-2.0
 *
 * What all record kinds share: content in a secret of the slab, a version byte first, and decoding
 * that tolerates fields appended by later versions. Knows no record kind. */
#ifndef BKEY_CONTENT_H
#define BKEY_CONTENT_H

#include "state/codec.h"
#include "state/seal.h"

/* A content being written; the memory is guarded. */
typedef struct bkey_content {
    bkey_secret *secret;
    bkey_codec_writer writer;
} bkey_content;

/* Starts a content of at most `cap` bytes with its version byte. */
BKEY_MUST_CHECK bkey_err bkey_content_begin(const bkey_place *place, size_t cap, uint8_t version,
                                            bkey_content *out_content);
/* A field with the bytes of a secret; NULL is written as an empty one. */
void bkey_content_put_secret(bkey_codec_writer *writer, bkey_secret *secret);
/* Seals what was written as the successor of ref->revision, which is the present one here, and
 * frees the content, whatever happens. LIMIT when it did not fit. */
BKEY_MUST_CHECK bkey_err bkey_content_seal(bkey_content *content, const bkey_place *place,
                                           const bkey_ref *ref, bkey_sealed *out_sealed);
/* The same under a data key that is not stored yet; NULL = the stored one. */
BKEY_MUST_CHECK bkey_err bkey_content_seal_under(bkey_content *content, const bkey_place *place,
                                                 const bkey_ref *ref, bkey_secret *data_key,
                                                 bkey_sealed *out_sealed);
/* Reads the version byte: FORMAT for 0 or an empty content. A higher version than known is read
 * as far as it is known: fields are only ever appended. */
BKEY_MUST_CHECK bkey_err bkey_content_read(const uint8_t *plain, size_t len,
                                           bkey_codec_reader *out_reader);

#endif
