/* SPDX-License-Identifier: Apache-2.0
 *
 * For keyring.c: the keys in memory and their file. */
#ifndef HOST_KEYRING_FILE_H
#define HOST_KEYRING_FILE_H

#include "sample-host/src/keyring.h"

#include <pthread.h>

#define HOST_KEYRING_ROOTS_MAX 64u
#define HOST_KEYRING_SLOTS_MAX 65536u
#define HOST_KEYRING_NAME_MAX 128

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
};

/* Room for `slots` slots, all zero. NULL when memory runs out. sodium_free ends it. */
host_keyring_keys *host_keyring_keys_new(size_t slots);
/* A copy with room for `slots` slots, at least as many as it has. */
host_keyring_keys *host_keyring_keys_copy(const host_keyring_keys *keys, size_t slots);
/* Replaces the file, durably. */
bool host_keyring_file_write(const char *path, const host_keyring_keys *keys, host_error *err);

#endif
