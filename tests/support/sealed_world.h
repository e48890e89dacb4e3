/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole installation of sealed state in memory: rows of every kind, in two tenants and two
 * organizations, each with what it takes to ask for it. For tests only. */
#ifndef TEST_SEALED_WORLD_H
#define TEST_SEALED_WORLD_H

#include "state/seal.h"
#include "tests/support/fake_ports.h"

#define SEALED_WORLD_ROWS 64u
#define SEALED_WORLD_ID_MAX 32u

/* One stored row. */
typedef struct sealed_sample {
    bkey_place place;
    uint8_t kind;
    uint8_t id[SEALED_WORLD_ID_MAX];
    size_t id_len;
    fake_state_row *row;
} sealed_sample;

typedef struct sealed_world {
    fake_store *store;
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    sealed_sample samples[SEALED_WORLD_ROWS]; /* every stored row */
    size_t count;
} sealed_world;

/* Two of the same seed and root differ in nothing. */
void sealed_world_install(sealed_world *in, uint64_t seed, uint8_t root);
void sealed_world_uninstall(sealed_world *in);
/* Asks for the row as the product does; true when it is given. */
bool sealed_world_opens(const sealed_sample *one);
/* The stored bytes of a row; until the next put. */
uint8_t *sealed_world_value(const sealed_world *in, const sealed_sample *one);
/* Writes and ends what was sealed. */
void sealed_world_put(sealed_world *in, bkey_sealed *sealed);

#endif
