/* SPDX-License-Identifier: Apache-2.0
 *
 * See seal.h. Plaintext is padded and opened in the slab, never in the heap. */
#include "state/seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "state/codec.h"
#include "state/places.h"

#define TAG_LEN 16u
#define NONCE_LEN 24u
#define DATA_MAX (2u + 16u + 4u + BKEY_ORGANIZATION_MAX + 1u + 4u + BKEY_STATE_KEY_LEN + 8u)

_Static_assert(BKEY_SEAL_PLAIN_MAX + BKEY_SEAL_BLOCK <= BKEY_SECRET_MAX, "padding must fit a slot");

void bkey_sealed_done(bkey_sealed *sealed)
{
    if (sealed == NULL)
        return;
    free(sealed->value);
    *sealed = (bkey_sealed){.value = NULL};
}

bkey_item bkey_sealed_put(const bkey_sealed *sealed)
{
    bkey_item item = {.kind = BKEY_ITEM_STATE_PUT,
                      .expect_revision = sealed->expect_revision,
                      .key = {sealed->key, BKEY_STATE_KEY_LEN},
                      .value = {sealed->value, sealed->value_len}};
    return item;
}

bkey_item bkey_sealed_remove(const uint8_t *key, uint64_t revision)
{
    bkey_item item = {.kind = BKEY_ITEM_STATE_REMOVE,
                      .expect_revision = revision,
                      .key = {key, BKEY_STATE_KEY_LEN}};
    return item;
}

/* What a value is bound to. */
typedef struct binding {
    uint8_t row[BKEY_STATE_KEY_LEN];
    uint8_t data[DATA_MAX];
    size_t data_len;
} binding;

static bkey_err bind_value(const bkey_place *place, uint8_t kind, uint64_t revision,
                           binding *out_binding)
{
    bkey_codec_writer writer = {.ptr = out_binding->data, .cap = DATA_MAX};
    bkey_codec_put_u8(&writer, BKEY_SEAL_FORMAT);
    bkey_codec_put_u8(&writer, 0);
    bkey_codec_put_guid(&writer, &place->tenant);
    bkey_codec_put_text(&writer, place->organization_id);
    bkey_codec_put_u8(&writer, kind);
    bkey_codec_put_field(&writer, out_binding->row, BKEY_STATE_KEY_LEN);
    bkey_codec_put_u64(&writer, revision);
    out_binding->data_len = writer.len;
    return writer.failed ? bkey_fail(BKEY_E_LIMIT) : bkey_ok();
}

static bkey_err bind_row(const bkey_place *place, const bkey_ref *ref, binding *out_binding)
{
    bkey_vault_row_key(place, ref->kind, ref->id, out_binding->row);
    return bind_value(place, ref->kind, ref->revision, out_binding);
}

/* A copy of the plaintext with the padding of ISO/IEC 7816-4. */
static bkey_err pad_plain(bkey_slab *slab, bkey_secret *plain, bkey_secret **out_padded)
{
    size_t len = bkey_secret_len(plain);
    size_t padded_len = (len / BKEY_SEAL_BLOCK + 1) * BKEY_SEAL_BLOCK;
    bkey_secret *padded = NULL;
    if (len > BKEY_SEAL_PLAIN_MAX)
        return bkey_fail(BKEY_E_LIMIT);
    bkey_err err = bkey_secret_new(slab, padded_len, &padded);
    if (!bkey_is_ok(err))
        return err;
    uint8_t *to = bkey_secret_borrow(padded);
    const uint8_t *from = bkey_secret_borrow(plain);
    memcpy(to, from, len);
    to[len] = 0x80;
    bkey_secret_return(plain);
    bkey_secret_return(padded);
    *out_padded = padded;
    return bkey_ok();
}

static void write_envelope(const bkey_place *place, const binding *bound, const uint8_t *key,
                           const bkey_bytes plain, uint8_t *out)
{
    const bkey_ports *ports = bkey_vault_ports(place->vault);
    uint8_t *nonce = out + 2 + BKEY_KEY_TAG_LEN;
    out[0] = BKEY_SEAL_FORMAT;
    out[1] = 0;
    bkey_vault_tag(place, out + 2);
    ports->random(ports->self, nonce, NONCE_LEN);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + BKEY_SEAL_HEADER_LEN, NULL, plain.ptr,
                                                     plain.len, bound->data, bound->data_len, NULL,
                                                     nonce, key);
}

