/* SPDX-License-Identifier: Apache-2.0
 *
 * See codec.h. Bytes are shifted, never cast, so the host's byte order does not matter. */
#include "state/codec.h"

#include <string.h>

static uint8_t *reserve(bkey_codec_writer *writer, size_t len)
{
    if (writer->failed || len > writer->cap - writer->len) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *at = writer->ptr + writer->len;
    writer->len += len;
    return at;
}

static void put_number(bkey_codec_writer *writer, uint64_t value, size_t bytes)
{
    uint8_t *at = reserve(writer, bytes);
    for (size_t i = 0; at != NULL && i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

void bkey_codec_put_u8(bkey_codec_writer *writer, uint8_t value)
{
    put_number(writer, value, 1);
}

void bkey_codec_put_u32(bkey_codec_writer *writer, uint32_t value)
{
    put_number(writer, value, 4);
}

void bkey_codec_put_u64(bkey_codec_writer *writer, uint64_t value)
{
    put_number(writer, value, 8);
}

void bkey_codec_put_i64(bkey_codec_writer *writer, int64_t value)
{
    put_number(writer, (uint64_t)value, 8);
}

void bkey_codec_put_guid(bkey_codec_writer *writer, const sup_guid *guid)
{
    bkey_codec_put_raw(writer, guid->bytes, sizeof guid->bytes);
}

void bkey_codec_put_raw(bkey_codec_writer *writer, const void *bytes, size_t len)
{
    uint8_t *at = reserve(writer, len);
    if (at != NULL && len > 0)
        memcpy(at, bytes, len);
}

void bkey_codec_put_field(bkey_codec_writer *writer, const void *bytes, size_t len)
{
    if (len > UINT32_MAX) {
        writer->failed = true;
        return;
    }
    bkey_codec_put_u32(writer, (uint32_t)len);
    bkey_codec_put_raw(writer, bytes, len);
}

void bkey_codec_put_text(bkey_codec_writer *writer, const char *text)
{
    bkey_codec_put_field(writer, text, text != NULL ? strlen(text) : 0);
}

static const uint8_t *take(bkey_codec_reader *reader, size_t len)
{
    if (reader->failed || len > reader->len - reader->at) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->ptr + reader->at;
    reader->at += len;
    return at;
}

static uint64_t get_number(bkey_codec_reader *reader, size_t bytes)
{
    const uint8_t *at = take(reader, bytes);
    uint64_t value = 0;
    for (size_t i = 0; at != NULL && i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

uint8_t bkey_codec_get_u8(bkey_codec_reader *reader)
{
    return (uint8_t)get_number(reader, 1);
}

uint32_t bkey_codec_get_u32(bkey_codec_reader *reader)
{
    return (uint32_t)get_number(reader, 4);
}

uint64_t bkey_codec_get_u64(bkey_codec_reader *reader)
{
    return get_number(reader, 8);
}

int64_t bkey_codec_get_i64(bkey_codec_reader *reader)
{
    return (int64_t)get_number(reader, 8);
}

void bkey_codec_get_guid(bkey_codec_reader *reader, sup_guid *out)
{
    bkey_codec_get_raw(reader, out->bytes, sizeof out->bytes);
}

void bkey_codec_get_raw(bkey_codec_reader *reader, void *out, size_t len)
{
    const uint8_t *at = take(reader, len);
    if (at != NULL)
        memcpy(out, at, len);
    else
        memset(out, 0, len);
}

bkey_bytes bkey_codec_get_field(bkey_codec_reader *reader)
{
    bkey_bytes field = {NULL, 0};
    size_t len = bkey_codec_get_u32(reader);
    field.ptr = take(reader, len);
    field.len = field.ptr != NULL ? len : 0;
    return field;
}

void bkey_codec_get_text(bkey_codec_reader *reader, char *out, size_t cap)
{
    bkey_bytes field = bkey_codec_get_field(reader);
    if (field.len >= cap || (field.len > 0 && memchr(field.ptr, 0, field.len) != NULL)) {
        reader->failed = true;
        field.len = 0;
    }
    if (field.len > 0)
        memcpy(out, field.ptr, field.len);
    out[field.len] = '\0';
}
