/* SPDX-License-Identifier: Apache-2.0
 *
 * See heads.h. Line: "bkey-head 1", chain, number, hash, time in ms, public key, signature over all
 * before it; one space between, hexadecimal lower case. */
#include "state/heads.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/hex.h"

#define WORD "bkey-head 1"
#define SIGNATURE_LEN 64u
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

static size_t write_body(const bkey_head_line *head, const uint8_t *public_key,
                         char out[BKEY_HEADS_LINE_SIZE])
{
    char chain[BKEY_HEADS_CHAIN_LEN * 2 + 1];
    char hash[BKEY_AUDIT_HASH_LEN * 2 + 1];
    char key[BKEY_HEADS_KEY_LEN * 2 + 1];
    sup_hex_format(head->chain, sizeof head->chain, chain);
    sup_hex_format(head->point.hash, sizeof head->point.hash, hash);
    sup_hex_format(public_key, BKEY_HEADS_KEY_LEN, key);
    int len = snprintf(out, BKEY_HEADS_LINE_SIZE, WORD " %s %" PRIu64 " %s %" PRId64 " %s", chain,
                       head->point.seq, hash, head->time_ms, key);
    return (size_t)len;
}

bkey_err bkey_heads_sign(const bkey_vault *vault, const bkey_head_line *head,
                         char out[BKEY_HEADS_LINE_SIZE])
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    uint8_t signature[SIGNATURE_LEN];
    bkey_secret *secret = NULL;
    bkey_err err = make_keys(vault, public_key, &secret);
    if (!bkey_is_ok(err))
        return err;
    size_t len = write_body(head, public_key, out);
    (void)crypto_sign_detached(signature, NULL, (const uint8_t *)out, len,
                               bkey_secret_borrow(secret));
    bkey_secret_return(secret);
    bkey_secret_free(&secret);
    out[len] = ' ';
    sup_hex_format(signature, sizeof signature, out + len + 1);
    return bkey_ok();
}

static bool read_number(const char *text, uint64_t *out)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 19)
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

/* The next word behind one space. */
static bool take_word(const char **rest, char *out, size_t cap)
{
    if (**rest != ' ')
        return false;
    size_t len = strcspn(*rest + 1, " ");
    if (len >= cap)
        return false;
    memcpy(out, *rest + 1, len);
    out[len] = '\0';
    *rest += 1 + len;
    return true;
}

/* One way to write a line: upper case is another text. */
static bool is_lower(const uint8_t signature[SIGNATURE_LEN], const char *text,
                     char hex[2 * SIGNATURE_LEN + 1])
{
    sup_hex_format(signature, SIGNATURE_LEN, hex);
    return sodium_memcmp(hex, text, 2 * SIGNATURE_LEN) == 0;
}

bool bkey_heads_read(const char *line, size_t len, const uint8_t public_key[BKEY_HEADS_KEY_LEN],
                     bkey_head_line *out)
{
    char canonical[BKEY_HEADS_LINE_SIZE];
    char chain[40];
    char number[24];
    char hash[72];
    char time[24];
    char copy[BKEY_HEADS_LINE_SIZE];
    char hex[2 * SIGNATURE_LEN + 1];
    uint8_t signature[SIGNATURE_LEN];
    bkey_head_line head = {.time_ms = 0};
    uint64_t time_ms = 0;
    if (len >= sizeof copy || memchr(line, 0, len) != NULL)
        return false;
    memcpy(copy, line, len);
    copy[len] = '\0';
    const char *rest = copy + sizeof WORD - 1;
    if (len < sizeof WORD || sodium_memcmp(copy, WORD, sizeof WORD - 1) != 0 ||
        !take_word(&rest, chain, sizeof chain) || !take_word(&rest, number, sizeof number) ||
        !take_word(&rest, hash, sizeof hash) || !take_word(&rest, time, sizeof time) ||
        !sup_hex_parse(chain, strlen(chain), head.chain, sizeof head.chain) ||
        !sup_hex_parse(hash, strlen(hash), head.point.hash, sizeof head.point.hash) ||
        !read_number(number, &head.point.seq) || !read_number(time, &time_ms))
        return false;
    head.time_ms = (int64_t)time_ms;
    /* Written again it must be the same text: then nothing of the line is left unread. */
    size_t body = write_body(&head, public_key, canonical);
    if (len != body + 1 + 2 * SIGNATURE_LEN || sodium_memcmp(copy, canonical, body) != 0 ||
        copy[body] != ' ' ||
        !sup_hex_parse(copy + body + 1, 2 * SIGNATURE_LEN, signature, sizeof signature) ||
        !is_lower(signature, copy + body + 1, hex) ||
        crypto_sign_verify_detached(signature, (const uint8_t *)copy, body, public_key) != 0)
        return false;
    *out = head;
    return true;
}
