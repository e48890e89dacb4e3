/* SPDX-License-Identifier: Apache-2.0
 *
 * The key file's format, read and written in guarded memory only. */
#include "sample-host/src/keyring_file.h"

#include "sample-host/src/base/os_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MAC_SIZE SUP_KEYRING_MAC_LEN

static const char magic[8] = {'D', 'P', 'H', 'K', 'E', 'Y', 'R', '1'};

/* Fills guarded memory; `ok` turns false at the first step over the end. */
typedef struct cursor {
    unsigned char *ptr;
    size_t len;
    size_t at;
    bool ok;
} cursor;

static void put(cursor *c, const void *bytes, size_t len)
{
    c->ok = c->ok && c->len - c->at >= len;
    if (c->ok && len > 0) {
        memcpy(c->ptr + c->at, bytes, len);
        c->at += len;
    }
}

static void put_number(cursor *c, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));
        put(c, &byte, 1);
    }
}

host_keyring_keys *host_keyring_keys_new(size_t slots)
{
    size_t size = sizeof(host_keyring_keys) + slots * sizeof(host_keyring_slot);
    /* sodium_malloc aligns the end of the region to the guard page, so the size is rounded. */
    host_keyring_keys *keys = sodium_malloc((size + 15) & ~(size_t)15);
    if (keys != NULL) {
        memset(keys, 0, size);
    }
    return keys;
}

host_keyring_keys *host_keyring_keys_copy(const host_keyring_keys *keys, size_t slots)
{
    host_keyring_keys *copy = host_keyring_keys_new(slots);
    if (copy != NULL) {
        memcpy(copy, keys, sizeof *keys + keys->slot_count * sizeof keys->slots[0]);
    }
    return copy;
}

static void compute_mac(const uint8_t *base, const uint8_t *bytes, size_t len,
                        uint8_t out[MAC_SIZE])
{
    static const char purpose[] = "dph key file mac";
    uint8_t key[HOST_KEYRING_KEY_SIZE];
    (void)crypto_generichash(key, sizeof key, (const uint8_t *)purpose, sizeof purpose - 1, base,
                             HOST_KEYRING_KEY_SIZE);
    (void)crypto_generichash(out, MAC_SIZE, bytes, len, key, sizeof key);
    sodium_memzero(key, sizeof key);
}

static void encode(cursor *c, const host_keyring_keys *keys)
{
    put(c, magic, sizeof magic);
    put_number(c, SUP_KEYRING_PLAIN, 4);
    put_number(c, 0, 4);
    put_number(c, keys->counter, 8);
    put(c, keys->base, sizeof keys->base);
    put_number(c, keys->root_count, 4);
    for (uint32_t i = 0; i < keys->root_count; i++) {
        put_number(c, keys->roots[i].number, 4);
        put(c, keys->roots[i].key, sizeof keys->roots[i].key);
    }
    put_number(c, keys->slot_count, 4);
    for (uint32_t i = 0; i < keys->slot_count; i++) {
        const host_keyring_slot *slot = &keys->slots[i];
        put_number(c, slot->plugin_len, 1);
        put(c, slot->plugin, slot->plugin_len);
        put_number(c, slot->name_len, 1);
        put(c, slot->name, slot->name_len);
        put(c, slot->key, sizeof slot->key);
    }
    uint8_t mac[MAC_SIZE];
    compute_mac(keys->base, c->ptr, c->at, mac);
    put(c, mac, sizeof mac);
}

bool host_keyring_file_encode(const host_keyring_keys *keys, host_secret *out, host_error *err)
{
    host_secret made = {0};
    size_t most = sizeof *keys + keys->slot_count * (sizeof keys->slots[0] + 2) + 128;
    if (!host_secret_init(&made, most)) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    cursor c = {made.ptr, made.cap, 0, true};
    encode(&c, keys);
    made.len = c.at;
    *out = made;
    return true;
}

