/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of sealed state: the index key, and one data key per (tenant, organization or none),
 * stored wrapped in rows of kind 'W' and cached in guarded memory. Thread-safe. Knows the ports;
 * must not know what is sealed. */
#ifndef BKEY_VAULT_H
#define BKEY_VAULT_H

#include "base/ports.h"
#include "base/secret.h"
#include "state/keys.h"

#define BKEY_VAULT_SIGN_SLOT "audit-sign" /* what signs audit heads and seals journals */
#define BKEY_VAULT_WRAP_LEN 78u           /* of a wrapped key's value */

typedef struct bkey_vault bkey_vault;

/* Whose rows: passed to everything that reads or writes sealed state. */
typedef struct bkey_place {
    bkey_vault *vault;
    const bkey_call *call;
    sup_guid tenant;             /* zero = what belongs to no tenant */
    const char *organization_id; /* "" = none */
} bkey_place;

/* Derives the index key and makes the keyring slots of "none" and of the audit, so that later lanes
 * need not; call it where slot_make is allowed (control or sync lane). ports and slab outlive the
 * vault. Takes one slot of the slab for the vault's life. Errors: KEYRING, NOMEM, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_vault_new(const bkey_ports *ports, bkey_slab *slab,
                                        bkey_vault **out_vault);
/* Wipes. NULL-safe, sets NULL. */
void bkey_vault_free(bkey_vault **vault);

/* Makes sure that the place has a data key: its organization's slot is made durable first, then
 * the wrapped key, its canary and the place's name are written by an apply of its own (three rows,
 * once for ever; the root place has two, and is made sure of first). To be called before
 * the first value of a place is sealed; cheap when the key is known. Blocks. On the hook lane it
 * works for organizations whose slot exists ("none" always). Errors: KEYRING, SEAL, NEWER_FORMAT,
 * and those of the ports. */
BKEY_MUST_CHECK bkey_err bkey_vault_ensure(const bkey_place *place);

/* The place's data key, as a secret of 32 bytes for the caller to free. NO_STATE when the place
 * has none yet; KEYRING when its slot is gone; SEAL when the wrapped key does not open. */
BKEY_MUST_CHECK bkey_err bkey_vault_data_key(const bkey_place *place, bkey_secret **out_key);

/* The generation of the root under which the place's data key is wrapped; NO_STATE. */
BKEY_MUST_CHECK bkey_err bkey_vault_generation(const bkey_place *place, uint32_t *out_generation);
typedef struct bkey_rewrapped {
    uint8_t key[BKEY_STATE_KEY_LEN];
    uint8_t value[BKEY_VAULT_WRAP_LEN];
    uint64_t expect_revision;
} bkey_rewrapped;
/* The place's data key wrapped under `generation` as the successor of its row; to be put by the
 * caller. The key itself stays, and with it every value. Errors as for bkey_vault_data_key. */
BKEY_MUST_CHECK bkey_err bkey_vault_rewrap(const bkey_place *place, uint32_t generation,
                                           bkey_rewrapped *out_row);

/* Forgets cached data keys; the next use reads them again. */
void bkey_vault_forget(bkey_vault *vault);

/* Derivations of state/keys.h under the vault's index key. */
void bkey_vault_row_key(const bkey_place *place, uint8_t kind, bkey_bytes id,
                        uint8_t out[BKEY_STATE_KEY_LEN]);
void bkey_vault_prefix(const bkey_place *place, uint8_t kind, uint8_t out[BKEY_PREFIX_LEN]);
void bkey_vault_tag(const bkey_place *place, uint8_t out[BKEY_KEY_TAG_LEN]);
const bkey_ports *bkey_vault_ports(const bkey_vault *vault);
bkey_slab *bkey_vault_slab(const bkey_vault *vault);

#endif
