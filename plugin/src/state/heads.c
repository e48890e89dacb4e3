/* SPDX-License-Identifier: Apache-2.0
 *
 * See heads.h. "bkey-head 1", chain, number, hash, time in ms; or "bkey-gap 1", chain, first and
 * last number, time in ms, chain, number and hash of an entry. Then public key, and signature over
 * all before it. One space between, hexadecimal lower case. */
#include "state/heads.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/hex.h"

#define HEAD_WORD "bkey-head 1"
#define GAP_WORD "bkey-gap 1"
#define SEED_LABEL "bitlocker-keys/audit-sign/1"

/* The secret key lies in guarded memory; the caller frees it. */
static bkey_err make_keys(const bkey_vault *vault, uint8_t public_key[BKEY_HEADS_KEY_LEN],
                          bkey_secret **out_secret)
{
    const bkey_ports *ports = bkey_vault_ports(vault);
    bkey_secret *secret = NULL;
    uint8_t slot[32];
    uint8_t seed[crypto_sign_SEEDBYTES];
    bkey_err err = bkey_secret_new(bkey_vault_slab(vault), crypto_sign_SECRETKEYBYTES, &secret);
    if (!bkey_is_ok(err))
        return err;
    err = ports->slot_get(ports->self, BKEY_VAULT_SIGN_SLOT, slot);
    if (bkey_is_ok(err)) {
        (void)crypto_generichash(seed, sizeof seed, (const uint8_t *)SEED_LABEL,
                                 sizeof SEED_LABEL - 1, slot, sizeof slot);
        (void)crypto_sign_seed_keypair(public_key, bkey_secret_borrow(secret), seed);
        bkey_secret_return(secret);
        *out_secret = secret;
    } else {
        bkey_secret_free(&secret);
    }
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(slot, sizeof slot);
    return err;
}

bkey_err bkey_heads_public(const bkey_vault *vault, uint8_t out[BKEY_HEADS_KEY_LEN])
{
    bkey_secret *secret = NULL;
    bkey_err err = make_keys(vault, out, &secret);
    bkey_secret_free(&secret);
    return err;
}

static size_t write_head(const bkey_head_line *head, const uint8_t *public_key,
                         char out[BKEY_HEADS_LINE_SIZE])
{
    char chain[BKEY_HEADS_CHAIN_LEN * 2 + 1];
    char hash[BKEY_AUDIT_HASH_LEN * 2 + 1];
    char key[BKEY_HEADS_KEY_LEN * 2 + 1];
    sup_hex_format(head->chain, sizeof head->chain, chain);
    sup_hex_format(head->point.hash, sizeof head->point.hash, hash);
    sup_hex_format(public_key, BKEY_HEADS_KEY_LEN, key);
    int len = snprintf(out, BKEY_HEADS_LINE_SIZE, HEAD_WORD " %s %" PRIu64 " %s %" PRId64 " %s",
                       chain, head->point.seq, hash, head->time_ms, key);
    return (size_t)len;
}

static size_t write_gap(const bkey_gap_line *gap, const uint8_t *public_key,
                        char out[BKEY_HEADS_LINE_SIZE])
{
    char chain[BKEY_HEADS_CHAIN_LEN * 2 + 1];
    char entry_chain[BKEY_HEADS_CHAIN_LEN * 2 + 1];
    char hash[BKEY_AUDIT_HASH_LEN * 2 + 1];
    char key[BKEY_HEADS_KEY_LEN * 2 + 1];
    sup_hex_format(gap->chain, sizeof gap->chain, chain);
    sup_hex_format(gap->entry_chain, sizeof gap->entry_chain, entry_chain);
    sup_hex_format(gap->entry.hash, sizeof gap->entry.hash, hash);
    sup_hex_format(public_key, BKEY_HEADS_KEY_LEN, key);
    int len =
        snprintf(out, BKEY_HEADS_LINE_SIZE,
                 GAP_WORD " %s %" PRIu64 " %" PRIu64 " %" PRId64 " %s %" PRIu64 " %s %s", chain,
                 gap->first, gap->last, gap->time_ms, entry_chain, gap->entry.seq, hash, key);
    return (size_t)len;
}

static void add_signature(bkey_secret *secret, size_t len, char out[BKEY_HEADS_LINE_SIZE])
{
    uint8_t signature[BKEY_HEADS_SIGNATURE_LEN];
    (void)crypto_sign_detached(signature, NULL, (const uint8_t *)out, len,
                               bkey_secret_borrow(secret));
    bkey_secret_return(secret);
    out[len] = ' ';
    sup_hex_format(signature, sizeof signature, out + len + 1);
}

