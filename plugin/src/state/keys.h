/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a row lies and which key seals it: pure derivations by keyed BLAKE2b over length-prefixed
 * inputs. Knows no store and no record's content. The results are final: changing one loses rows.
 */
#ifndef BKEY_KEYS_H
#define BKEY_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/ports.h"
#include "support/guid.h"

#define BKEY_STATE_KEY_LEN 33u /* kind, H(organization), H(tenant, id) */
#define BKEY_PREFIX_LEN 17u    /* kind, H(organization): all rows of a kind in an organization */
#define BKEY_KEY_TAG_LEN 8u
#define BKEY_SYMMETRIC_LEN 32u
#define BKEY_SLOT_NAME_SIZE 40u
#define BKEY_ORGANIZATION_MAX 256u /* bytes of an organization's id; the host's are shorter */

/* Kinds of rows; the first byte of every state key. */
#define BKEY_KIND_CONNECTION ((uint8_t)'C')
#define BKEY_KIND_CREDENTIAL ((uint8_t)'T')
#define BKEY_KIND_HELD ((uint8_t)'K')
#define BKEY_KIND_SECRET ((uint8_t)'S')
#define BKEY_KIND_DECISION ((uint8_t)'D')
#define BKEY_KIND_EVIDENCE ((uint8_t)'M')
#define BKEY_KIND_AUDIT ((uint8_t)'A')
#define BKEY_KIND_AUDIT_HEAD ((uint8_t)'H')
#define BKEY_KIND_WRAPPED ((uint8_t)'W')
#define BKEY_KIND_CANARY ((uint8_t)'Y')
#define BKEY_KIND_PLACE ((uint8_t)'P')
#define BKEY_KIND_DEVICE ((uint8_t)'E')
#define BKEY_KIND_JOURNAL ((uint8_t)'J')
#define BKEY_KIND_FINDINGS ((uint8_t)'F')
#define BKEY_KIND_SIGNIN ((uint8_t)'L')
#define BKEY_KIND_IMPORTED ((uint8_t)'I')
/* All of them: what is in this list is put through every test of tampering. */
#define BKEY_KINDS "CTKSDMAHWYPEJFLI"

/* What names a place in rows: the part of their keys that tells the organization, and the mark by
 * which a sealed value names its data key without saying whose it is. */
typedef struct bkey_place_names {
    uint8_t organization[BKEY_PREFIX_LEN - 1u];
    uint8_t tag[BKEY_KEY_TAG_LEN];
} bkey_place_names;
void bkey_keys_names(const uint8_t index_key[32], const sup_guid *tenant,
                     const char *organization_id, bkey_place_names *out_names);
/* The last part of a row's key: what tells the row in its organization. */
void bkey_keys_row_end(const uint8_t index_key[32], const sup_guid *tenant, bkey_bytes id,
                       uint8_t out[BKEY_STATE_KEY_LEN - BKEY_PREFIX_LEN]);

/* Writes the key of a row. organization_id "" = none. */
void bkey_keys_row(const uint8_t index_key[32], uint8_t kind, const char *organization_id,
                   const sup_guid *tenant, bkey_bytes id, uint8_t out[BKEY_STATE_KEY_LEN]);
/* The start of all keys of that kind in that organization, whatever the tenant. */
void bkey_keys_prefix(const uint8_t index_key[32], uint8_t kind, const char *organization_id,
                      uint8_t out[BKEY_PREFIX_LEN]);
/* The keyring slot of an organization: "org/" and hex of a keyed hash; "org/none" for "". */
void bkey_keys_slot(const uint8_t index_key[32], const char *organization_id,
                    char out[BKEY_SLOT_NAME_SIZE]);
/* The key that wraps the data keys of an organization. The caller wipes it. */
void bkey_keys_wrapping(const uint8_t generation_key[32], const char *organization_id,
                        const uint8_t slot_key[32], uint8_t out[BKEY_SYMMETRIC_LEN]);

#endif
