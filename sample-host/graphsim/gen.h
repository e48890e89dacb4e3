/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated devices and keys, computed from (seed, tenant, index) whenever they are asked for.
 *
 * Key i belongs to device i mod devices. i / devices is its generation: 0 the current key of the
 * operating system volume, 1 a fixed data volume, 2 and above ever older operating system keys.
 * So keys = devices gives each device one key, fewer leave devices without, more add history.
 * Device i has the serial number S<tenant, 2 digits><i, 8 digits>. */
#ifndef SIM_GEN_H
#define SIM_GEN_H

#include "ids.h"
#include "support/buffer.h"

typedef struct sim_gen {
    uint32_t tenant;
    uint32_t devices;
    uint32_t keys;
    uint32_t users; /* one for two devices */
    uint8_t key_ids[SIM_IDS_KEY_SIZE];
    uint8_t device_ids[SIM_IDS_KEY_SIZE];
    uint8_t managed_ids[SIM_IDS_KEY_SIZE];
    uint8_t object_ids[SIM_IDS_KEY_SIZE];
    uint8_t user_ids[SIM_IDS_KEY_SIZE];
    uint8_t values[SIM_IDS_KEY_SIZE];
} sim_gen;

/* A key in the words of Graph, whether generated or read from a file. */
typedef struct sim_key {
    char id[64];
    char device[64]; /* "" when Graph says null */
    char created[48];
    int volume;        /* 1 operating system, 2 fixed, 3 removable; 0 when `volume_json` tells */
    char password[96]; /* as the cloud would return it, valid or not */
    const void *volume_json; /* json_t borrowed from the row, NULL for a generated key */
} sim_key;

void sim_gen_init(uint64_t seed, uint32_t tenant, uint32_t devices, uint32_t keys, sim_gen *out);
/* Row `index`, which is below gen->keys. */
void sim_gen_key(const sim_gen *gen, uint32_t index, sim_key *out);
/* A valid recovery password: 48 digits in eight groups. */
void sim_gen_password(const sim_gen *gen, uint32_t index, char out[56]);
/* Adds the JSON value of a managedDevice property of device `index`; false when that property is
 * the same for all generated devices and the caller knows it. */
bool sim_gen_device_value(const sim_gen *gen, uint32_t index, const char *property,
                          sup_buffer *out);

#endif
