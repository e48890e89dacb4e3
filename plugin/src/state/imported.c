/* SPDX-License-Identifier: Apache-2.0
 *
 * See imported.h. Content: version, key id, time of the import, organization, name, serial number,
 * who. */
#include "state/imported.h"

#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define CONTENT_MAX 1024u

static bkey_bytes id_of(const sup_guid *key_id)
{
    bkey_bytes id = {key_id->bytes, sizeof key_id->bytes};
    return id;
}

bkey_err bkey_imported_seal(const bkey_place *place, const bkey_imported *row,
                            bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, CONTENT_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_guid(&content.writer, &row->key_id);
    bkey_codec_put_i64(&content.writer, row->imported_ms);
    bkey_codec_put_text(&content.writer, row->organization_id);
    bkey_codec_put_text(&content.writer, row->name);
    bkey_codec_put_text(&content.writer, row->serial);
    bkey_codec_put_text(&content.writer, row->who);
    const bkey_ref ref = {
        .kind = BKEY_KIND_IMPORTED, .id = id_of(&row->key_id), .revision = row->revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static bkey_err decode(const uint8_t *plain, size_t len, bkey_imported *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_guid(&reader, &out->key_id);
    out->imported_ms = bkey_codec_get_i64(&reader);
    bkey_codec_get_text(&reader, out->organization_id, sizeof out->organization_id);
    bkey_codec_get_text(&reader, out->name, sizeof out->name);
    bkey_codec_get_text(&reader, out->serial, sizeof out->serial);
    bkey_codec_get_text(&reader, out->who, sizeof out->who);
    return reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

bkey_err bkey_imported_get(const bkey_place *place, const sup_guid *key_id, bkey_imported *out_row)
{
    bkey_secret *plain = NULL;
    bkey_imported found;
    memset(&found, 0, sizeof found);
    bkey_err err = bkey_open_row(place, BKEY_KIND_IMPORTED, id_of(key_id), &plain, &found.revision);
    if (!bkey_is_ok(err))
        return err;
    err = decode(bkey_secret_borrow(plain), bkey_secret_len(plain), &found);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        *out_row = found;
    return err;
}

typedef struct walk {
    bkey_imported_sink sink;
    void *context;
} walk;

static bkey_err give(void *context, const bkey_opened *row)
{
    const walk *walking = context;
    bkey_imported found;
    memset(&found, 0, sizeof found);
    found.revision = row->revision;
    bkey_err err = decode(row->plain, row->plain_len, &found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &found) : err;
}

bkey_err bkey_imported_scan(const bkey_place *place, bkey_imported_sink sink, void *context)
{
    walk walking = {sink, context};
    return bkey_seal_scan(place, BKEY_KIND_IMPORTED, give, &walking);
}

bkey_err bkey_imported_revision(const bkey_place *place, const sup_guid *key_id,
                                uint64_t *out_revision)
{
    return bkey_seal_revision(place, BKEY_KIND_IMPORTED, id_of(key_id), out_revision);
}
