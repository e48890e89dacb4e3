/* SPDX-License-Identifier: Apache-2.0
 *
 * See share_text.h. */
#include "sample-host/src/share_text.h"

#include "support/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CHECK_LEN 16u /* the least that BLAKE2b gives; the first half is printed */
#define CHECK_SHOWN 8u
#define GROUP 4u

static const char title[] = "DPH KEY SHARE 1";

static void compute_check(const host_share *share, uint8_t out[CHECK_SHOWN])
{
    uint8_t whole[CHECK_LEN];
    const uint8_t numbers[] = {share->index, share->count, share->threshold};
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof whole);
    (void)crypto_generichash_update(&state, (const uint8_t *)title, sizeof title - 1);
    (void)crypto_generichash_update(&state, share->id, sizeof share->id);
    (void)crypto_generichash_update(&state, numbers, sizeof numbers);
    (void)crypto_generichash_update(&state, share->data, sizeof share->data);
    (void)crypto_generichash_final(&state, whole, sizeof whole);
    sodium_memzero(&state, sizeof state);
    memcpy(out, whole, CHECK_SHOWN);
}

static void add(host_secret *out, const char *text)
{
    size_t len = strlen(text);
    if (out->cap - out->len >= len) {
        memcpy(out->ptr + out->len, text, len);
        out->len += len;
    }
}

/* One byte at a time, so that no whole copy of the digits is left behind. */
static void add_hex(host_secret *out, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char digits[3];
        sup_hex_format(&bytes[i], 1, digits);
        add(out, i > 0 && i % (GROUP / 2) == 0 ? " " : "");
        add(out, digits);
        sodium_memzero(digits, sizeof digits);
    }
}

bool host_share_text_write(const host_share *share, host_secret *out, host_error *err)
{
    char line[64];
    uint8_t check[CHECK_SHOWN];
    host_secret text = {0};
    if (!host_secret_init(&text, HOST_SHARE_TEXT_MAX)) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    compute_check(share, check);
    add(&text, title);
    add(&text, "\nbackup: ");
    add_hex(&text, share->id, sizeof share->id);
    (void)snprintf(line, sizeof line, "\nshare: %u of %u, any %u open it\ndata: ", share->index,
                   share->count, share->threshold);
    add(&text, line);
    add_hex(&text, share->data, sizeof share->data);
    add(&text, "\ncheck: ");
    add_hex(&text, check, sizeof check);
    add(&text, "\n");
    *out = text;
    return true;
}

typedef struct span {
    const char *ptr;
    size_t len;
} span;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_space(span *s)
{
    while (s->len > 0 && (is_space(*s->ptr) || *s->ptr == '\n')) {
        s->ptr++;
        s->len--;
    }
}

/* A space in `word` stands for any white space, none included. */
static bool take_word(span *s, const char *word)
{
    skip_space(s);
    for (; *word != '\0'; word++) {
        if (*word == ' ') {
            skip_space(s);
            continue;
        }
        if (s->len == 0 || lower(*s->ptr) != lower(*word)) {
            return false;
        }
        s->ptr++;
        s->len--;
    }
    return true;
}

static bool take_number(span *s, uint8_t *out)
{
    unsigned value = 0;
    size_t digits = 0;
    skip_space(s);
    for (; s->len > 0 && *s->ptr >= '0' && *s->ptr <= '9' && digits < 4; digits++) {
        value = value * 10 + (unsigned)(*s->ptr - '0');
        s->ptr++;
        s->len--;
    }
    *out = (uint8_t)value;
    return digits > 0 && value >= 1 && value <= HOST_SHARES_MAX;
}

static bool take_hex(span *s, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count * 2; i++) {
        skip_space(s);
        int digit = s->len > 0 ? sup_hex_digit(*s->ptr) : -1;
        if (digit < 0) {
            return false;
        }
        out[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : out[i / 2] | digit);
        s->ptr++;
        s->len--;
    }
    return true;
}

static bool read_share(span *s, host_share *out, uint8_t check[CHECK_SHOWN])
{
    return take_word(s, title) && take_word(s, "backup:") && take_hex(s, out->id, sizeof out->id) &&
           take_word(s, "share:") && take_number(s, &out->index) && take_word(s, "of") &&
           take_number(s, &out->count) && take_word(s, ", any") &&
           take_number(s, &out->threshold) && take_word(s, "open it") && take_word(s, "data:") &&
           take_hex(s, out->data, sizeof out->data) && take_word(s, "check:") &&
           take_hex(s, check, CHECK_SHOWN) && take_word(s, "") && s->len == 0 &&
           out->index <= out->count && out->threshold <= out->count &&
           out->threshold >= HOST_SHARES_THRESHOLD_MIN;
}

bool host_share_text_read(const char *name, const host_secret *text, host_share *out,
                          host_error *err)
{
    uint8_t found[CHECK_SHOWN];
    uint8_t expected[CHECK_SHOWN];
    span s = {(const char *)text->ptr, text->len};
    if (!read_share(&s, out, found)) {
        return host_error_set(err, DPH_E_CORRUPT, HOST_CODE_BAD_SHARE,
                              "%s is not a share, or a part of it is missing.", name);
    }
    compute_check(out, expected);
    return memcmp(found, expected, sizeof found) == 0
               ? true
               : host_error_set(err, DPH_E_CORRUPT, HOST_CODE_BAD_SHARE,
                                "%s: a character of share %u is wrong; its check does not fit.",
                                name, out->index);
}
