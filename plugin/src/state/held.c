/* SPDX-License-Identifier: Apache-2.0
 *
 * See held.h. Content of 'K': version, key id, device id, created, volume, flags, revision of the
 * secret's row, origins. Content of 'S': version, form, the bytes. */
#include "state/held.h"

#include "state/content.h"

#define VERSION 1u
#define META_MAX 96u

/* Forms of a secret; stored. */
#define FORM_BINARY 1u
#define FORM_VERBATIM 2u

static bkey_bytes id_of(const sup_guid *id)
{
    bkey_bytes bytes = {id->bytes, sizeof id->bytes};
    return bytes;
}

bkey_err bkey_held_seal(const bkey_place *place, const bkey_held_key *key, bkey_sealed *out_sealed)
{
    bkey_content content;
    bkey_err err = bkey_content_begin(place, META_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_guid(&content.writer, &key->id);
    bkey_codec_put_guid(&content.writer, &key->device_id);
    bkey_codec_put_i64(&content.writer, key->created_ms);
    bkey_codec_put_u8(&content.writer, key->volume);
    bkey_codec_put_u8(&content.writer, key->flags);
    bkey_codec_put_u64(&content.writer, key->secret_revision);
    bkey_codec_put_u8(&content.writer, key->origins);
    bkey_ref ref = {.kind = BKEY_KIND_HELD, .id = id_of(&key->id), .revision = key->meta_revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

bkey_err bkey_held_seal_secret(const bkey_place *place, const bkey_held_key *key,
                               bkey_secret *secret, bkey_sealed *out_sealed)
{
    bool malformed = (key->flags & BKEY_HELD_MALFORMED) != 0;
    size_t len = bkey_secret_len(secret);
    bkey_content content;
    if (malformed ? (len == 0 || len > BKEY_HELD_VERBATIM_MAX) : len != BKEY_HELD_BINARY_LEN)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_content_begin(place, len + 16, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_u8(&content.writer, malformed ? FORM_VERBATIM : FORM_BINARY);
    bkey_codec_put_field(&content.writer, bkey_secret_borrow(secret), len);
    bkey_secret_return(secret);
    bkey_ref ref = {
        .kind = BKEY_KIND_SECRET, .id = id_of(&key->id), .revision = key->secret_revision};
    return bkey_content_seal(&content, place, &ref, out_sealed);
}

static bkey_err decode_meta(const uint8_t *plain, size_t len, bkey_held_key *out)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_guid(&reader, &out->id);
    bkey_codec_get_guid(&reader, &out->device_id);
    out->created_ms = bkey_codec_get_i64(&reader);
    out->volume = bkey_codec_get_u8(&reader);
    out->flags = bkey_codec_get_u8(&reader);
    out->secret_revision = bkey_codec_get_u64(&reader);
    /* Early rows end here. */
    out->origins = !reader.failed && reader.at < reader.len ? bkey_codec_get_u8(&reader) : 0;
    if (out->volume >= BKEY_VOLUME_COUNT)
        out->volume = BKEY_VOLUME_UNKNOWN;
    out->organization = BKEY_NONE;
    return reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

bkey_err bkey_held_get(const bkey_place *place, const sup_guid *id, bkey_held_key *out_key)
{
    bkey_secret *plain = NULL;
    bkey_held_key found = {.volume = BKEY_VOLUME_UNKNOWN};
    bkey_err err = bkey_open_row(place, BKEY_KIND_HELD, id_of(id), &plain, &found.meta_revision);
    if (!bkey_is_ok(err))
        return err;
    err = decode_meta(bkey_secret_borrow(plain), bkey_secret_len(plain), &found);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err) && !sup_guid_equal(&found.id, id))
        err = bkey_fail(BKEY_E_FORMAT);
    if (bkey_is_ok(err))
        *out_key = found;
    return err;
}

static bkey_err decode_secret(bkey_slab *slab, bkey_bytes plain, bkey_secret **out_secret,
                              bool *out_malformed)
{
    bkey_codec_reader reader;
    bkey_err err = bkey_content_read(plain.ptr, plain.len, &reader);
    if (!bkey_is_ok(err))
        return err;
    uint8_t form = bkey_codec_get_u8(&reader);
    bkey_bytes bytes = bkey_codec_get_field(&reader);
    bool fits = form == FORM_BINARY
                    ? bytes.len == BKEY_HELD_BINARY_LEN
                    : form == FORM_VERBATIM && bytes.len > 0 && bytes.len <= BKEY_HELD_VERBATIM_MAX;
    if (reader.failed || !fits)
        return bkey_fail(BKEY_E_FORMAT);
    err = bkey_secret_dup(slab, bytes.ptr, bytes.len, out_secret);
    if (bkey_is_ok(err))
        *out_malformed = form == FORM_VERBATIM;
    return err;
}

bkey_err bkey_held_open_secret(const bkey_place *place, const sup_guid *id,
                               bkey_secret **out_secret, bool *out_malformed)
{
    bkey_secret *plain = NULL;
    bkey_err err = bkey_open_row(place, BKEY_KIND_SECRET, id_of(id), &plain, NULL);
    if (!bkey_is_ok(err))
        return err;
    bkey_bytes bytes = {bkey_secret_borrow(plain), bkey_secret_len(plain)};
    err = decode_secret(bkey_vault_slab(place->vault), bytes, out_secret, out_malformed);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    return err;
}

typedef struct walk {
    bkey_held_sink sink;
    void (*bad)(void *context, bkey_bytes key, bkey_err reason);
    void *context;
} walk;

static void tell_bad(void *context, bkey_bytes key, bkey_err reason)
{
    const walk *walking = context;
    walking->bad(walking->context, key, reason);
}

static bkey_err give(void *context, const bkey_opened *row)
{
    const walk *walking = context;
    bkey_held_key found = {.meta_revision = row->revision};
    bkey_err err = decode_meta(row->plain, row->plain_len, &found);
    return bkey_is_ok(err) ? walking->sink(walking->context, &found) : err;
}

bkey_err bkey_held_scan(const bkey_place *place, bkey_held_sink sink, void *context)
{
    walk walking = {sink, NULL, context};
    return bkey_seal_scan(place, BKEY_KIND_HELD, give, &walking);
}

bkey_err bkey_held_survey(const bkey_place *place, bkey_held_sink sink,
                          void (*bad)(void *context, bkey_bytes key, bkey_err reason),
                          void *context)
{
    walk walking = {sink, bad, context};
    const bkey_seal_survey survey = {give, tell_bad, &walking};
    return bkey_seal_scan_all(place, BKEY_KIND_HELD, &survey);
}

void bkey_held_row_keys(const bkey_place *place, const sup_guid *id,
                        uint8_t out_meta[BKEY_STATE_KEY_LEN],
                        uint8_t out_secret[BKEY_STATE_KEY_LEN])
{
    bkey_vault_row_key(place, BKEY_KIND_HELD, id_of(id), out_meta);
    bkey_vault_row_key(place, BKEY_KIND_SECRET, id_of(id), out_secret);
}

bkey_err bkey_held_revisions(const bkey_place *place, const sup_guid *id, uint64_t *out_meta,
                             uint64_t *out_secret)
{
    uint64_t meta = 0;
    bkey_err err = bkey_seal_revision(place, BKEY_KIND_HELD, id_of(id), &meta);
    if (bkey_is_ok(err))
        err = bkey_seal_revision(place, BKEY_KIND_SECRET, id_of(id), out_secret);
    if (bkey_is_ok(err))
        *out_meta = meta;
    return err;
}
