/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit.h. An entry's value: clear start (format, seq, previous hash), then an envelope whose
 * content repeats seq and previous hash, so that the clear start cannot be changed unseen. */
#include "state/audit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "state/content.h"

#define VERSION 1u
#define CLEAR_FORMAT 1u
#define ENTRY_MAX 8192u
#define HEAD_MAX 64u

static const bkey_bytes head_id = {(const uint8_t *)"head", 4};

static void write_seq(uint64_t seq, uint8_t out[8])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(seq >> (8 * i));
}

static void hash_link(bkey_bytes value, uint8_t out[BKEY_AUDIT_HASH_LEN])
{
    /* The clear start holds seq and the previous hash: one pass covers all three. */
    (void)crypto_generichash(out, BKEY_AUDIT_HASH_LEN, value.ptr, value.len, NULL, 0);
}

bool bkey_audit_link(bkey_bytes value, uint64_t *out_seq, uint8_t out_previous[BKEY_AUDIT_HASH_LEN],
                     uint8_t out_hash[BKEY_AUDIT_HASH_LEN])
{
    bkey_codec_reader reader = {.ptr = value.ptr, .len = value.len};
    if (value.len <= BKEY_AUDIT_CLEAR_LEN || bkey_codec_get_u8(&reader) != CLEAR_FORMAT)
        return false;
    *out_seq = bkey_codec_get_u64(&reader);
    bkey_codec_get_raw(&reader, out_previous, BKEY_AUDIT_HASH_LEN);
    hash_link(value, out_hash);
    return true;
}

bkey_err bkey_audit_head_get(const bkey_place *place, bkey_audit_head *out_head)
{
    bkey_secret *plain = NULL;
    bkey_codec_reader reader;
    bkey_audit_head head = {.seq = 0};
    bkey_err err = bkey_open_row(place, BKEY_KIND_AUDIT_HEAD, head_id, &plain, &head.revision);
    if (bkey_is(err, BKEY_E_NO_STATE)) {
        *out_head = head;
        return bkey_ok();
    }
    if (!bkey_is_ok(err))
        return err;
    err = bkey_content_read(bkey_secret_borrow(plain), bkey_secret_len(plain), &reader);
    if (bkey_is_ok(err)) {
        head.seq = bkey_codec_get_u64(&reader);
        bkey_codec_get_raw(&reader, head.hash, sizeof head.hash);
        err = reader.failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
    }
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
    if (bkey_is_ok(err))
        *out_head = head;
    return err;
}

void bkey_audit_encode(bkey_codec_writer *writer, const bkey_audit_entry *entry)
{
    bkey_codec_put_i64(writer, entry->time_ms);
    bkey_codec_put_u8(writer, (uint8_t)entry->result);
    bkey_codec_put_u32(writer, entry->error_reason);
    bkey_codec_put_guid(writer, &entry->tenant);
    bkey_codec_put_guid(writer, &entry->device_id);
    bkey_codec_put_guid(writer, &entry->key_id);
    bkey_codec_put_u32(writer, entry->source);
    bkey_codec_put_u32(writer, entry->os_uid);
    bkey_codec_put_u32(writer, entry->actor_kind);
    bkey_codec_put_u32(writer, entry->actor_role);
    bkey_codec_put_u32(writer, entry->purpose);
    const char *texts[] = {entry->actor,       entry->address, entry->organization_id,
                           entry->device_name, entry->reason,  entry->ticket};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bkey_codec_put_text(writer, texts[i]);
        bkey_codec_put_u8(writer, 0); /* ends the text where it lies */
    }
    bkey_codec_put_u64(writer, entry->meta_revision);
    bkey_codec_put_u64(writer, entry->secret_revision);
    if (entry->gap_first > 0) {
        bkey_codec_put_u64(writer, entry->gap_first);
        bkey_codec_put_u64(writer, entry->gap_last);
    }
}

