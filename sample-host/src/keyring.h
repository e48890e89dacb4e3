/* SPDX-License-Identifier: Apache-2.0
 *
 * The root key file: random keys outside the store and its backups. Knows no plugin beyond its id
 * and nothing of what the keys protect.
 *
 * File, little endian: magic "DPHKEYR1", format u32, flags u32 (0), counter u64, base key 32,
 * generation count u32, then per generation number u32 and root 32, slot count u32, then per slot
 * plugin length u8, plugin, name length u8, name, key 32; last a keyed BLAKE2b-256 over all before
 * it. The base key never changes: it makes the keys that no rotation may change, and the check
 * value by which a data directory knows its own key file. */
#ifndef HOST_KEYRING_H
#define HOST_KEYRING_H

#include "dph/base.h"
#include "sample-host/src/base/host_error.h"

#define HOST_KEYRING_KEY_SIZE 32
#define HOST_KEYRING_CHECK_SIZE 32

typedef struct host_keyring host_keyring;

/* Name of a key in the name space of one plugin. */
typedef struct host_keyring_name {
    dph_str plugin;
    dph_str label;
} host_keyring_name;

/* Makes a new key file; CONFLICT when `path` exists. */
bool host_keyring_create(const char *path, host_keyring **out, host_error *err);
/* Opens one. Refused when others may read it (DENIED), when it is not a key file, is cut or was
 * altered (CORRUPT), or was written by a newer version (UNSUPPORTED). */
bool host_keyring_open(const char *path, host_keyring **out, host_error *err);
/* Wipes. NULL-safe. */
void host_keyring_close(host_keyring *ring);

/* The value that a data directory stores about its key file: not secret. */
void host_keyring_check_value(host_keyring *ring, uint8_t out[HOST_KEYRING_CHECK_SIZE]);
uint32_t host_keyring_generation(host_keyring *ring);
/* As dph.keyring/1. INVALID, NOT_FOUND. */
bool host_keyring_derive(host_keyring *ring, const host_keyring_name *name, uint32_t generation,
                         uint8_t *out, size_t out_len, host_error *err);
bool host_keyring_slot_make(host_keyring *ring, const host_keyring_name *name, host_error *err);
bool host_keyring_slot_get(host_keyring *ring, const host_keyring_name *name,
                           uint8_t out[HOST_KEYRING_KEY_SIZE], host_error *err);
bool host_keyring_slot_destroy(host_keyring *ring, const host_keyring_name *name, host_error *err);

#endif
