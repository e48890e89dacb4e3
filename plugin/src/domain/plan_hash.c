/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash by which texts are compared without keeping them. Must not be used on secrets. */
#include <string.h>

#include "domain/plan.h"

/* FNV-1a: these hashes find differences in our own texts; nobody gains by making two collide. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    uint64_t len = text == NULL ? 0 : strlen(text);
    hash = mix(hash, &len, sizeof len);
    return len == 0 ? hash : mix(hash, text, (size_t)len);
}

uint64_t bkey_plan_hash(const char *a, const char *b, const char *c, const char *d)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    hash = mix_text(hash, a);
    hash = mix_text(hash, b);
    hash = mix_text(hash, c);
    return mix_text(hash, d);
}
