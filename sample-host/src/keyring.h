/* SPDX-License-Identifier: Apache-2.0
 *
 * The root key file: random keys outside the store and its backups. Knows no plugin beyond its id
 * and nothing of what the keys protect.
 *
 * The file's bytes are in docs/keyring-format.md. The base key never changes: it makes the keys
 * that no rotation may change, and the check value by which a data directory knows its own key
 * file. */
#ifndef HOST_KEYRING_H
#define HOST_KEYRING_H

#include "dph/base.h"
#include "sample-host/src/base/host_error.h"
#include "sample-host/src/keyring_seal.h"

#define HOST_KEYRING_KEY_SIZE 32
#define HOST_KEYRING_CHECK_SIZE 32

typedef struct host_keyring host_keyring;

/* Name of a key in the name space of one plugin. */
typedef struct host_keyring_name {
    dph_str plugin;
    dph_str label;
} host_keyring_name;

#define HOST_KEYRING_GENERATIONS_MAX SUP_KEYRING_ROOTS_MAX

/* What may be told about a key file: no key. */
typedef struct host_keyring_facts {
    const char *path;   /* valid until the ring is closed */
    const char *source; /* "key file", "passphrase" or "credential" */
    uint64_t counter;   /* grows with every change of the file */
    uint32_t slot_count;
    uint32_t generation_count;
    uint32_t generations[HOST_KEYRING_GENERATIONS_MAX]; /* oldest first */
} host_keyring_facts;

/* Makes a new key file; CONFLICT when `path` exists. */
bool host_keyring_create(const char *path, host_keyring **out, host_error *err);
/* The same with a seal around it, or without. Errors as host_keyring_seal_make. */
bool host_keyring_create_protected(const char *path, const host_keyring_protection *protection,
                                   host_keyring **out, host_error *err);
/* Opens one. Refused when others may read it (DENIED), when it is not a key file, is cut or was
 * altered (CORRUPT), or was written by a newer version (UNSUPPORTED). */
bool host_keyring_open(const char *path, host_keyring **out, host_error *err);
/* The same for any source; `passphrase` may be NULL when none is at hand. Errors beside those: as
 * host_keyring_seal_of and host_keyring_seal_open. */
bool host_keyring_open_sealed(const char *path, const host_secret *passphrase, host_keyring **out,
                              host_error *err);
/* Wipes. NULL-safe. */
void host_keyring_close(host_keyring *ring);

/* The value that a data directory stores about its key file: not secret. */
void host_keyring_check_value(host_keyring *ring, uint8_t out[HOST_KEYRING_CHECK_SIZE]);
uint32_t host_keyring_generation(host_keyring *ring);
void host_keyring_describe(host_keyring *ring, host_keyring_facts *out);
/* Adds a generation, which is the newest from then on; durable when it returns true. TOO_LARGE. */
bool host_keyring_add_generation(host_keyring *ring, uint32_t *out, host_error *err);
/* Forgets every generation older than `oldest_kept`, durably. Fine when there is none. The newest
 * one always stays. */
bool host_keyring_retire(host_keyring *ring, uint32_t oldest_kept, host_error *err);
/* Writes the file anew under another seal, durably; the keys stay. Killed, the file is the old one
 * or the new one. NULL in *seal = none, the file is readable by its owner; what was there before
 * comes back in it for the caller to sodium_free. */
bool host_keyring_protect(host_keyring *ring, host_keyring_seal **seal, host_error *err);
/* The bytes of a plain key file with all of it, and its counter. */
bool host_keyring_export(host_keyring *ring, host_secret *out, uint64_t *out_counter,
                         host_error *err);
/* Reads the file again and compares it with what is in use. CORRUPT when they differ. */
bool host_keyring_verify(host_keyring *ring, host_error *err);
/* As dph.keyring/1. INVALID, NOT_FOUND. */
bool host_keyring_derive(host_keyring *ring, const host_keyring_name *name, uint32_t generation,
                         uint8_t *out, size_t out_len, host_error *err);
bool host_keyring_slot_make(host_keyring *ring, const host_keyring_name *name, host_error *err);
bool host_keyring_slot_get(host_keyring *ring, const host_keyring_name *name,
                           uint8_t out[HOST_KEYRING_KEY_SIZE], host_error *err);
bool host_keyring_slot_destroy(host_keyring *ring, const host_keyring_name *name, host_error *err);

#endif
