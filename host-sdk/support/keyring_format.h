/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a key file (docs/keyring-format.md): where each part lies. Pure; verifies no MAC and
 * opens nothing, so that whoever holds the bytes does that with the library of his choice. Results
 * point into the bytes that were given. */
#ifndef SUP_KEYRING_FORMAT_H
#define SUP_KEYRING_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUP_KEYRING_PLAIN 1u  /* format: the keys as they are */
#define SUP_KEYRING_SEALED 2u /* format: a plain key file inside a seal */

#define SUP_KEYRING_KEY_LEN 32u
#define SUP_KEYRING_MAC_LEN 32u
#define SUP_KEYRING_SALT_LEN 16u
#define SUP_KEYRING_NONCE_LEN 24u
#define SUP_KEYRING_TAG_LEN 16u
#define SUP_KEYRING_ROOTS_MAX 64u
#define SUP_KEYRING_SLOTS_MAX 65536u
#define SUP_KEYRING_NAME_MAX 128u
#define SUP_KEYRING_SEAL_HEAD_MAX (49u + SUP_KEYRING_NAME_MAX + SUP_KEYRING_NONCE_LEN)

/* What the key of a seal is made from. */
#define SUP_KEYRING_BY_PASSPHRASE 1u
#define SUP_KEYRING_BY_CREDENTIAL 2u
#define SUP_KEYRING_BY_SHARES 3u

/* Results. */
#define SUP_KEYRING_OK 0
#define SUP_KEYRING_FOREIGN 1 /* no key file at all */
#define SUP_KEYRING_NEWER 2   /* of a newer version */
#define SUP_KEYRING_DAMAGED 3 /* cut short, or with numbers that cannot be */

typedef struct sup_keyring_view {
    uint64_t counter;
    const uint8_t *base; /* SUP_KEYRING_KEY_LEN bytes; also the source of the MAC's key */
    uint32_t root_count;
    const uint8_t *roots; /* per generation number u32 and key */
    uint32_t slot_count;
    const uint8_t *slots;
    size_t covered;     /* bytes that the MAC covers, from the start of the file */
    const uint8_t *mac; /* SUP_KEYRING_MAC_LEN bytes */
} sup_keyring_view;

typedef struct sup_keyring_slot {
    const uint8_t *plugin;
    size_t plugin_len;
    const uint8_t *name;
    size_t name_len;
    const uint8_t *key; /* SUP_KEYRING_KEY_LEN bytes */
} sup_keyring_slot;

typedef struct sup_keyring_seal {
    uint32_t kind;         /* SUP_KEYRING_BY_* */
    uint64_t passes;       /* Argon2id, with SUP_KEYRING_BY_PASSPHRASE; 0 otherwise */
    uint64_t memory;       /* bytes; likewise */
    const uint8_t *salt;   /* SUP_KEYRING_SALT_LEN bytes */
    const uint8_t *name;   /* of the credential; length 0 otherwise */
    size_t name_len;       /* at most SUP_KEYRING_NAME_MAX */
    const uint8_t *nonce;  /* SUP_KEYRING_NONCE_LEN bytes */
    size_t head_len;       /* all before the sealed bytes: the additional data */
    const uint8_t *sealed; /* ciphertext and tag */
    size_t sealed_len;
} sup_keyring_seal;

/* Tells the format of a file. FOREIGN, NEWER, DAMAGED. */
int sup_keyring_format_of(const uint8_t *bytes, size_t len, uint32_t *out_format);
/* Finds the parts of a plain file; every slot was walked. The MAC is the caller's to verify. */
int sup_keyring_format_read(const uint8_t *bytes, size_t len, sup_keyring_view *out);
/* The key of that generation, or NULL. */
const uint8_t *sup_keyring_format_root(const sup_keyring_view *view, uint32_t generation);
/* Number of the root at `index`, below root_count. */
uint32_t sup_keyring_format_number(const sup_keyring_view *view, uint32_t index);
/* The next slot; *at starts at 0. False behind the last. */
bool sup_keyring_format_next(const sup_keyring_view *view, size_t *at, sup_keyring_slot *out);
/* Finds the parts of a sealed file. */
int sup_keyring_format_read_seal(const uint8_t *bytes, size_t len, sup_keyring_seal *out);
/* Writes the head of a sealed file; returns its length. */
size_t sup_keyring_format_write_seal(const sup_keyring_seal *seal,
                                     uint8_t out[SUP_KEYRING_SEAL_HEAD_MAX]);

#endif
