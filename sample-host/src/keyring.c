/* SPDX-License-Identifier: Apache-2.0
 *
 * Derivation and slots. The file format is in keyring_file.c. */
#include "sample-host/src/keyring.h"

#include "sample-host/src/base/os_file.h"
#include "sample-host/src/keyring_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char check_text[] = "dph host key check 1";

void host_keyring_check_value(host_keyring *ring, uint8_t out[HOST_KEYRING_CHECK_SIZE])
{
    (void)crypto_generichash(out, HOST_KEYRING_CHECK_SIZE, (const uint8_t *)check_text,
                             sizeof check_text - 1, ring->keys->base, sizeof ring->keys->base);
}

uint32_t host_keyring_generation(host_keyring *ring)
{
    (void)pthread_mutex_lock(&ring->lock);
    uint32_t newest = ring->keys->roots[ring->keys->root_count - 1].number;
    (void)pthread_mutex_unlock(&ring->lock);
    return newest;
}

static void hash_part(crypto_generichash_state *state, const dph_str *part)
{
    uint8_t len[4] = {(uint8_t)part->len, (uint8_t)(part->len >> 8), (uint8_t)(part->len >> 16),
                      (uint8_t)(part->len >> 24)};
    (void)crypto_generichash_update(state, len, sizeof len);
    if (part->len > 0) {
        (void)crypto_generichash_update(state, (const uint8_t *)part->ptr, part->len);
    }
}

static const uint8_t *find_root(const host_keyring_keys *keys, uint32_t generation)
{
    if (generation == 0) {
        return keys->base;
    }
    for (uint32_t i = 0; i < keys->root_count; i++) {
        if (keys->roots[i].number == generation) {
            return keys->roots[i].key;
        }
    }
    return NULL;
}

static bool check_name(const host_keyring_name *name, host_error *err)
{
    if (name->label.len < 1 || name->label.len > HOST_KEYRING_NAME_MAX || name->plugin.len < 1 ||
        name->plugin.len > HOST_KEYRING_NAME_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "A key's name has 1 to %d bytes.",
                              HOST_KEYRING_NAME_MAX);
    }
    return true;
}

bool host_keyring_derive(host_keyring *ring, const host_keyring_name *name, uint32_t generation,
                         uint8_t *out, size_t out_len, host_error *err)
{
    if (out_len < 16 || out_len > 64) {
        return host_error_set(err, DPH_E_INVALID, 0, "A derived key has 16 to 64 bytes.");
    }
    if (!check_name(name, err)) {
        return false;
    }
    char number[4] = {(char)generation, (char)(generation >> 8), (char)(generation >> 16),
                      (char)(generation >> 24)};
    dph_str last = {number, sizeof number};
    (void)pthread_mutex_lock(&ring->lock);
    const uint8_t *root = find_root(ring->keys, generation);
    if (root != NULL) {
        crypto_generichash_state state;
        (void)crypto_generichash_init(&state, root, HOST_KEYRING_KEY_SIZE, out_len);
        hash_part(&state, &name->plugin);
        hash_part(&state, &name->label);
        hash_part(&state, &last);
        (void)crypto_generichash_final(&state, out, out_len);
        sodium_memzero(&state, sizeof state);
    }
    (void)pthread_mutex_unlock(&ring->lock);
    return root != NULL ? true
                        : host_error_set(err, DPH_E_NOT_FOUND, 0,
                                         "The key file has no generation %u.", generation);
}

static host_keyring_slot *find_slot(host_keyring_keys *keys, const host_keyring_name *name)
{
    for (uint32_t i = 0; i < keys->slot_count; i++) {
        host_keyring_slot *slot = &keys->slots[i];
        if (slot->plugin_len == name->plugin.len && slot->name_len == name->label.len &&
            memcmp(slot->plugin, name->plugin.ptr, slot->plugin_len) == 0 &&
            memcmp(slot->name, name->label.ptr, slot->name_len) == 0) {
            return slot;
        }
    }
    return NULL;
}