bkey_err bkey_heads_sign(const bkey_vault *vault, const bkey_head_line *head,
                         char out[BKEY_HEADS_LINE_SIZE])
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    bkey_secret *secret = NULL;
    bkey_err err = make_keys(vault, public_key, &secret);
    if (bkey_is_ok(err))
        add_signature(secret, write_head(head, public_key, out), out);
    bkey_secret_free(&secret);
    return err;
}

bkey_err bkey_heads_sign_gap(const bkey_vault *vault, const bkey_gap_line *gap,
                             char out[BKEY_HEADS_LINE_SIZE])
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    bkey_secret *secret = NULL;
    bkey_err err = make_keys(vault, public_key, &secret);
    if (bkey_is_ok(err))
        add_signature(secret, write_gap(gap, public_key, out), out);
    bkey_secret_free(&secret);
    return err;
}

/* As it is written: no sign, no zero in front. */
static bool read_number(const char *text, uint64_t *out)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && text[1] != '\0') || strlen(text) > 19)
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

/* One way to write a line, so that nothing of it is left unread: no capital, one space between, and
 * as many words behind `word` as there must be. */
static bool split(const char *line, size_t len, const char *word, char *copy, char **out,
                  size_t count)
{
    const size_t start = strlen(word);
    if (len >= BKEY_HEADS_LINE_SIZE || len <= start || sodium_memcmp(line, word, start) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\0' || (line[i] >= 'A' && line[i] <= 'Z'))
            return false;
    }
    memcpy(copy, line, len);
    copy[len] = '\0';
    char *at = copy + start;
    for (size_t i = 0; i < count; i++) {
        if (at == NULL || *at != ' ')
            return false;
        *at = '\0';
        out[i] = at + 1;
        at = strchr(at + 1, ' ');
    }
    return at == NULL;
}

static bool read_hex(const char *text, uint8_t *out, size_t len)
{
    return sup_hex_parse(text, strlen(text), out, len);
}

static bool is_key(const char *text, const uint8_t public_key[BKEY_HEADS_KEY_LEN])
{
    uint8_t key[BKEY_HEADS_KEY_LEN];
    return read_hex(text, key, sizeof key) && sodium_memcmp(key, public_key, sizeof key) == 0;
}

bool bkey_heads_read(const char *line, size_t len, const uint8_t public_key[BKEY_HEADS_KEY_LEN],
                     bkey_head_line *out)
{
    char copy[BKEY_HEADS_LINE_SIZE];
    char *words[6];
    bkey_head_line head = {.time_ms = 0};
    uint64_t time_ms = 0;
    if (!split(line, len, HEAD_WORD, copy, words, 6) ||
        !read_hex(words[0], head.chain, sizeof head.chain) ||
        !read_number(words[1], &head.point.seq) ||
        !read_hex(words[2], head.point.hash, sizeof head.point.hash) ||
        !read_number(words[3], &time_ms) || !is_key(words[4], public_key) ||
        !read_hex(words[5], head.signature, sizeof head.signature))
        return false;
    head.time_ms = (int64_t)time_ms;
    *out = head;
    return true;
}

bool bkey_heads_is_genuine(const bkey_head_line *head, const uint8_t public_key[BKEY_HEADS_KEY_LEN])
{
    char body[BKEY_HEADS_LINE_SIZE];
    size_t len = write_head(head, public_key, body);
    return crypto_sign_verify_detached(head->signature, (const uint8_t *)body, len, public_key) ==
           0;
}

bool bkey_heads_read_gap(const char *line, size_t len, const uint8_t public_key[BKEY_HEADS_KEY_LEN],
                         bkey_gap_line *out)
{
    char copy[BKEY_HEADS_LINE_SIZE];
    char *words[9];
    uint8_t signature[BKEY_HEADS_SIGNATURE_LEN];
    bkey_gap_line gap = {.time_ms = 0};
    uint64_t time_ms = 0;
    if (!split(line, len, GAP_WORD, copy, words, 9) ||
        !read_hex(words[0], gap.chain, sizeof gap.chain) || !read_number(words[1], &gap.first) ||
        !read_number(words[2], &gap.last) || !read_number(words[3], &time_ms) ||
        !read_hex(words[4], gap.entry_chain, sizeof gap.entry_chain) ||
        !read_number(words[5], &gap.entry.seq) ||
        !read_hex(words[6], gap.entry.hash, sizeof gap.entry.hash) ||
        !is_key(words[7], public_key) || !read_hex(words[8], signature, sizeof signature))
        return false;
    gap.time_ms = (int64_t)time_ms;
    size_t body_len = write_gap(&gap, public_key, copy);
    if (crypto_sign_verify_detached(signature, (const uint8_t *)copy, body_len, public_key) != 0)
        return false;
    *out = gap;
    return true;
}
