/* SPDX-License-Identifier: Apache-2.0
 *
 * See content.h. */
#include "state/content.h"

bkey_err bkey_content_begin(const bkey_place *place, size_t cap, uint8_t version,
                            bkey_content *out_content)
{
    bkey_content content = {.secret = NULL};
    bkey_err err = bkey_secret_new(bkey_vault_slab(place->vault), cap, &content.secret);
    if (!bkey_is_ok(err))
        return err;
    content.writer.ptr = bkey_secret_borrow(content.secret);
    content.writer.cap = cap;
    bkey_codec_put_u8(&content.writer, version);
    *out_content = content;
    return bkey_ok();
}

bkey_err bkey_content_seal_under(bkey_content *content, const bkey_place *place,
                                 const bkey_ref *ref, bkey_secret *data_key,
                                 bkey_sealed *out_sealed)
{
    bkey_ref next = {.kind = ref->kind, .id = ref->id, .revision = ref->revision + 1};
    bkey_err err = bkey_fail(BKEY_E_LIMIT);
    bkey_secret_return(content->secret);
    if (!content->writer.failed) {
        bkey_secret_shrink(content->secret, content->writer.len);
        err = data_key != NULL
                  ? bkey_seal_under(place, &next, content->secret, data_key, out_sealed)
                  : bkey_seal_value(place, &next, content->secret, out_sealed);
    }
    bkey_secret_free(&content->secret);
    return err;
}

bkey_err bkey_content_seal(bkey_content *content, const bkey_place *place, const bkey_ref *ref,
                           bkey_sealed *out_sealed)
{
    return bkey_content_seal_under(content, place, ref, NULL, out_sealed);
}

bkey_err bkey_content_read(const uint8_t *plain, size_t len, bkey_codec_reader *out_reader)
{
    bkey_codec_reader reader = {.ptr = plain, .len = len};
    if (bkey_codec_get_u8(&reader) == 0)
        return bkey_fail(BKEY_E_FORMAT);
    *out_reader = reader;
    return bkey_ok();
}

void bkey_content_put_secret(bkey_codec_writer *writer, bkey_secret *secret)
{
    if (secret == NULL) {
        bkey_codec_put_text(writer, "");
        return;
    }
    bkey_codec_put_field(writer, bkey_secret_borrow(secret), bkey_secret_len(secret));
    bkey_secret_return(secret);
}