/* The bytes as they go to disk. */
static bool make_file(const host_keyring_keys *keys, const host_keyring_seal *seal,
                      host_secret *out, host_error *err)
{
    host_secret plain = {0};
    if (!host_keyring_file_encode(keys, &plain, err)) {
        return false;
    }
    if (seal == NULL) {
        *out = plain;
        return true;
    }
    bool ok = host_keyring_seal_close(seal, &plain, out, err);
    host_secret_done(&plain);
    return ok;
}

bool host_keyring_file_write(const char *path, const host_keyring_keys *keys,
                             const host_keyring_seal *seal, host_error *err)
{
    host_secret bytes = {0};
    bool ok =
        make_file(keys, seal, &bytes, err) && host_file_write(path, bytes.ptr, bytes.len, err);
    host_secret_done(&bytes);
    return ok;
}

static bool verify_mac(const sup_keyring_view *view, const uint8_t *bytes)
{
    uint8_t expected[MAC_SIZE];
    compute_mac(view->base, bytes, view->covered, expected);
    return sodium_memcmp(expected, view->mac, MAC_SIZE) == 0;
}

static void copy_slots(const sup_keyring_view *view, host_keyring_keys *keys)
{
    sup_keyring_slot found;
    size_t at = 0;
    while (keys->slot_count < view->slot_count && sup_keyring_format_next(view, &at, &found)) {
        host_keyring_slot *slot = &keys->slots[keys->slot_count];
        slot->plugin_len = (uint8_t)found.plugin_len;
        slot->name_len = (uint8_t)found.name_len;
        memcpy(slot->plugin, found.plugin, found.plugin_len);
        memcpy(slot->name, found.name, found.name_len);
        memcpy(slot->key, found.key, sizeof slot->key);
        keys->slot_count++;
    }
}

static host_keyring_keys *copy_view(const sup_keyring_view *view)
{
    host_keyring_keys *keys = host_keyring_keys_new(view->slot_count);
    if (keys == NULL) {
        return NULL;
    }
    keys->counter = view->counter;
    memcpy(keys->base, view->base, sizeof keys->base);
    for (uint32_t i = 0; i < view->root_count; i++) {
        keys->roots[i].number = sup_keyring_format_number(view, i);
        memcpy(keys->roots[i].key, sup_keyring_format_root(view, keys->roots[i].number),
               sizeof keys->roots[i].key);
    }
    keys->root_count = view->root_count;
    copy_slots(view, keys);
    return keys;
}

static bool fail_format(const char *path, int result, host_error *err)
{
    if (result == SUP_KEYRING_FOREIGN) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "%s is not a key file.", path);
    }
    if (result == SUP_KEYRING_NEWER) {
        return host_error_set(err, DPH_E_UNSUPPORTED, 0,
                              "The key file %s was written by a newer version.", path);
    }
    return host_error_set(err, DPH_E_CORRUPT, 0, "The key file %s is cut short or was altered.",
                          path);
}

