/* SPDX-License-Identifier: Apache-2.0
 *
 * For keyring.c: the keys in memory and their file. */
#ifndef HOST_KEYRING_FILE_H
#define HOST_KEYRING_FILE_H

#include "sample-host/src/keyring.h"
#include "sample-host/src/keyring_seal.h"

#include <pthread.h>

#define HOST_KEYRING_ROOTS_MAX SUP_KEYRING_ROOTS_MAX
#define HOST_KEYRING_SLOTS_MAX SUP_KEYRING_SLOTS_MAX
#define HOST_KEYRING_NAME_MAX 128
#define HOST_KEYRING_FILE_MAX (32u * 1024 * 1024)

typedef struct host_keyring_root {
    uint32_t number;
    uint8_t key[HOST_KEYRING_KEY_SIZE];
} host_keyring_root;

typedef struct host_keyring_slot {
    uint8_t plugin_len;
    uint8_t name_len;
    char plugin[HOST_KEYRING_NAME_MAX];
    char name[HOST_KEYRING_NAME_MAX];
    uint8_t key[HOST_KEYRING_KEY_SIZE];
} host_keyring_slot;

/* In sodium_malloc memory, slots included. */
typedef struct host_keyring_keys {
    uint64_t counter;
    uint8_t base[HOST_KEYRING_KEY_SIZE];
    uint32_t root_count;
    host_keyring_root roots[HOST_KEYRING_ROOTS_MAX];
    uint32_t slot_count;
    host_keyring_slot slots[];
} host_keyring_keys;

struct host_keyring {
    pthread_mutex_t lock;
    char *path;
    host_keyring_keys *keys;
    host_keyring_seal *seal; /* NULL = the file is plain */
};

/* Room for `slots` slots, all zero. NULL when memory runs out. sodium_free ends it. */
host_keyring_keys *host_keyring_keys_new(size_t slots);
/* A copy with room for `slots` slots, at least as many as it has. */
host_keyring_keys *host_keyring_keys_copy(const host_keyring_keys *keys, size_t slots);
/* The bytes of a plain file. */
bool host_keyring_file_encode(const host_keyring_keys *keys, host_secret *out, host_error *err);
/* The keys of a plain file; `path` is for the sentence. CORRUPT, UNSUPPORTED. sodium_free ends
 * them. */
bool host_keyring_file_decode(const char *path, const host_secret *bytes, host_keyring_keys **out,
                              host_error *err);
/* Reads a key file of either form. `passphrase` may be NULL; *out_seal is NULL for a plain one. */
bool host_keyring_file_read(const char *path, const host_secret *passphrase,
                            host_keyring_keys **out, host_keyring_seal **out_seal, host_error *err);
/* Replaces the file, durably; `seal` NULL = plain. */
bool host_keyring_file_write(const char *path, const host_keyring_keys *keys,
                             const host_keyring_seal *seal, host_error *err);

#endif
