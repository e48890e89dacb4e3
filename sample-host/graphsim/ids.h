/* SPDX-License-Identifier: Apache-2.0
 *
 * GUIDs that stand for a row number and can be turned back into it, so that a million generated
 * rows need no index. Also all other pseudo-random bits of generated data. */
#ifndef SIM_IDS_H
#define SIM_IDS_H

#include "support/guid.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_IDS_KEY_SIZE 16

/* Derives the key of one kind of id from the seed. */
void sim_ids_key(uint64_t seed, uint32_t tenant, const char *kind, uint8_t out[SIM_IDS_KEY_SIZE]);
/* The version-4 GUID of row `index`; 36 characters and a zero byte. */
void sim_ids_make(const uint8_t key[SIM_IDS_KEY_SIZE], uint32_t index,
                  char out[SUP_GUID_TEXT_LEN + 1]);
/* The row whose GUID this is (any letter case). False when it is none that this key made. */
bool sim_ids_find(const uint8_t key[SIM_IDS_KEY_SIZE], const char *text, uint32_t *out_index);
/* 64 pseudo-random bits of (index, salt). */
uint64_t sim_ids_bits(const uint8_t key[SIM_IDS_KEY_SIZE], uint32_t index, uint32_t salt);

#endif
