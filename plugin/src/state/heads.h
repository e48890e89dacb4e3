/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed head of an audit chain as one line of text, to be kept outside the store, and the line
 * that answers for heads whose entries a restore left behind. Ed25519; the secret key comes from a
 * keyring slot, the line names the public one. Knows no store. */
#ifndef BKEY_HEADS_H
#define BKEY_HEADS_H

#include "state/chain.h"

#define BKEY_HEADS_CHAIN_LEN 16u /* H(organization), as in state keys */
#define BKEY_HEADS_KEY_LEN 32u   /* the public key */
#define BKEY_HEADS_SIGNATURE_LEN 64u
#define BKEY_HEADS_LINE_SIZE 512u /* with the zero byte at its end; no line feed */

typedef struct bkey_head_line {
    uint8_t chain[BKEY_HEADS_CHAIN_LEN];
    bkey_chain_point point;
    int64_t time_ms;
    uint8_t signature[BKEY_HEADS_SIGNATURE_LEN]; /* filled by reading */
} bkey_head_line;

/* The heads of `chain` from `first` to `last`, as old as this or older, count no more: that entry
 * says who decided so, and why. */
typedef struct bkey_gap_line {
    uint8_t chain[BKEY_HEADS_CHAIN_LEN];
    uint64_t first;
    uint64_t last;
    int64_t time_ms;
    uint8_t entry_chain[BKEY_HEADS_CHAIN_LEN]; /* another when `chain` can take no entry */
    bkey_chain_point entry;
} bkey_gap_line;

/* The public key. KEYRING when the slot cannot be read. */
BKEY_MUST_CHECK bkey_err bkey_heads_public(const bkey_vault *vault,
                                           uint8_t out[BKEY_HEADS_KEY_LEN]);
/* Writes the signed line, terminated. KEYRING, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_heads_sign(const bkey_vault *vault, const bkey_head_line *head,
                                         char out[BKEY_HEADS_LINE_SIZE]);
/* False when the line is no head, names another key, or is not written as we write it. The
 * signature is not looked at: that is most of the work, and few heads decide anything. */
bool bkey_heads_read(const char *line, size_t len, const uint8_t public_key[BKEY_HEADS_KEY_LEN],
                     bkey_head_line *out);
bool bkey_heads_is_genuine(const bkey_head_line *head,
                           const uint8_t public_key[BKEY_HEADS_KEY_LEN]);
/* Writes the signed line, terminated. KEYRING, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_heads_sign_gap(const bkey_vault *vault, const bkey_gap_line *gap,
                                             char out[BKEY_HEADS_LINE_SIZE]);
/* False when the line is no such line, names another key, or was altered. */
bool bkey_heads_read_gap(const char *line, size_t len, const uint8_t public_key[BKEY_HEADS_KEY_LEN],
                         bkey_gap_line *out);

#endif
