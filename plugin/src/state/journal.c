/* SPDX-License-Identifier: Apache-2.0
 *
 * See journal.h. Record: length u32, nonce 24, ciphertext with its tag; additional data: magic,
 * number u64, hash of the record before. Content: version, id 16, the entry. */
#include "state/journal.h"

#include <sodium.h>
#include <string.h>

#include "state/codec.h"
#include "state/content.h"

#define VERSION 1u
#define NONCE_LEN 24u
#define TAG_LEN 16u
#define HEAD_LEN 4u
#define DATA_LEN (BKEY_JOURNAL_MAGIC_LEN + 8u + BKEY_AUDIT_HASH_LEN)
#define PLAIN_MAX (BKEY_JOURNAL_RECORD_MAX - HEAD_LEN - NONCE_LEN - TAG_LEN)
#define KEY_LABEL "bitlocker-keys/journal/1"

static bkey_err take_key(bkey_vault *vault, bkey_secret **out_key)
{
    const bkey_ports *ports = bkey_vault_ports(vault);
    bkey_secret *key = NULL;
    uint8_t slot[32];
    bkey_err err = bkey_secret_new(bkey_vault_slab(vault), BKEY_SYMMETRIC_LEN, &key);
    if (!bkey_is_ok(err))
        return err;
    err = ports->slot_get(ports->self, BKEY_VAULT_SIGN_SLOT, slot);
    if (bkey_is_ok(err)) {
        (void)crypto_generichash(bkey_secret_borrow(key), BKEY_SYMMETRIC_LEN,
                                 (const uint8_t *)KEY_LABEL, sizeof KEY_LABEL - 1, slot,
                                 sizeof slot);
        bkey_secret_return(key);
        *out_key = key;
    } else {
        bkey_secret_free(&key);
    }
    sodium_memzero(slot, sizeof slot);
    return err;
}

static void write_data(const bkey_journal_end *end, uint8_t out[DATA_LEN])
{
    bkey_codec_writer writer = {.cap = DATA_LEN};
    writer.ptr = out;
    bkey_codec_put_raw(&writer, BKEY_JOURNAL_MAGIC, BKEY_JOURNAL_MAGIC_LEN);
    bkey_codec_put_u64(&writer, end->count + 1);
    bkey_codec_put_raw(&writer, end->hash, sizeof end->hash);
}

static void step(bkey_journal_end *end, const uint8_t *record, size_t len)
{
    end->count++;
    (void)crypto_generichash(end->hash, sizeof end->hash, record, len, NULL, 0);
}

bkey_err bkey_journal_seal(bkey_vault *vault, const bkey_journal_end *end,
                           const bkey_audit_entry *entry, uint8_t *out, size_t *out_len,
                           bkey_journal_end *out_end)
{
    const bkey_ports *ports = bkey_vault_ports(vault);
    const bkey_place place = {.vault = vault, .organization_id = ""};
    bkey_content content;
    bkey_secret *key = NULL;
    uint8_t data[DATA_LEN];
    uint8_t id[BKEY_JOURNAL_ID_LEN];
    bkey_codec_writer head = {.ptr = out, .cap = HEAD_LEN};
    bkey_err err = take_key(vault, &key);
    if (bkey_is_ok(err))
        err = bkey_content_begin(&place, PLAIN_MAX, VERSION, &content);
    if (!bkey_is_ok(err))
        goto out;
    ports->random(ports->self, id, sizeof id);
    bkey_codec_put_raw(&content.writer, id, sizeof id);
    bkey_audit_encode(&content.writer, entry);
    size_t len = content.writer.len;
    bkey_codec_put_u32(&head, (uint32_t)(NONCE_LEN + len + TAG_LEN));
    ports->random(ports->self, out + HEAD_LEN, NONCE_LEN);
    write_data(end, data);
    if (content.writer.failed)
        err = bkey_fail(BKEY_E_LIMIT);
    else
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
            out + HEAD_LEN + NONCE_LEN, NULL, content.writer.ptr, len, data, sizeof data, NULL,
            out + HEAD_LEN, bkey_secret_borrow(key));
    if (bkey_is_ok(err)) {
        bkey_secret_return(key);
        *out_len = HEAD_LEN + NONCE_LEN + len + TAG_LEN;
        *out_end = *end;
        step(out_end, out, *out_len);
    }
    bkey_secret_return(content.secret);
    bkey_secret_free(&content.secret);
