/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated rows. Must not hold any of them, nor know of events that change them. */
#include "gen.h"

#include "support/iso8601.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define FIRST_DAY_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

enum { SALT_PASSWORD_LOW, SALT_PASSWORD_HIGH, SALT_CREATED, SALT_MODEL, SALT_SYNC, SALT_VERSION };

void sim_gen_init(uint64_t seed, uint32_t tenant, uint32_t devices, uint32_t keys, sim_gen *out)
{
    *out = (sim_gen){.tenant = tenant, .devices = devices, .keys = devices > 0 ? keys : 0};
    out->users = devices / 2 + devices % 2;
    sim_ids_key(seed, tenant, "key", out->key_ids);
    sim_ids_key(seed, tenant, "device", out->device_ids);
    sim_ids_key(seed, tenant, "managed device", out->managed_ids);
    sim_ids_key(seed, tenant, "device object", out->object_ids);
    sim_ids_key(seed, tenant, "user", out->user_ids);
    sim_ids_key(seed, tenant, "values", out->values);
}

void sim_gen_password(const sim_gen *gen, uint32_t index, char out[56])
{
    uint64_t halves[2] = {sim_ids_bits(gen->values, index, SALT_PASSWORD_LOW),
                          sim_ids_bits(gen->values, index, SALT_PASSWORD_HIGH)};
    for (size_t group = 0; group < 8; group++) {
        unsigned word = (unsigned)(halves[group / 4] >> (group % 4 * 16)) & 0xffffU;
        (void)snprintf(out + group * 7, 8, "%06u%s", word * 11U, group < 7 ? "-" : "");
    }
}

void sim_gen_key(const sim_gen *gen, uint32_t index, sim_key *out)
{
    *out = (sim_key){0};
    uint32_t device = index % gen->devices;
    uint32_t generation = index / gen->devices;
    uint64_t bits = sim_ids_bits(gen->values, device, SALT_CREATED);
    int64_t created = FIRST_DAY_MS + (int64_t)(bits % (150 * (uint64_t)DAY_MS));
    if (generation == 1)
        created += 60000;
    else if (generation > 1)
        created -= DAY_MS * 90 * (int64_t)(generation - 1);
    sim_ids_make(gen->key_ids, index, out->id);
    sim_ids_make(gen->device_ids, device, out->device);
    sup_iso8601_format(created, out->created);
    out->volume = generation == 1 ? 2 : 1;
    sim_gen_password(gen, index, out->password);
}

static void write_day(const sim_gen *gen, uint32_t index, int64_t first_ms, sup_buffer *out)
{
    uint64_t bits = sim_ids_bits(gen->values, index, SALT_SYNC);
    char text[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(first_ms + (int64_t)(bits % (30 * (uint64_t)DAY_MS)), text);
    sup_buffer_printf(out, "\"%s\"", text);
}

static void write_model(const sim_gen *gen, uint32_t index, bool maker, sup_buffer *out)
{
    static const char *const models[][2] = {
        {"HP", "HP ProBook 445 14 inch G11"},
        {"HP", "HP EliteDesk 800 G6"},
        {"Dell Inc.", "Latitude 5450"},
        {"Dell Inc.", "OptiPlex 7020"},
        {"LENOVO", "21HES0A800"},
        {"Microsoft Corporation", "Surface Pro 9"},
    };
    uint64_t bits = sim_ids_bits(gen->values, index, SALT_MODEL);
    const char *const *model = models[bits % (sizeof models / sizeof models[0])];
    sup_buffer_printf(out, "\"%s\"", model[maker ? 0 : 1]);
}

static void write_guid(const uint8_t *key, uint32_t index, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sim_ids_make(key, index, text);
    sup_buffer_printf(out, "\"%s\"", text);
}

bool sim_gen_device_value(const sim_gen *gen, uint32_t index, const char *property, sup_buffer *out)
{
    if (strcmp(property, "id") == 0)
        write_guid(gen->managed_ids, index, out);
    else if (strcmp(property, "azureADDeviceId") == 0)
        write_guid(gen->device_ids, index, out);
    else if (strcmp(property, "deviceName") == 0)
        sup_buffer_printf(out, "\"T%02u-PC-%06u\"", gen->tenant, index);
    else if (strcmp(property, "serialNumber") == 0)
        sup_buffer_printf(out, "\"S%02u%08u\"", gen->tenant, index);
    else if (strcmp(property, "manufacturer") == 0)
        write_model(gen, index, true, out);
    else if (strcmp(property, "model") == 0)
        write_model(gen, index, false, out);
    else if (strcmp(property, "osVersion") == 0)
        sup_buffer_printf(out, "\"10.0.%s.%u\"", index % 3 == 0 ? "22631" : "26100",
                          (unsigned)(sim_ids_bits(gen->values, index, SALT_VERSION) % 6000));
    else if (strcmp(property, "enrolledDateTime") == 0)
        write_day(gen, index, FIRST_DAY_MS - 60 * DAY_MS, out);
    else if (strcmp(property, "lastSyncDateTime") == 0)
        write_day(gen, index, FIRST_DAY_MS + 200 * DAY_MS, out);
    else
        return false;
    return true;
}
