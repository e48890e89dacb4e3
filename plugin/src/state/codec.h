/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain bytes of our records: little-endian numbers and length-prefixed fields, written into and
 * read from memory that the caller owns. Knows no record kind, no key and no store. */
#ifndef BKEY_CODEC_H
#define BKEY_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ports.h"
#include "support/guid.h"

/* After the first write that does not fit, `failed` stays set and nothing more is written. */
typedef struct bkey_codec_writer {
    uint8_t *ptr;
    size_t cap;
    size_t len;
    bool failed;
} bkey_codec_writer;

/* After the first read beyond the end, `failed` stays set and every read gives zero or empty. */
typedef struct bkey_codec_reader {
    const uint8_t *ptr;
    size_t len;
    size_t at;
    bool failed;
} bkey_codec_reader;

void bkey_codec_put_u8(bkey_codec_writer *writer, uint8_t value);
void bkey_codec_put_u32(bkey_codec_writer *writer, uint32_t value);
void bkey_codec_put_u64(bkey_codec_writer *writer, uint64_t value);
void bkey_codec_put_i64(bkey_codec_writer *writer, int64_t value);
void bkey_codec_put_guid(bkey_codec_writer *writer, const sup_guid *guid);
/* The bytes alone. */
void bkey_codec_put_raw(bkey_codec_writer *writer, const void *bytes, size_t len);
/* A 32-bit length, then the bytes. */
void bkey_codec_put_field(bkey_codec_writer *writer, const void *bytes, size_t len);
/* A field; NULL is written as "". */
void bkey_codec_put_text(bkey_codec_writer *writer, const char *text);

uint8_t bkey_codec_get_u8(bkey_codec_reader *reader);
uint32_t bkey_codec_get_u32(bkey_codec_reader *reader);
uint64_t bkey_codec_get_u64(bkey_codec_reader *reader);
int64_t bkey_codec_get_i64(bkey_codec_reader *reader);
void bkey_codec_get_guid(bkey_codec_reader *reader, sup_guid *out);
void bkey_codec_get_raw(bkey_codec_reader *reader, void *out, size_t len);
/* The field's bytes inside the reader's memory. */
bkey_bytes bkey_codec_get_field(bkey_codec_reader *reader);
/* Copies a field as text; failed when it is longer than cap - 1 or holds a zero byte. */
void bkey_codec_get_text(bkey_codec_reader *reader, char *out, size_t cap);

#endif