bkey_err bkey_seal_under(const bkey_place *place, const bkey_ref *ref, bkey_secret *plain,
                         bkey_secret *data_key, bkey_sealed *out_sealed)
{
    binding bound;
    bkey_secret *padded = NULL;
    bkey_sealed sealed = {.expect_revision = ref->revision - 1};
    bkey_err err = bind_row(place, ref, &bound);
    if (bkey_is_ok(err))
        err = pad_plain(bkey_vault_slab(place->vault), plain, &padded);
    if (!bkey_is_ok(err))
        return err;
    sealed.value_len = BKEY_SEAL_HEADER_LEN + bkey_secret_len(padded) + TAG_LEN;
    sealed.value = malloc(sealed.value_len);
    if (sealed.value == NULL) {
        bkey_secret_free(&padded);
        return bkey_fail(BKEY_E_NOMEM);
    }
    memcpy(sealed.key, bound.row, BKEY_STATE_KEY_LEN);
    bkey_bytes bytes = {bkey_secret_borrow(padded), bkey_secret_len(padded)};
    write_envelope(place, &bound, bkey_secret_borrow(data_key), bytes, sealed.value);
    bkey_secret_return(data_key);
    bkey_secret_return(padded);
    bkey_secret_free(&padded);
    *out_sealed = sealed;
    return bkey_ok();
}

bkey_err bkey_seal_value(const bkey_place *place, const bkey_ref *ref, bkey_secret *plain,
                         bkey_sealed *out_sealed)
{
    bkey_secret *key = NULL;
    bkey_err err = bkey_vault_data_key(place, &key);
    if (bkey_is_ok(err))
        err = bkey_seal_under(place, ref, plain, key, out_sealed);
    bkey_secret_free(&key);
    return err;
}

static bkey_err check_header(const bkey_place *place, bkey_bytes value)
{
    uint8_t tag[BKEY_KEY_TAG_LEN];
    if (value.len < 2)
        return bkey_fail(BKEY_E_SEAL);
    if (value.ptr[0] > BKEY_SEAL_FORMAT || (value.ptr[0] == BKEY_SEAL_FORMAT && value.ptr[1] != 0))
        return bkey_fail(BKEY_E_NEWER_FORMAT);
    if (value.ptr[0] != BKEY_SEAL_FORMAT ||
        value.len < BKEY_SEAL_HEADER_LEN + TAG_LEN + BKEY_SEAL_BLOCK ||
        value.len > BKEY_SEAL_HEADER_LEN + TAG_LEN + BKEY_SECRET_MAX)
        return bkey_fail(BKEY_E_SEAL);
    bkey_vault_tag(place, tag);
    if (sodium_memcmp(tag, value.ptr + 2, sizeof tag) != 0)
        return bkey_fail(BKEY_E_SEAL);
    return bkey_ok();
}

/* Length without the padding; the value is authentic, so odd padding is a defect of ours. */
static bool find_end(const uint8_t *plain, size_t padded_len, size_t *out_len)
{
    return sodium_unpad(out_len, plain, padded_len, BKEY_SEAL_BLOCK) == 0;
}

static bkey_err open_bound(const bkey_place *place, const binding *bound, bkey_secret *key,
                           bkey_bytes value, bkey_secret **out_plain)
{
    bkey_secret *plain = NULL;
    size_t len = 0;
    bkey_err err = check_header(place, value);
    if (!bkey_is_ok(err))
        return err;
    size_t sealed_len = value.len - BKEY_SEAL_HEADER_LEN;
    err = bkey_secret_new(bkey_vault_slab(place->vault), sealed_len - TAG_LEN, &plain);
    if (!bkey_is_ok(err))
        return err;
    uint8_t *bytes = bkey_secret_borrow(plain);
    bool opened =
        crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes, NULL, NULL, value.ptr + BKEY_SEAL_HEADER_LEN, sealed_len, bound->data,
            bound->data_len, value.ptr + 2 + BKEY_KEY_TAG_LEN, bkey_secret_borrow(key)) == 0 &&
        find_end(bytes, sealed_len - TAG_LEN, &len);
    bkey_secret_return(key);
    bkey_secret_return(plain);
    if (!opened) {
        bkey_secret_free(&plain);
        return bkey_fail(BKEY_E_SEAL);
    }
    bkey_secret_shrink(plain, len);
    *out_plain = plain;
    return bkey_ok();
}

bkey_err bkey_open_value(const bkey_place *place, const bkey_ref *ref, bkey_bytes value,
                         bkey_secret **out_plain)
{
    binding bound;
    bkey_secret *key = NULL;
    bkey_err err = bind_row(place, ref, &bound);
    if (bkey_is_ok(err))
        err = bkey_vault_data_key(place, &key);
    /* A row without its data key is not a row that never was. */
    if (bkey_is(err, BKEY_E_NO_STATE))
        err = bkey_fail(BKEY_E_SEAL);
    if (bkey_is_ok(err))
        err = open_bound(place, &bound, key, value, out_plain);
    bkey_secret_free(&key);
    return err;
}

typedef struct fetched {
    uint8_t *value;
    size_t len;
    uint64_t revision;
    bool tombstone;
} fetched;

