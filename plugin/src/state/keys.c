/* SPDX-License-Identifier: Apache-2.0
 *
 * See keys.h. Every input goes in behind its length, so that no two lists of inputs run together.
 */
#include "state/keys.h"

#include <sodium.h>
#include <string.h>

#include "support/hex.h"

#define INNER_LEN 16u /* of the two hashes in a state key */

typedef struct hash_input {
    const void *ptr;
    size_t len;
} hash_input;

static void hash_all(const uint8_t key[32], const hash_input *inputs, size_t count, uint8_t *out,
                     size_t out_len)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, key, 32, out_len);
    for (size_t i = 0; i < count; i++) {
        uint8_t prefix[8];
        for (size_t k = 0; k < sizeof prefix; k++)
            prefix[k] = (uint8_t)((uint64_t)inputs[i].len >> (8 * k));
        (void)crypto_generichash_update(&state, prefix, sizeof prefix);
        if (inputs[i].len > 0)
            (void)crypto_generichash_update(&state, inputs[i].ptr, inputs[i].len);
    }
    (void)crypto_generichash_final(&state, out, out_len);
    sodium_memzero(&state, sizeof state);
}

void bkey_keys_prefix(const uint8_t index_key[32], uint8_t kind, const char *organization_id,
                      uint8_t out[BKEY_PREFIX_LEN])
{
    const hash_input inputs[] = {{"organization", 12}, {organization_id, strlen(organization_id)}};
    out[0] = kind;
    hash_all(index_key, inputs, 2, out + 1, INNER_LEN);
}

void bkey_keys_row(const uint8_t index_key[32], uint8_t kind, const char *organization_id,
                   const sup_guid *tenant, bkey_bytes id, uint8_t out[BKEY_STATE_KEY_LEN])
{
    bkey_keys_prefix(index_key, kind, organization_id, out);
    bkey_keys_row_end(index_key, tenant, id, out + BKEY_PREFIX_LEN);
}

void bkey_keys_row_end(const uint8_t index_key[32], const sup_guid *tenant, bkey_bytes id,
                       uint8_t out[BKEY_STATE_KEY_LEN - BKEY_PREFIX_LEN])
{
    const hash_input inputs[] = {
        {"row", 3}, {tenant->bytes, sizeof tenant->bytes}, {id.ptr, id.len}};
    hash_all(index_key, inputs, 3, out, INNER_LEN);
}

void bkey_keys_names(const uint8_t index_key[32], const sup_guid *tenant,
                     const char *organization_id, bkey_place_names *out_names)
{
    uint8_t prefix[BKEY_PREFIX_LEN];
    uint8_t whole[INNER_LEN]; /* the least that BLAKE2b gives */
    bkey_keys_prefix(index_key, 0, organization_id, prefix);
    memcpy(out_names->organization, prefix + 1, sizeof out_names->organization);
    const hash_input inputs[] = {{"data-key", 8},
                                 {tenant->bytes, sizeof tenant->bytes},
                                 {organization_id, strlen(organization_id)}};
    hash_all(index_key, inputs, 3, whole, sizeof whole);
    memcpy(out_names->tag, whole, BKEY_KEY_TAG_LEN);
}

void bkey_keys_slot(const uint8_t index_key[32], const char *organization_id,
                    char out[BKEY_SLOT_NAME_SIZE])
{
    if (organization_id[0] == '\0') {
        memcpy(out, "org/none", sizeof "org/none");
        return;
    }
    uint8_t name[INNER_LEN];
    const hash_input inputs[] = {{"slot", 4}, {organization_id, strlen(organization_id)}};
    hash_all(index_key, inputs, 2, name, sizeof name);
    memcpy(out, "org/", 4);
    sup_hex_format(name, sizeof name, out + 4);
}

void bkey_keys_wrapping(const uint8_t generation_key[32], const char *organization_id,
                        const uint8_t slot_key[32], uint8_t out[BKEY_SYMMETRIC_LEN])
{
    const hash_input inputs[] = {
        {"bitlocker-keys/wrap/1", 21}, {organization_id, strlen(organization_id)}, {slot_key, 32}};
    hash_all(generation_key, inputs, 3, out, BKEY_SYMMETRIC_LEN);
}
