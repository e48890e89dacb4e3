/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages about devices: Intune's inventory and encryption report, the directory's list and what it
 * tells of removed ones. See decode.h. */
#include <string.h>

#include "domain/plan.h"
#include "graph/decode_page.h"

typedef struct device_walk {
    bkey_device_sink sink;
    void *context;
} device_walk;

/* An absent word counts as Windows: a device is not dropped for what its service leaves out. */
static bool is_other_system(const bkey_json *row)
{
    const char *system = bkey_decode_page_text(row, "operatingSystem");
    return system[0] != '\0' && strncmp(system, "Windows", 7) != 0;
}

static bkey_device common_parts(const bkey_json *row)
{
    bkey_device device = {.manufacturer = bkey_decode_page_text(row, "manufacturer"),
                          .model = bkey_decode_page_text(row, "model"),
                          .serial = "",
                          .is_other_system = is_other_system(row)};
    return device;
}

static bkey_err read_managed(const bkey_json *row, void *walk, bool *out_used)
{
    const device_walk *walking = walk;
    bkey_device device = common_parts(row);
    bool encrypted = false;
    device.name = bkey_decode_page_text(row, "deviceName");
    device.serial = bkey_decode_page_text(row, "serialNumber");
    if (!bkey_decode_page_guid(row, "azureADDeviceId", &device.id) || sup_guid_is_zero(&device.id))
        return bkey_ok();
    if (!bkey_decode_page_guid(row, "id", &device.managed_id))
        memset(&device.managed_id, 0, sizeof device.managed_id);
    if (bkey_json_bool(row, "isEncrypted", &encrypted))
        device.encryption = encrypted ? BKEY_ENCRYPTION_ON : BKEY_ENCRYPTION_OFF;
    const char *owner = bkey_decode_page_text(row, "userId");
    device.owner = owner[0] != '\0' ? bkey_plan_hash(owner, NULL, NULL, NULL) : 0;
    device.last_seen_ms = bkey_decode_page_date(row, "lastSyncDateTime");
    device.sources = BKEY_SOURCE_INTUNE;
    *out_used = true;
    return walking->sink(walking->context, &device);
}

bkey_err bkey_decode_devices(bkey_bytes body, const char *graph_url, bkey_device_sink sink,
                             void *context, bkey_page *out_page)
{
    device_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_managed, &walk};
    return bkey_decode_page_read(&source, out_page);
}

static uint8_t read_join(const bkey_json *row)
{
    static const struct {
        const char *word;
        bkey_join join;
    } words[] = {{"AzureAd", BKEY_JOIN_ENTRA},
                 {"ServerAd", BKEY_JOIN_HYBRID},
                 {"Workplace", BKEY_JOIN_WORKPLACE}};
    const char *text = bkey_decode_page_text(row, "trustType");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i].word) == 0)
            return (uint8_t)words[i].join;
    return text[0] == '\0' ? BKEY_JOIN_PENDING : BKEY_JOIN_UNKNOWN;
}

static bkey_err read_directory(const bkey_json *row, void *walk, bool *out_used)
{
    const device_walk *walking = walk;
    bkey_device device = common_parts(row);
    device.name = bkey_decode_page_text(row, "displayName");
    if (!bkey_decode_page_guid(row, "deviceId", &device.id) || sup_guid_is_zero(&device.id))
        return bkey_ok();
    if (!bkey_decode_page_guid(row, "id", &device.object_id))
        memset(&device.object_id, 0, sizeof device.object_id);
    device.join = read_join(row);
    device.last_seen_ms = bkey_decode_page_date(row, "approximateLastSignInDateTime");
    device.sources = BKEY_SOURCE_ENTRA;
    *out_used = true;
    return walking->sink(walking->context, &device);
}

bkey_err bkey_decode_directory(bkey_bytes body, const char *graph_url, bkey_device_sink sink,
                               void *context, bkey_page *out_page)
{
    device_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_directory, &walk};
    return bkey_decode_page_read(&source, out_page);
}

typedef struct encryption_walk {
    bkey_encryption_sink sink;
    void *context;
} encryption_walk;

/* The report joins several words with commas into one text. */
static bool has_flag(const char *flags, const char *name)
{
    size_t len = strlen(name);
    while (*flags != '\0') {
        flags += strspn(flags, ", ");
        size_t word = strcspn(flags, ", ");
        if (word == len && memcmp(flags, name, len) == 0)
            return true;
        flags += word;
    }
    return false;
}

static bkey_err read_encryption(const bkey_json *row, void *walk, bool *out_used)
{
    const encryption_walk *walking = walk;
    bkey_encryption_row state = {.encryption = BKEY_ENCRYPTION_UNKNOWN};
    const char *word = bkey_decode_page_text(row, "encryptionState");
    const char *flags = bkey_decode_page_text(row, "advancedBitLockerStates");
    if (!bkey_decode_page_guid(row, "id", &state.managed_id))
        return bkey_ok();
    if (strcmp(word, "encrypted") == 0)
        state.encryption = BKEY_ENCRYPTION_ON;
    else if (strcmp(word, "notEncrypted") == 0)
        state.encryption = BKEY_ENCRYPTION_OFF;
    if (has_flag(flags, "recoveryKeyBackupFailed"))
        state.backup |= BKEY_BACKUP_FAILED;
    if (has_flag(flags, "networkError"))
        state.backup |= BKEY_BACKUP_NO_NETWORK;
    *out_used = true;
    return walking->sink(walking->context, &state);
}

bkey_err bkey_decode_encryption(bkey_bytes body, const char *graph_url, bkey_encryption_sink sink,
                                void *context, bkey_page *out_page)
{
    encryption_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_encryption, &walk};
    return bkey_decode_page_read(&source, out_page);
}

typedef struct removal_walk {
    bkey_removal_sink sink;
    void *context;
} removal_walk;

static bkey_err read_removal(const bkey_json *row, void *walk, bool *out_used)
{
    const removal_walk *walking = walk;
    const bkey_json *removed = bkey_json_member(row, "@removed");
    bkey_removal found = {.is_final = false};
    if (!bkey_decode_page_guid(row, "id", &found.object_id))
        return bkey_ok();
    *out_used = true;
    if (removed == NULL)
        return bkey_ok();
    found.is_final = strcmp(bkey_decode_page_text(removed, "reason"), "deleted") == 0;
    return walking->sink(walking->context, &found);
}

bkey_err bkey_decode_removals(bkey_bytes body, const char *graph_url, bkey_removal_sink sink,
                              void *context, bkey_page *out_page)
{
    removal_walk walk = {sink, context};
    const bkey_decode_page source = {body, graph_url, read_removal, &walk};
    return bkey_decode_page_read(&source, out_page);
}