static bkey_err keep_value(void *context, const bkey_state_row *row)
{
    fetched *kept = context;
    kept->revision = row->revision;
    kept->tombstone = row->tombstone;
    kept->len = row->value.len;
    kept->value = malloc(row->value.len + 1);
    if (kept->value == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    if (row->value.len > 0)
        memcpy(kept->value, row->value.ptr, row->value.len);
    return bkey_ok();
}

static bkey_err fetch_row(const bkey_place *place, uint8_t kind, bkey_bytes id, fetched *out)
{
    const bkey_ports *ports = bkey_vault_ports(place->vault);
    uint8_t row[BKEY_STATE_KEY_LEN];
    bkey_vault_row_key(place, kind, id, row);
    bkey_bytes key = {row, sizeof row};
    return ports->state_get(ports->self, place->call, key, keep_value, out);
}

bkey_err bkey_open_row(const bkey_place *place, uint8_t kind, bkey_bytes id,
                       bkey_secret **out_plain, uint64_t *out_revision)
{
    fetched row = {.value = NULL};
    bkey_err err = fetch_row(place, kind, id, &row);
    if (bkey_is_ok(err) && row.tombstone)
        err = bkey_fail(BKEY_E_NO_STATE);
    if (bkey_is_ok(err)) {
        bkey_ref ref = {.kind = kind, .id = id, .revision = row.revision};
        err = bkey_open_value(place, &ref, (bkey_bytes){row.value, row.len}, out_plain);
    }
    if (bkey_is_ok(err) && out_revision != NULL)
        *out_revision = row.revision;
    free(row.value);
    return err;
}

bkey_err bkey_seal_revision(const bkey_place *place, uint8_t kind, bkey_bytes id,
                            uint64_t *out_revision)
{
    fetched row = {.value = NULL};
    bkey_err err = fetch_row(place, kind, id, &row);
    free(row.value);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        *out_revision = 0;
        return bkey_ok();
    }
    if (bkey_is_ok(err))
        *out_revision = row.revision;
    return err;
}

/* ---- scan ---- */

typedef struct scan {
    const bkey_place *place;
    uint8_t kind;
    uint8_t tag[BKEY_KEY_TAG_LEN];
    bkey_secret *key;
    const bkey_seal_survey *survey; /* bad NULL: the first bad row ends the scan */
} scan;

/* Kinds that lie in the root place alone have no rows of others. */
static bool is_of_another(const scan *running, bkey_bytes value)
{
    const bool is_shared = running->kind != BKEY_KIND_PLACE &&
                           running->kind != BKEY_KIND_CONNECTION &&
                           running->kind != BKEY_KIND_JOURNAL && running->kind != BKEY_KIND_SIGNIN;
    return (is_shared || !bkey_places_is_root(running->place)) &&
           value.len >= BKEY_SEAL_HEADER_LEN && value.ptr[0] == BKEY_SEAL_FORMAT &&
           sodium_memcmp(value.ptr + 2, running->tag, BKEY_KEY_TAG_LEN) != 0;
}

static bkey_err open_one(const scan *running, const bkey_state_row *row, bkey_secret **out_plain)
{
    binding bound;
    if (row->key.len != BKEY_STATE_KEY_LEN)
        return bkey_fail(BKEY_E_SEAL);
    memcpy(bound.row, row->key.ptr, BKEY_STATE_KEY_LEN);
    bkey_err err = bind_value(running->place, running->kind, row->revision, &bound);
    return bkey_is_ok(err) ? open_bound(running->place, &bound, running->key, row->value, out_plain)
                           : err;
}

static bkey_err open_scanned(void *context, const bkey_state_row *row)
{
    const scan *running = context;
    const bkey_seal_survey *survey = running->survey;
    bkey_secret *plain = NULL;
    if (row->tombstone || is_of_another(running, row->value))
        return bkey_ok();
    bkey_err err = open_one(running, row, &plain);
    if (!bkey_is_ok(err) && survey->bad != NULL && bkey_err_category(err) == BKEY_CAT_CORRUPT) {
        survey->bad(survey->context, row->key, err);
        return bkey_ok();
    }
    if (!bkey_is_ok(err))
        return err;
    bkey_opened opened = {.plain = bkey_secret_borrow(plain),
                          .plain_len = bkey_secret_len(plain),
                          .revision = row->revision,
                          .key = row->key};
    err = survey->sink(survey->context, &opened);
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    return err;
}

bkey_err bkey_seal_scan_all(const bkey_place *place, uint8_t kind, const bkey_seal_survey *survey)
{
    const bkey_ports *ports = bkey_vault_ports(place->vault);
    uint8_t prefix[BKEY_PREFIX_LEN];
    scan running = {.place = place, .kind = kind, .survey = survey};
    bkey_vault_prefix(place, kind, prefix);
    bkey_vault_tag(place, running.tag);
    /* The key is taken before the scan: inside it the host must not be called. */
    bkey_err err = bkey_vault_data_key(place, &running.key);
    if (bkey_is(err, BKEY_E_NO_STATE))
        return bkey_ok();
    if (bkey_is_ok(err))
        err = ports->state_scan(ports->self, place->call, (bkey_bytes){prefix, sizeof prefix},
                                open_scanned, &running);
    bkey_secret_free(&running.key);
    return err;
}

bkey_err bkey_seal_scan(const bkey_place *place, uint8_t kind, bkey_opened_sink sink, void *context)
{
    const bkey_seal_survey survey = {.sink = sink, .context = context};
    return bkey_seal_scan_all(place, kind, &survey);
}
