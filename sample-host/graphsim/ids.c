/* SPDX-License-Identifier: Apache-2.0
 *
 * A four-round Feistel permutation over the 120 free bits of a GUID. Must not know what rows are.
 */
#include "ids.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HALF_MASK ((UINT64_C(1) << 60) - 1)
#define ROUNDS 4

static void store_half(uint64_t value, uint8_t *out)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        out[i] = (uint8_t)(value & 0xff);
}

static uint64_t load_half(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint64_t hash_two(const uint8_t *key, uint64_t first, uint64_t second)
{
    uint8_t input[16];
    uint8_t output[crypto_shorthash_BYTES];
    store_half(first, input);
    store_half(second, input + 8);
    (void)crypto_shorthash(output, input, sizeof input, key);
    return load_half(output);
}

void sim_ids_key(uint64_t seed, uint32_t tenant, const char *kind, uint8_t out[SIM_IDS_KEY_SIZE])
{
    char text[96];
    (void)snprintf(text, sizeof text, "graphsim %" PRIu64 " %" PRIu32 " %s", seed, tenant, kind);
    (void)crypto_generichash(out, SIM_IDS_KEY_SIZE, (const unsigned char *)text, strlen(text), NULL,
                             0);
}

void sim_ids_make(const uint8_t key[SIM_IDS_KEY_SIZE], uint32_t index,
                  char out[SUP_GUID_TEXT_LEN + 1])
{
    uint64_t left = 0;
    uint64_t right = index;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t next = left ^ (hash_two(key, round, right) & HALF_MASK);
        left = right;
        right = next;
    }
    sup_guid guid;
    /* The version nibble stands between the upper 48 and the lower 12 bits of the left half. */
    store_half((left >> 12) << 16 | UINT64_C(0x4000) | (left & 0xfff), guid.bytes);
    store_half(right | UINT64_C(1) << 63, guid.bytes + 8);
    sup_guid_format(&guid, out);
}

bool sim_ids_find(const uint8_t key[SIM_IDS_KEY_SIZE], const char *text, uint32_t *out_index)
{
    sup_guid guid;
    if (!sup_guid_parse(text, strlen(text), &guid))
        return false;
    uint64_t high = load_half(guid.bytes);
    uint64_t low = load_half(guid.bytes + 8);
    if ((high & 0xf000) != 0x4000 || low >> 60 != 8)
        return false;
    uint64_t left = (high >> 16) << 12 | (high & 0xfff);
    uint64_t right = low & HALF_MASK;
    for (uint64_t round = ROUNDS; round-- > 0;) {
        uint64_t before = right ^ (hash_two(key, round, left) & HALF_MASK);
        right = left;
        left = before;
    }
    if (left != 0 || right > UINT32_MAX)
        return false;
    *out_index = (uint32_t)right;
    return true;
}

uint64_t sim_ids_bits(const uint8_t key[SIM_IDS_KEY_SIZE], uint32_t index, uint32_t salt)
{
    return hash_two(key, UINT64_C(1) << 32 | salt, index);
}
