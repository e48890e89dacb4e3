/* SPDX-License-Identifier: Apache-2.0
 *
 * The key file's format, read and written in guarded memory only. */
#include "sample-host/src/keyring_file.h"

#include "sample-host/src/base/os_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MAC_SIZE 32u
#define FILE_MAX (32u * 1024 * 1024)
#define FORMAT 1u

static const char magic[8] = {'D', 'P', 'H', 'K', 'E', 'Y', 'R', '1'};

/* Walks guarded memory; `ok` turns false at the first step over the end. */
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

static void get(cursor *c, void *out, size_t len)
{
    c->ok = c->ok && c->len - c->at >= len;
    if (c->ok && len > 0) {
        memcpy(out, c->ptr + c->at, len);
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

static uint64_t get_number(cursor *c, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = 0;
        get(c, &byte, 1);
        value |= (uint64_t)byte << (8 * i);
    }
    return value;
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

static void compute_mac(const uint8_t *base, const cursor *c, uint8_t out[MAC_SIZE])
{
    static const char purpose[] = "dph key file mac";
    uint8_t key[HOST_KEYRING_KEY_SIZE];
    (void)crypto_generichash(key, sizeof key, (const uint8_t *)purpose, sizeof purpose - 1, base,
                             HOST_KEYRING_KEY_SIZE);
    (void)crypto_generichash(out, MAC_SIZE, c->ptr, c->at, key, sizeof key);
    sodium_memzero(key, sizeof key);
}

static void encode(cursor *c, const host_keyring_keys *keys)
{
    put(c, magic, sizeof magic);
    put_number(c, FORMAT, 4);
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
    compute_mac(keys->base, c, mac);
    put(c, mac, sizeof mac);
}

static bool encode_new(const host_keyring_keys *keys, host_secret *out, host_error *err)
{
    size_t most = sizeof *keys + keys->slot_count * (sizeof keys->slots[0] + 2) + 128;
    if (!host_secret_init(out, most)) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    cursor c = {out->ptr, out->cap, 0, true};
    encode(&c, keys);
    out->len = c.at;
    return true;
}

bool host_keyring_file_write(const char *path, const host_keyring_keys *keys, host_error *err)
{
    host_secret bytes = {0};
    bool ok = encode_new(keys, &bytes, err) && host_file_write(path, bytes.ptr, bytes.len, err);
    host_secret_done(&bytes);
    return ok;
}

static void decode_slots(cursor *c, host_keyring_keys *keys)
{
    for (uint32_t i = 0; c->ok && i < keys->slot_count; i++) {
        host_keyring_slot *slot = &keys->slots[i];
        slot->plugin_len = (uint8_t)get_number(c, 1);
        c->ok = c->ok && slot->plugin_len <= HOST_KEYRING_NAME_MAX;
        get(c, slot->plugin, slot->plugin_len);
        slot->name_len = (uint8_t)get_number(c, 1);
        c->ok = c->ok && slot->name_len <= HOST_KEYRING_NAME_MAX;
        get(c, slot->name, slot->name_len);
        get(c, slot->key, sizeof slot->key);
    }
}

/* Reads all but slots into `head`, whose slot_count it sets. */
static void decode_head(cursor *c, host_keyring_keys *head)
{
    head->counter = get_number(c, 8);
    get(c, head->base, sizeof head->base);
    head->root_count = (uint32_t)get_number(c, 4);
    c->ok = c->ok && head->root_count >= 1 && head->root_count <= HOST_KEYRING_ROOTS_MAX;
    for (uint32_t i = 0; c->ok && i < head->root_count; i++) {
        head->roots[i].number = (uint32_t)get_number(c, 4);
        get(c, head->roots[i].key, sizeof head->roots[i].key);
    }
    head->slot_count = (uint32_t)get_number(c, 4);
    c->ok = c->ok && head->slot_count <= HOST_KEYRING_SLOTS_MAX;
}

static bool verify_mac(const host_keyring_keys *keys, cursor *c)
{
    uint8_t expected[MAC_SIZE];
    uint8_t found[MAC_SIZE];
    compute_mac(keys->base, c, expected);
    get(c, found, sizeof found);
    return c->ok && c->at == c->len && sodium_memcmp(expected, found, MAC_SIZE) == 0;
}

static host_keyring_keys *decode_keys(cursor *c)
{
    host_keyring_keys *head = host_keyring_keys_new(0);
    host_keyring_keys *keys = NULL;
    if (head != NULL) {
        decode_head(c, head);
    }
    if (head != NULL && c->ok) {
        keys = host_keyring_keys_new(head->slot_count);
    }
    if (keys != NULL) {
        memcpy(keys, head, sizeof *head);
        decode_slots(c, keys);
        if (!c->ok || !verify_mac(keys, c)) {
            sodium_free(keys);
            keys = NULL;
        }
    }
    sodium_free(head);
    return keys;
}

static bool decode(const char *path, const host_secret *bytes, host_keyring_keys **out,
                   host_error *err)
{
    cursor c = {bytes->ptr, bytes->len, 0, true};
    char found[sizeof magic] = {0};
    get(&c, found, sizeof found);
    if (!c.ok || memcmp(found, magic, sizeof magic) != 0) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "%s is not a key file.", path);
    }
    uint64_t format = get_number(&c, 4);
    uint64_t flags = get_number(&c, 4);
    if (c.ok && (format != FORMAT || flags != 0)) {
        return host_error_set(err, DPH_E_UNSUPPORTED, 0,
                              "The key file %s was written by a newer version.", path);
    }
    *out = decode_keys(&c);
    return *out != NULL ? true
                        : host_error_set(err, DPH_E_CORRUPT, 0,
                                         "The key file %s is cut short or was altered.", path);
}

static host_keyring *make_ring(const char *path, host_keyring_keys *keys)
{
    host_keyring *ring = calloc(1, sizeof *ring);
    char *copy = malloc(strlen(path) + 1);
    if (ring == NULL || copy == NULL) {
        free(ring);
        free(copy);
        sodium_free(keys);
        return NULL;
    }
    memcpy(copy, path, strlen(path) + 1);
    ring->path = copy;
    ring->keys = keys;
    (void)pthread_mutex_init(&ring->lock, NULL);
    return ring;
}

bool host_keyring_open(const char *path, host_keyring **out, host_error *err)
{
    host_secret bytes = {0};
    host_keyring_keys *keys = NULL;
    if (!host_file_read(path, FILE_MAX, true, &bytes, err)) {
        return false;
    }
    bool ok = decode(path, &bytes, &keys, err);
    host_secret_done(&bytes);
    if (!ok) {
        return false;
    }
    *out = make_ring(path, keys);
    return *out != NULL ? true : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

bool host_keyring_create(const char *path, host_keyring **out, host_error *err)
{
    host_keyring_keys *keys = host_keyring_keys_new(0);
    host_secret bytes = {0};
    if (keys == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    randombytes_buf(keys->base, sizeof keys->base);
    keys->root_count = 1;
    keys->roots[0].number = 1;
    randombytes_buf(keys->roots[0].key, sizeof keys->roots[0].key);
    bool ok = encode_new(keys, &bytes, err) && host_file_create(path, bytes.ptr, bytes.len, err);
    host_secret_done(&bytes);
    if (!ok) {
        sodium_free(keys);
        return false;
    }
    *out = make_ring(path, keys);
    return *out != NULL ? true : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

void host_keyring_close(host_keyring *ring)
{
    if (ring == NULL) {
        return;
    }
    sodium_free(ring->keys);
    (void)pthread_mutex_destroy(&ring->lock);
    free(ring->path);
    free(ring);
}
