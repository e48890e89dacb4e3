/* SPDX-License-Identifier: Apache-2.0
 *
 * See canary.h. Content: version, tenant, organization, 32 fixed bytes. */
#include "state/canary.h"

#include <sodium.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define MARK "BitLocker key sync canary, 1 of 1"
#define CONTENT_MAX (1u + 16u + 4u + BKEY_ORGANIZATION_MAX + sizeof MARK)

static const bkey_bytes no_id = {NULL, 0};

bkey_err bkey_canary_seal(const bkey_place *place, bkey_secret *data_key, bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_ref ref = {.kind = BKEY_KIND_CANARY, .id = no_id};
    bkey_err err = bkey_seal_revision(place, ref.kind, ref.id, &ref.revision);
    if (bkey_is_ok(err))
        err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_guid(&content.writer, &place->tenant);
    bkey_codec_put_text(&content.writer, place->organization_id);
    bkey_codec_put_raw(&content.writer, MARK, sizeof MARK - 1);
    return bkey_content_seal_under(&content, place, &ref, data_key, out_sealed);
}

static bool is_right(const bkey_place *place, const uint8_t *plain, size_t len)
{
    bkey_codec_reader reader;
    sup_guid tenant;
    char mark[sizeof MARK - 1];
    if (!bkey_is_ok(bkey_content_read(plain, len, &reader)))
        return false;
    bkey_codec_get_guid(&reader, &tenant);
    bkey_bytes organization = bkey_codec_get_field(&reader);
    bkey_codec_get_raw(&reader, mark, sizeof mark);
    return !reader.failed && sup_guid_equal(&tenant, &place->tenant) &&
           organization.len == strlen(place->organization_id) &&
           (organization.len == 0 ||
            sodium_memcmp(organization.ptr, place->organization_id, organization.len) == 0) &&
           sodium_memcmp(mark, MARK, sizeof mark) == 0;
}

bkey_err bkey_canary_check(const bkey_place *place)
{
    bkey_secret *plain = NULL;
    bkey_secret *key = NULL;
    bkey_err err = bkey_vault_data_key(place, &key);
    bkey_secret_free(&key);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (bkey_is_ok(err))
        err = bkey_open_row(place, BKEY_KIND_CANARY, no_id, &plain, NULL);
    if (bkey_is(err, BKEY_E_SEAL))
        return bkey_fail(BKEY_E_CANARY);
    if (!bkey_is_ok(err))
        return err;
    bool right = is_right(place, bkey_secret_borrow(plain), bkey_secret_len(plain));
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    return right ? bkey_ok() : bkey_fail(BKEY_E_CANARY);
}