bool host_keyring_file_decode(const char *path, const host_secret *bytes, host_keyring_keys **out,
                              host_error *err)
{
    sup_keyring_view view;
    int result = sup_keyring_format_read(bytes->ptr, bytes->len, &view);
    if (result == SUP_KEYRING_OK && !verify_mac(&view, bytes->ptr)) {
        result = SUP_KEYRING_DAMAGED;
    }
    if (result != SUP_KEYRING_OK) {
        return fail_format(path, result, err);
    }
    *out = copy_view(&view);
    return *out != NULL ? true : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

static bool open_sealed(const char *path, const host_secret *passphrase, host_secret *bytes,
                        host_keyring_seal **out_seal, host_error *err)
{
    sup_keyring_seal found;
    host_keyring_seal *seal = NULL;
    host_secret plain = {0};
    int result = sup_keyring_format_read_seal(bytes->ptr, bytes->len, &found);
    if (result != SUP_KEYRING_OK) {
        return fail_format(path, result, err);
    }
    if (!host_keyring_seal_of(&found, passphrase, &seal, err)) {
        return false;
    }
    if (!host_keyring_seal_open(seal, bytes, &plain, err)) {
        sodium_free(seal);
        return false;
    }
    host_secret_done(bytes);
    *bytes = plain;
    *out_seal = seal;
    return true;
}

bool host_keyring_file_read(const char *path, const host_secret *passphrase,
                            host_keyring_keys **out, host_keyring_seal **out_seal, host_error *err)
{
    host_secret bytes = {0};
    host_keyring_seal *seal = NULL;
    uint32_t format = 0;
    if (!host_file_read(path, HOST_KEYRING_FILE_MAX, true, &bytes, err)) {
        return false;
    }
    int result = sup_keyring_format_of(bytes.ptr, bytes.len, &format);
    bool ok = result == SUP_KEYRING_OK ? true : fail_format(path, result, err);
    if (ok && format == SUP_KEYRING_SEALED) {
        ok = open_sealed(path, passphrase, &bytes, &seal, err);
    }
    ok = ok && host_keyring_file_decode(path, &bytes, out, err);
    host_secret_done(&bytes);
    if (!ok) {
        sodium_free(seal);
        return false;
    }
    *out_seal = seal;
    return true;
}

/* Takes keys and seal. */
static bool make_ring(const char *path, host_keyring_keys *keys, host_keyring_seal *seal,
                      host_keyring **out, host_error *err)
{
    host_keyring *ring = calloc(1, sizeof *ring);
    char *copy = malloc(strlen(path) + 1);
    if (ring == NULL || copy == NULL) {
        free(ring);
        free(copy);
        sodium_free(keys);
        sodium_free(seal);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    memcpy(copy, path, strlen(path) + 1);
    *ring = (host_keyring){.path = copy, .keys = keys, .seal = seal};
    (void)pthread_mutex_init(&ring->lock, NULL);
    *out = ring;
    return true;
}

bool host_keyring_open_sealed(const char *path, const host_secret *passphrase, host_keyring **out,
                              host_error *err)
{
    host_keyring_keys *keys = NULL;
    host_keyring_seal *seal = NULL;
    return host_keyring_file_read(path, passphrase, &keys, &seal, err) &&
           make_ring(path, keys, seal, out, err);
}

bool host_keyring_open(const char *path, host_keyring **out, host_error *err)
{
    return host_keyring_open_sealed(path, NULL, out, err);
}

bool host_keyring_create_protected(const char *path, const host_keyring_protection *protection,
                                   host_keyring **out, host_error *err)
{
    host_keyring_seal *seal = NULL;
    host_secret bytes = {0};
    if (protection->kind != 0 && !host_keyring_seal_make(protection, &seal, err)) {
        return false;
    }
    host_keyring_keys *keys = host_keyring_keys_new(0);
    if (keys == NULL) {
        sodium_free(seal);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    randombytes_buf(keys->base, sizeof keys->base);
    keys->root_count = 1;
    keys->roots[0].number = 1;
    randombytes_buf(keys->roots[0].key, sizeof keys->roots[0].key);
    bool ok =
        make_file(keys, seal, &bytes, err) && host_file_create(path, bytes.ptr, bytes.len, err);
    host_secret_done(&bytes);
    if (!ok) {
        sodium_free(keys);
        sodium_free(seal);
        return false;
    }
    return make_ring(path, keys, seal, out, err);
}

bool host_keyring_create(const char *path, host_keyring **out, host_error *err)
{
    const host_keyring_protection plain = {.kind = 0};
    return host_keyring_create_protected(path, &plain, out, err);
}

void host_keyring_close(host_keyring *ring)
{
    if (ring == NULL) {
        return;
    }
    sodium_free(ring->keys);
    sodium_free(ring->seal);
    (void)pthread_mutex_destroy(&ring->lock);
    free(ring->path);
    free(ring);
}