out:
    bkey_secret_free(&key);
    return err;
}

typedef struct reading {
    bkey_secret *key;
    bkey_secret *plain; /* PLAIN_MAX bytes */
    bkey_journal_sink sink;
    void *context;
    bkey_journal_end end;
} reading;

static bkey_err give_record(reading *r, const uint8_t *plain, size_t len)
{
    bkey_codec_reader reader;
    bkey_journal_record record;
    memset(&record, 0, sizeof record);
    bkey_err err = bkey_content_read(plain, len, &reader);
    if (!bkey_is_ok(err))
        return err;
    bkey_codec_get_raw(&reader, record.id, sizeof record.id);
    err = bkey_audit_decode(&reader, &record.entry);
    return bkey_is_ok(err) && r->sink != NULL ? r->sink(r->context, &record) : err;
}

static bkey_err open_record(reading *r, bkey_bytes record)
{
    uint8_t data[DATA_LEN];
    const uint8_t *nonce = record.ptr + HEAD_LEN;
    size_t sealed = record.len - HEAD_LEN - NONCE_LEN;
    write_data(&r->end, data);
    uint8_t *plain = bkey_secret_borrow(r->plain);
    bool opened = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_LEN,
                                                             sealed, data, sizeof data, nonce,
                                                             bkey_secret_borrow(r->key)) == 0;
    bkey_secret_return(r->key);
    bkey_err err = opened ? give_record(r, plain, sealed - TAG_LEN) : bkey_fail(BKEY_E_SEAL);
    bkey_secret_return(r->plain);
    step(&r->end, record.ptr, record.len);
    return err;
}

static bkey_err read_all(reading *r, bkey_bytes journal)
{
    size_t at = BKEY_JOURNAL_MAGIC_LEN;
    if (journal.len < at || sodium_memcmp(journal.ptr, BKEY_JOURNAL_MAGIC, at - 1) != 0)
        return bkey_fail(BKEY_E_SEAL);
    if (journal.ptr[at - 1] != (uint8_t)BKEY_JOURNAL_MAGIC[at - 1])
        return bkey_fail(BKEY_E_NEWER_FORMAT);
    while (at < journal.len) {
        bkey_codec_reader head = {.ptr = journal.ptr + at, .len = journal.len - at};
        size_t len = bkey_codec_get_u32(&head);
        if (head.failed || len > head.len - HEAD_LEN || len <= NONCE_LEN + TAG_LEN ||
            len > NONCE_LEN + TAG_LEN + PLAIN_MAX)
            return bkey_fail(BKEY_E_SEAL);
        bkey_err err = open_record(r, (bkey_bytes){journal.ptr + at, HEAD_LEN + len});
        if (!bkey_is_ok(err))
            return err;
        at += HEAD_LEN + len;
    }
    return bkey_ok();
}

bkey_err bkey_journal_read(bkey_vault *vault, bkey_bytes journal, bkey_journal_sink sink,
                           void *context, bkey_journal_end *out_end)
{
    reading r = {.sink = sink, .context = context};
    bkey_err err = take_key(vault, &r.key);
    if (bkey_is_ok(err))
        err = bkey_secret_new(bkey_vault_slab(vault), PLAIN_MAX, &r.plain);
    if (bkey_is_ok(err))
        err = read_all(&r, journal);
    if (bkey_is_ok(err))
        *out_end = r.end;
    bkey_secret_free(&r.plain);
    bkey_secret_free(&r.key);
    return err;
}
