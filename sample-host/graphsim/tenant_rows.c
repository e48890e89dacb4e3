/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of a tenant, generated or held as JSON, under one set of functions (declared in
 * tenant.h). Must not know how an answer looks. */
#define _GNU_SOURCE
#include "json.h"
#include "kind.h"
#include "number.h"
#include "tenant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const volume_names[] = {"operatingSystemVolume", "fixedDataVolume",
                                           "removableDataVolume"};

static int read_volume(const json_t *value)
{
    const char *name = json_string_value(value);
    uint64_t digit = 0;
    for (int i = 0; name != NULL && i < 3; i++)
        if (strcasecmp(name, volume_names[i]) == 0)
            return i + 1;
    if (name != NULL && sim_number_read(name, strlen(name), 3, &digit))
        return (int)digit;
    json_int_t number = json_integer_value(value);
    return number >= 1 && number <= 3 ? (int)number : 0;
}

static void copy_text(const json_t *row, const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s", sim_json_text(row, name, ""));
}

bool sim_tenant_read_key(const sim_tenant *tenant, size_t position, sim_key *out)
{
    if (position >= sim_rows_end(&tenant->keys) || !sim_rows_alive(&tenant->keys, position))
        return false;
    const json_t *row = sim_rows_object(&tenant->keys, position);
    if (row == NULL) {
        sim_gen_key(&tenant->gen, (uint32_t)position, out);
        return true;
    }
    *out = (sim_key){0};
    copy_text(row, "id", out->id, sizeof out->id);
    copy_text(row, "deviceId", out->device, sizeof out->device);
    copy_text(row, "createdDateTime", out->created, sizeof out->created);
    copy_text(row, "key", out->password, sizeof out->password);
    out->volume_json = json_object_get(row, "volumeType");
    out->volume = read_volume(out->volume_json);
    return true;
}

bool sim_tenant_find_key(const sim_tenant *tenant, const char *id, size_t *out_position)
{
    if (sim_rows_find(&tenant->keys, id, out_position))
        return true;
    uint32_t index;
    if (!sim_ids_find(tenant->gen.key_ids, id, &index) || index >= tenant->keys.base ||
        !sim_rows_alive(&tenant->keys, index))
        return false;
    *out_position = index;
    return true;
}

/* The first generated key of a device at or after `from`, which is below base. */
static size_t next_generated(const sim_tenant *tenant, size_t from, const char *device)
{
    uint32_t index;
    if (!sim_ids_find(tenant->gen.device_ids, device, &index) || index >= tenant->gen.devices)
        return tenant->keys.base;
    size_t devices = tenant->gen.devices;
    size_t ahead = (index + devices - from % devices) % devices;
    return from + ahead < tenant->keys.base ? from + ahead : tenant->keys.base;
}

bool sim_tenant_next_key(const sim_tenant *tenant, size_t from, const char *device,
                         size_t *out_position)
{
    const sim_rows *rows = &tenant->keys;
    for (size_t at = from; at < sim_rows_end(rows); at++) {
        if (at < rows->base && device != NULL)
            at = next_generated(tenant, at, device);
        if (at >= sim_rows_end(rows))
            break;
        if (!sim_rows_alive(rows, at))
            continue;
        const json_t *row = sim_rows_object(rows, at);
        if (device == NULL || row == NULL ||
            strcasecmp(sim_json_text(row, "deviceId", ""), device) == 0) {
            *out_position = at;
            return true;
        }
    }
    return false;
}

static bool grow_reads(sim_tenant *tenant, size_t position)
{
    if (position < tenant->key_reads_size)
        return true;
    size_t size = sim_rows_end(&tenant->keys) + 64;
    uint32_t *grown = realloc(tenant->key_reads, size * sizeof *grown);
    if (grown == NULL)
        return false;
    memset(grown + tenant->key_reads_size, 0, (size - tenant->key_reads_size) * sizeof *grown);
    tenant->key_reads = grown;
    tenant->key_reads_size = size;
    return true;
}

uint32_t sim_tenant_count_read(sim_tenant *tenant, size_t position)
{
    return grow_reads(tenant, position) ? ++tenant->key_reads[position] : 0;
}

void sim_tenant_forget_reads(sim_tenant *tenant)
{
    free(tenant->key_reads);
    tenant->key_reads = NULL;
    tenant->key_reads_size = 0;
}

/* A row by its own id or by another member that holds an id. */
static bool find_row(const sim_rows *rows, const char *id, const char *member, size_t *out_position)
{
    if (sim_rows_find(rows, id, out_position))
        return true;
    for (size_t at = rows->base; at < sim_rows_end(rows); at++) {
        const json_t *row = sim_rows_object(rows, at);
        if (*id != '\0' && strcasecmp(sim_json_text(row, member, ""), id) == 0) {
            *out_position = at;
            return true;
        }
    }
    return false;
}