/* A changed copy is written first and taken over after: a failed write changes nothing. */
static bool save_copy(host_keyring *ring, host_keyring_keys *copy, host_error *err)
{
    copy->counter++;
    if (!host_keyring_file_write(ring->path, copy, ring->seal, err)) {
        sodium_free(copy);
        return false;
    }
    sodium_free(ring->keys);
    ring->keys = copy;
    return true;
}

static bool add_slot(host_keyring *ring, const host_keyring_name *name, host_error *err)
{
    if (ring->keys->slot_count >= HOST_KEYRING_SLOTS_MAX) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The key file has no free slot.");
    }
    host_keyring_keys *copy = host_keyring_keys_copy(ring->keys, ring->keys->slot_count + 1);
    if (copy == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    host_keyring_slot *slot = &copy->slots[copy->slot_count];
    slot->plugin_len = (uint8_t)name->plugin.len;
    slot->name_len = (uint8_t)name->label.len;
    memcpy(slot->plugin, name->plugin.ptr, name->plugin.len);
    memcpy(slot->name, name->label.ptr, name->label.len);
    randombytes_buf(slot->key, sizeof slot->key);
    copy->slot_count++;
    return save_copy(ring, copy, err);
}

bool host_keyring_slot_make(host_keyring *ring, const host_keyring_name *name, host_error *err)
{
    if (!check_name(name, err)) {
        return false;
    }
    (void)pthread_mutex_lock(&ring->lock);
    bool ok = find_slot(ring->keys, name) != NULL || add_slot(ring, name, err);
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

bool host_keyring_slot_get(host_keyring *ring, const host_keyring_name *name,
                           uint8_t out[HOST_KEYRING_KEY_SIZE], host_error *err)
{
    if (!check_name(name, err)) {
        return false;
    }
    (void)pthread_mutex_lock(&ring->lock);
    const host_keyring_slot *slot = find_slot(ring->keys, name);
    if (slot != NULL) {
        memcpy(out, slot->key, HOST_KEYRING_KEY_SIZE);
    }
    (void)pthread_mutex_unlock(&ring->lock);
    return slot != NULL ? true
                        : host_error_set(err, DPH_E_NOT_FOUND, 0, "The key file has no such slot.");
}

static bool drop_slot(host_keyring *ring, const host_keyring_slot *slot, host_error *err)
{
    size_t index = (size_t)(slot - ring->keys->slots);
    host_keyring_keys *copy = host_keyring_keys_copy(ring->keys, ring->keys->slot_count);
    if (copy == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    copy->slot_count--;
    copy->slots[index] = copy->slots[copy->slot_count];
    sodium_memzero(&copy->slots[copy->slot_count], sizeof copy->slots[0]);
    return save_copy(ring, copy, err);
}

bool host_keyring_slot_destroy(host_keyring *ring, const host_keyring_name *name, host_error *err)
{
    if (!check_name(name, err)) {
        return false;
    }
    (void)pthread_mutex_lock(&ring->lock);
    const host_keyring_slot *slot = find_slot(ring->keys, name);
    bool ok = slot == NULL || drop_slot(ring, slot, err);
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

void host_keyring_describe(host_keyring *ring, host_keyring_facts *out)
{
    memset(out, 0, sizeof *out);
    (void)pthread_mutex_lock(&ring->lock);
    out->path = ring->path;
    out->source = ring->seal == NULL                              ? "key file"
                  : ring->seal->kind == SUP_KEYRING_BY_PASSPHRASE ? "passphrase"
                                                                  : "credential";
    out->counter = ring->keys->counter;
    out->slot_count = ring->keys->slot_count;
    out->generation_count = ring->keys->root_count;
    for (uint32_t i = 0; i < ring->keys->root_count; i++) {
        out->generations[i] = ring->keys->roots[i].number;
    }
    (void)pthread_mutex_unlock(&ring->lock);
}

static bool add_root(host_keyring *ring, uint32_t *out, host_error *err)
{
    uint32_t count = ring->keys->root_count;
    if (count >= HOST_KEYRING_ROOTS_MAX) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0,
                              "The key file holds %u generations already; finish a rotation first.",
                              count);
    }
    host_keyring_keys *copy = host_keyring_keys_copy(ring->keys, ring->keys->slot_count);
    if (copy == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    copy->roots[count].number = copy->roots[count - 1].number + 1;
    randombytes_buf(copy->roots[count].key, sizeof copy->roots[count].key);
    copy->root_count++;
    uint32_t made = copy->roots[count].number;
    if (!save_copy(ring, copy, err)) {
        return false;
    }
    *out = made;
    return true;
}

bool host_keyring_add_generation(host_keyring *ring, uint32_t *out, host_error *err)
{
    (void)pthread_mutex_lock(&ring->lock);
    bool ok = add_root(ring, out, err);
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

static bool drop_roots(host_keyring *ring, uint32_t drop, host_error *err)
{
    host_keyring_keys *copy = host_keyring_keys_copy(ring->keys, ring->keys->slot_count);
    if (copy == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    copy->root_count -= drop;
    memmove(copy->roots, copy->roots + drop, copy->root_count * sizeof copy->roots[0]);
    sodium_memzero(copy->roots + copy->root_count, drop * sizeof copy->roots[0]);
    return save_copy(ring, copy, err);
}

bool host_keyring_retire(host_keyring *ring, uint32_t oldest_kept, host_error *err)
{
    uint32_t drop = 0;
    (void)pthread_mutex_lock(&ring->lock);
    const host_keyring_keys *keys = ring->keys;
    while (drop + 1 < keys->root_count && keys->roots[drop].number < oldest_kept) {
        drop++;
    }
    bool ok = drop == 0 || drop_roots(ring, drop, err);
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

static bool save_under(host_keyring *ring, host_keyring_seal **seal, host_error *err)
{
    host_keyring_seal *before = ring->seal;
    host_keyring_keys *copy = host_keyring_keys_copy(ring->keys, ring->keys->slot_count);
    if (copy == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    ring->seal = *seal;
    if (!save_copy(ring, copy, err)) {
        ring->seal = before;
        return false;
    }
    *seal = before;
    return true;
}

bool host_keyring_protect(host_keyring *ring, host_keyring_seal **seal, host_error *err)
{
    (void)pthread_mutex_lock(&ring->lock);
    bool ok = save_under(ring, seal, err);
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

bool host_keyring_export(host_keyring *ring, host_secret *out, uint64_t *out_counter,
                         host_error *err)
{
    (void)pthread_mutex_lock(&ring->lock);
    bool ok = host_keyring_file_encode(ring->keys, out, err);
    if (ok) {
        *out_counter = ring->keys->counter;
    }
    (void)pthread_mutex_unlock(&ring->lock);
    return ok;
}

/* With the key of the seal that is in use: the passphrase is not kept. */
static bool read_again(const host_keyring *ring, host_secret *out, host_error *err)
{
    host_secret file = {0};
    if (!host_file_read(ring->path, HOST_KEYRING_FILE_MAX, true, &file, err)) {
        return false;
    }
    if (ring->seal == NULL) {
        *out = file;
        return true;
    }
    bool ok = host_keyring_seal_open(ring->seal, &file, out, err);
    host_secret_done(&file);
    return ok;
}

bool host_keyring_verify(host_keyring *ring, host_error *err)
{
    host_secret found = {0};
    host_secret expected = {0};
    (void)pthread_mutex_lock(&ring->lock);
    bool ok = read_again(ring, &found, err) && host_keyring_file_encode(ring->keys, &expected, err);
    if (ok &&
        (found.len != expected.len || sodium_memcmp(found.ptr, expected.ptr, expected.len) != 0)) {
        ok = host_error_set(err, DPH_E_CORRUPT, 0,
                            "The key file %s is not the one in use: it was altered or replaced.",
                            ring->path);
    }
    (void)pthread_mutex_unlock(&ring->lock);
    host_secret_done(&found);
    host_secret_done(&expected);
    return ok;
}