/* Puts the clear start in front of the envelope. */
static bkey_err prepend_clear(bkey_sealed *sealed, const uint8_t clear[BKEY_AUDIT_CLEAR_LEN])
{
    size_t len = BKEY_AUDIT_CLEAR_LEN + sealed->value_len;
    uint8_t *value = malloc(len);
    if (value == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    memcpy(value, clear, BKEY_AUDIT_CLEAR_LEN);
    memcpy(value + BKEY_AUDIT_CLEAR_LEN, sealed->value, sealed->value_len);
    free(sealed->value);
    sealed->value = value;
    sealed->value_len = len;
    return bkey_ok();
}

static bkey_err seal_entry(const bkey_place *place, const bkey_audit_head *head,
                           const bkey_audit_entry *entry, bkey_sealed *out_entry)
{
    bkey_content content;
    uint8_t clear[BKEY_AUDIT_CLEAR_LEN];
    clear[0] = CLEAR_FORMAT;
    write_seq(head->seq + 1, clear + 1);
    memcpy(clear + 9, head->hash, BKEY_AUDIT_HASH_LEN);
    bkey_err err = bkey_content_begin(place, ENTRY_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_put_raw(&content.writer, clear, sizeof clear);
    bkey_audit_encode(&content.writer, entry);
    bkey_ref ref = {.kind = BKEY_KIND_AUDIT, .id = {clear + 1, 8}};
    bkey_sealed sealed = {.value = NULL};
    err = bkey_content_seal(&content, place, &ref, &sealed);
    if (bkey_is_ok(err))
        err = prepend_clear(&sealed, clear);
    if (bkey_is_ok(err))
        *out_entry = sealed;
    else
        bkey_sealed_done(&sealed);
    return err;
}

bkey_err bkey_audit_append(const bkey_place *place, const bkey_audit_head *head,
                           const bkey_audit_entry *entry, bkey_sealed *out_entry,
                           bkey_sealed *out_head)
{
    bkey_content content;
    bkey_sealed sealed = {.value = NULL};
    uint8_t hash[BKEY_AUDIT_HASH_LEN];
    bkey_err err = seal_entry(place, head, entry, &sealed);
    if (bkey_is_ok(err))
        err = bkey_content_begin(place, HEAD_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        goto out;
    hash_link((bkey_bytes){sealed.value, sealed.value_len}, hash);
    bkey_codec_put_u64(&content.writer, head->seq + 1);
    bkey_codec_put_raw(&content.writer, hash, sizeof hash);
    bkey_ref ref = {.kind = BKEY_KIND_AUDIT_HEAD, .id = head_id, .revision = head->revision};
    err = bkey_content_seal(&content, place, &ref, out_head);
out:
    if (bkey_is_ok(err))
        *out_entry = sealed;
    else
        bkey_sealed_done(&sealed);
    return err;
}

static const char *get_text(bkey_codec_reader *reader)
{
    bkey_bytes field = bkey_codec_get_field(reader);
    if (bkey_codec_get_u8(reader) != 0)
        reader->failed = true;
    return field.ptr != NULL && !reader->failed ? (const char *)field.ptr : "";
}

bkey_err bkey_audit_decode(bkey_codec_reader *reader, bkey_audit_entry *out)
{
    out->time_ms = bkey_codec_get_i64(reader);
    out->result = (bkey_audit_result)bkey_codec_get_u8(reader);
    out->error_reason = bkey_codec_get_u32(reader);
    bkey_codec_get_guid(reader, &out->tenant);
    bkey_codec_get_guid(reader, &out->device_id);
    bkey_codec_get_guid(reader, &out->key_id);
    out->source = bkey_codec_get_u32(reader);
    out->os_uid = bkey_codec_get_u32(reader);
    out->actor_kind = bkey_codec_get_u32(reader);
    out->actor_role = bkey_codec_get_u32(reader);
    out->purpose = bkey_codec_get_u32(reader);
    const char **texts[] = {&out->actor,       &out->address, &out->organization_id,
                            &out->device_name, &out->reason,  &out->ticket};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = get_text(reader);
    /* Appended after the first entries were written. */
    if (!reader->failed && reader->at < reader->len) {
        out->meta_revision = bkey_codec_get_u64(reader);
        out->secret_revision = bkey_codec_get_u64(reader);
    }
    if (!reader->failed && reader->at < reader->len) {
        out->gap_first = bkey_codec_get_u64(reader);
        out->gap_last = bkey_codec_get_u64(reader);
    }
    return reader->failed ? bkey_fail(BKEY_E_FORMAT) : bkey_ok();
}

static bkey_err decode_entry(bkey_bytes plain, const uint8_t clear[BKEY_AUDIT_CLEAR_LEN],
                             bkey_audit_entry *out)
{
    bkey_codec_reader reader;
    uint8_t inner[BKEY_AUDIT_CLEAR_LEN];
    bkey_err err = bkey_content_read(plain.ptr, plain.len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_raw(&reader, inner, sizeof inner);
    if (sodium_memcmp(inner, clear, sizeof inner) != 0)
        return bkey_fail(BKEY_E_SEAL);
    return bkey_audit_decode(&reader, out);
}

typedef struct stored {
    uint8_t *value;
    size_t len;
    uint64_t revision;
} stored;

static bkey_err keep_entry(void *context, const bkey_state_row *row)
{
    stored *kept = context;
    if (row->tombstone || row->value.len <= BKEY_AUDIT_CLEAR_LEN)
        return bkey_fail(row->tombstone ? BKEY_E_NO_STATE : BKEY_E_SEAL);
    kept->value = malloc(row->value.len);
    if (kept->value == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    memcpy(kept->value, row->value.ptr, row->value.len);
    kept->len = row->value.len;
    kept->revision = row->revision;
    return bkey_ok();
}

bkey_err bkey_audit_get(const bkey_place *place, uint64_t seq, bkey_audit_entry *out_entry,
                        bkey_secret **out_plain)
{
    const bkey_ports *ports = bkey_vault_ports(place->vault);
    uint8_t number[8];
    uint8_t row[BKEY_STATE_KEY_LEN];
    stored kept = {.value = NULL};
    bkey_secret *plain = NULL;
    bkey_audit_entry entry = {.actor = ""};
    write_seq(seq, number);
    bkey_ref ref = {.kind = BKEY_KIND_AUDIT, .id = {number, sizeof number}};
    bkey_vault_row_key(place, ref.kind, ref.id, row);
    bkey_err err = ports->state_get(ports->self, place->call, (bkey_bytes){row, sizeof row},
                                    keep_entry, &kept);
    if (!bkey_is_ok(err))
        return err;
    ref.revision = kept.revision;
    bkey_bytes sealed = {kept.value + BKEY_AUDIT_CLEAR_LEN, kept.len - BKEY_AUDIT_CLEAR_LEN};
    err = bkey_open_value(place, &ref, sealed, &plain);
    if (bkey_is_ok(err)) {
        bkey_bytes bytes = {bkey_secret_borrow(plain), bkey_secret_len(plain)};
        err = decode_entry(bytes, kept.value, &entry);
        bkey_secret_return(plain);
    }
    free(kept.value);
    if (bkey_is_ok(err)) {
        *out_entry = entry;
        *out_plain = plain;
    } else {
        bkey_secret_free(&plain);
    }
    return err;
}
