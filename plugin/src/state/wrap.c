/* SPDX-License-Identifier: Apache-2.0
 *
 * See wrap.h. */
#include "state/wrap.h"

#include <sodium.h>
#include <string.h>

#include "state/codec.h"

#define DATA_MAX (BKEY_WRAP_HEADER_LEN + 16u + 4u + BKEY_ORGANIZATION_MAX + BKEY_STATE_KEY_LEN + 8u)

/* What the tag covers besides the key: the header as stored, and whose and which row it is. */
static size_t write_data(const bkey_wrap_context *context, const uint8_t *header,
                         uint8_t out[DATA_MAX])
{
    bkey_codec_writer writer = {.cap = DATA_MAX};
    writer.ptr = out;
    bkey_codec_put_raw(&writer, header, BKEY_WRAP_HEADER_LEN);
    bkey_codec_put_guid(&writer, context->tenant);
    bkey_codec_put_text(&writer, context->organization_id);
    bkey_codec_put_raw(&writer, context->row, BKEY_STATE_KEY_LEN);
    bkey_codec_put_u64(&writer, context->revision);
    return writer.failed ? 0 : writer.len;
}

bkey_err bkey_wrap_generation(bkey_bytes value, uint32_t *out_generation)
{
    bkey_codec_reader reader = {.ptr = value.ptr, .len = value.len};
    uint8_t format = bkey_codec_get_u8(&reader);
    uint8_t flags = bkey_codec_get_u8(&reader);
    uint32_t generation = bkey_codec_get_u32(&reader);
    if (reader.failed)
        return bkey_fail(BKEY_E_SEAL);
    if (format > BKEY_WRAP_FORMAT || (format == BKEY_WRAP_FORMAT && flags != 0))
        return bkey_fail(BKEY_E_NEWER_FORMAT);
    if (format != BKEY_WRAP_FORMAT || value.len != BKEY_WRAP_LEN)
        return bkey_fail(BKEY_E_SEAL);
    *out_generation = generation;
    return bkey_ok();
}

void bkey_wrap_seal(const uint8_t wrapping_key[32], const bkey_wrap_context *context,
                    const uint8_t nonce[BKEY_WRAP_NONCE_LEN], const uint8_t data_key[32],
                    uint8_t out[BKEY_WRAP_LEN])
{
    uint8_t data[DATA_MAX];
    bkey_codec_writer writer = {.ptr = out, .cap = BKEY_WRAP_LEN};
    bkey_codec_put_u8(&writer, BKEY_WRAP_FORMAT);
    bkey_codec_put_u8(&writer, 0);
    bkey_codec_put_u32(&writer, context->generation);
    bkey_codec_put_raw(&writer, nonce, BKEY_WRAP_NONCE_LEN);
    size_t data_len = write_data(context, out, data);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + writer.len, NULL, data_key,
                                                     BKEY_SYMMETRIC_LEN, data, data_len, NULL,
                                                     nonce, wrapping_key);
}

bkey_err bkey_wrap_open(const uint8_t wrapping_key[32], const bkey_wrap_context *context,
                        bkey_bytes value, uint8_t out[BKEY_SYMMETRIC_LEN])
{
    uint8_t data[DATA_MAX];
    uint32_t generation = 0;
    bkey_err err = bkey_wrap_generation(value, &generation);
    if (!bkey_is_ok(err))
        return err;
    const uint8_t *nonce = value.ptr + BKEY_WRAP_HEADER_LEN;
    const uint8_t *sealed = nonce + BKEY_WRAP_NONCE_LEN;
    size_t data_len = write_data(context, value.ptr, data);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed,
                                                   BKEY_SYMMETRIC_LEN + 16u, data, data_len, nonce,
                                                   wrapping_key) == 0)
        return bkey_ok();
    sodium_memzero(out, BKEY_SYMMETRIC_LEN);
    return bkey_fail(BKEY_E_SEAL);
}