static bool find_generated(const sim_rows *rows, const uint8_t *key, const char *id,
                           size_t *out_position)
{
    uint32_t index;
    if (!sim_ids_find(key, id, &index) || index >= rows->base || !sim_rows_alive(rows, index))
        return false;
    *out_position = index;
    return true;
}

bool sim_tenant_find_device(const sim_tenant *tenant, const char *id, size_t *out_position)
{
    const sim_rows *rows = &tenant->devices;
    return find_generated(rows, tenant->gen.managed_ids, id, out_position) ||
           find_generated(rows, tenant->gen.device_ids, id, out_position) ||
           find_row(rows, id, "azureADDeviceId", out_position);
}

/* Only of generated rows, which are operating system or fixed volumes. */
static json_t *key_as_json(const sim_tenant *tenant, size_t position)
{
    sim_key key;
    if (!sim_tenant_read_key(tenant, position, &key))
        return NULL;
    const char *volume = volume_names[key.volume == 2 ? 1 : 0];
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", key.id, "createdDateTime", key.created,
                     "deviceId", key.device, "volumeType", volume, "key", key.password);
}

json_t *sim_tenant_own_key(sim_tenant *tenant, size_t *position)
{
    if (*position >= tenant->keys.base)
        return sim_rows_object(&tenant->keys, *position);
    json_t *row = key_as_json(tenant, *position);
    size_t moved = sim_rows_end(&tenant->keys);
    if (row == NULL || !sim_rows_add(&tenant->keys, row))
        return NULL;
    sim_rows_remove(&tenant->keys, *position);
    if (*position < tenant->key_reads_size && grow_reads(tenant, moved))
        tenant->key_reads[moved] = tenant->key_reads[*position];
    *position = moved;
    return row;
}

static json_t *own(sim_tenant *tenant, const sim_kind *kind, sim_rows *rows, size_t *position)
{
    if (*position >= rows->base)
        return sim_rows_object(rows, *position);
    sup_buffer text;
    sup_buffer_init(&text, 65536);
    sup_buffer_add_str(&text, "{");
    sim_kind_write_single(kind, tenant, *position, UINT64_MAX, &text);
    json_t *row = json_loadb(sup_buffer_text(&text), text.len, 0, NULL);
    sup_buffer_done(&text);
    size_t moved = sim_rows_end(rows);
    if (row == NULL || !sim_rows_add(rows, row))
        return NULL;
    sim_rows_remove(rows, *position);
    *position = moved;
    return row;
}

json_t *sim_tenant_own_device(sim_tenant *tenant, size_t *position)
{
    return own(tenant, &sim_kind_managed_device, &tenant->devices, position);
}

json_t *sim_tenant_own_object(sim_tenant *tenant, size_t *position)
{
    return own(tenant, &sim_kind_device, &tenant->directory, position);
}

bool sim_tenant_find_managed(const sim_tenant *tenant, const char *id, size_t *out_position)
{
    return find_generated(&tenant->devices, tenant->gen.managed_ids, id, out_position) ||
           sim_rows_find(&tenant->devices, id, out_position);
}

bool sim_tenant_find_object(const sim_tenant *tenant, const char *id, size_t *out_position)
{
    const sim_rows *rows = &tenant->directory;
    return find_generated(rows, tenant->gen.object_ids, id, out_position) ||
           find_generated(rows, tenant->gen.device_ids, id, out_position) ||
           find_row(rows, id, "deviceId", out_position);
}

/* user000012@<domain> */
static bool find_generated_name(const sim_tenant *tenant, const char *name, size_t *out_position)
{
    uint64_t index;
    const char *at = strchr(name, '@');
    if (at == NULL || strncmp(name, "user", 4) != 0 || strcasecmp(at + 1, tenant->domain) != 0 ||
        !sim_number_read(name + 4, (size_t)(at - name) - 4, UINT32_MAX, &index) ||
        index >= tenant->users.base || !sim_rows_alive(&tenant->users, (size_t)index))
        return false;
    *out_position = (size_t)index;
    return true;
}

bool sim_tenant_find_user(const sim_tenant *tenant, const char *id, size_t *out_position)
{
    return find_generated(&tenant->users, tenant->gen.user_ids, id, out_position) ||
           find_generated_name(tenant, id, out_position) ||
           find_row(&tenant->users, id, "userPrincipalName", out_position);
}

bool sim_tenant_is_deleted(const sim_tenant *tenant, const char *device)
{
    size_t i;
    json_t *entry;
    json_array_foreach(tenant->deleted, i, entry)
    {
        const json_t *row = json_object_get(entry, "row");
        if (strcasecmp(sim_json_text(row, "deviceId", ""), device) == 0 ||
            strcasecmp(sim_json_text(row, "id", ""), device) == 0)
            return true;
    }
    return false;
}
