/* SPDX-License-Identifier: Apache-2.0
 *
 * See contact_key.h. */
#include "domain/contact_key.h"

#include <string.h>

#include "base/unicode.h"

#define HALF_MAX (BKEY_CONTACT_KEY_MAX / 2u - 1u)
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Appends what the text is compared by; false when that is nothing. */
static bool add_folded(bkey_contact_key *key, const char *text, size_t len)
{
    uint32_t plain[HALF_MAX];
    uint32_t folded[BKEY_UNICODE_EXPANSION];
    const size_t before = key->count;
    while (len > 0 && is_blank(*text)) {
        text++;
        len--;
    }
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    const size_t count = bkey_unicode_decompose(text, len, plain, HALF_MAX);
    for (size_t i = 0; i < count; i++) {
        const size_t made = bkey_unicode_fold(plain[i], folded);
        if (made > BKEY_CONTACT_KEY_MAX - key->count)
            return false;
        memcpy(key->points + key->count, folded, made * sizeof folded[0]);
        key->count += made;
    }
    return key->count > before;
}

static void finish(bkey_contact_key *key, bool whole)
{
    key->count = whole ? key->count : 0;
    key->hash = FNV_OFFSET;
    for (size_t i = 0; i < key->count; i++)
        key->hash = (key->hash ^ key->points[i]) * FNV_PRIME;
}

void bkey_contact_key_word(const char *text, size_t len, bkey_contact_key *out)
{
    out->count = 0;
    finish(out, add_folded(out, text, len));
}

void bkey_contact_key_names(const char *first, const char *last, bkey_contact_key *out)
{
    out->count = 0;
    bool whole = add_folded(out, first, strlen(first));
    if (whole && out->count < BKEY_CONTACT_KEY_MAX) {
        out->points[out->count++] = 0; /* no name has it */
        whole = add_folded(out, last, strlen(last));
    }
    finish(out, whole);
}

bool bkey_contact_key_equal(const bkey_contact_key *a, const bkey_contact_key *b)
{
    return a->count > 0 && a->count == b->count && a->hash == b->hash &&
           memcmp(a->points, b->points, a->count * sizeof a->points[0]) == 0;
}
