/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings as one table. Must not know a store or the ABI. */
#include "domain/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/utf8.h"

#define INTEGER_TEXT_SIZE 24

typedef enum place {
    SYNC_BITLOCKER_KEYS,
    SYNC_INTUNE_DEVICES,
    ACCEPTED_GRANTS,
    FOLDER_NAME,
    BURST_WINDOW_MINUTES,
    PARALLEL_READS,
    SYNC_CONTACTS,
    LICENCE_TYPES,
    SYNC_INTERVAL_MINUTES,
    PLACE_COUNT
} place;

static const bkey_settings_spec specs[PLACE_COUNT] = {
    [SYNC_BITLOCKER_KEYS] = {"sync_bitlocker_keys", BKEY_SETTINGS_BOOL, 0, 1, "true"},
    [SYNC_INTUNE_DEVICES] = {"sync_intune_devices", BKEY_SETTINGS_BOOL, 0, 1, "true"},
    [ACCEPTED_GRANTS] = {"accepted_grants", BKEY_SETTINGS_CHOICE, 0, 0, "delegated"},
    [FOLDER_NAME] = {"folder_name", BKEY_SETTINGS_NAME, 1, 255,
                     "BitLocker Keys (via Network Glue)"},
    [BURST_WINDOW_MINUTES] = {"burst_window_minutes", BKEY_SETTINGS_INT, 1, 1440, "10"},
    [PARALLEL_READS] = {"parallel_reads", BKEY_SETTINGS_INT, 1, 200, "100"},
    [SYNC_CONTACTS] = {"sync_contacts", BKEY_SETTINGS_BOOL, 0, 1, "true"},
    [LICENCE_TYPES] = {"licence_types", BKEY_SETTINGS_WORDS, 0, 255,
                       "INTUNE_A INTUNE_EDU INTUNE_SMBIZ"},
    [SYNC_INTERVAL_MINUTES] = {"sync_interval_minutes", BKEY_SETTINGS_INT, 15, 1440, "60"},
};
static const struct {
    const char *word;
    uint32_t grants;
} grant_words[] = {
    {"delegated", BKEY_GRANT_DELEGATED},
    {"application", BKEY_GRANT_APPLICATION},
    {"both", BKEY_GRANT_DELEGATED | BKEY_GRANT_APPLICATION},
};

size_t bkey_settings_count(void)
{
    return PLACE_COUNT;
}

const bkey_settings_spec *bkey_settings_at(size_t index)
{
    return index < PLACE_COUNT ? &specs[index] : NULL;
}

static bool equals(const char *text, size_t len, const char *other)
{
    return strlen(other) == len && memcmp(text, other, len) == 0;
}

static const char *set_bool(bool *target, const char *value, size_t len)
{
    if (!equals(value, len, "true") && !equals(value, len, "false"))
        return "This setting is either true or false.";
    *target = equals(value, len, "true");
    return NULL;
}

static const char *set_number(uint32_t *target, const bkey_settings_spec *spec, const char *value,
                              size_t len)
{
    int64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9' || number > spec->max)
            return "This setting is a whole number inside its range.";
        number = number * 10 + (value[i] - '0');
    }
    if (len == 0 || number < spec->min || number > spec->max)
        return "This setting is a whole number inside its range.";
    *target = (uint32_t)number;
    return NULL;
}

static const char *set_grants(uint32_t *target, const char *value, size_t len)
{
    for (size_t i = 0; i < sizeof grant_words / sizeof grant_words[0]; i++) {
        if (equals(value, len, grant_words[i].word)) {
            *target = grant_words[i].grants;
            return NULL;
        }
    }
    return "The accepted permissions are delegated, application or both.";
}

static const char *set_name(bkey_settings *settings, const char *value, size_t len)
{
    size_t characters = 0;
    bool visible = false;
    if (len >= BKEY_SETTINGS_NAME_SIZE || !sup_utf8_valid(value, len))
        return "The name of the folder is text of 1 to 255 characters.";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c < 0x20 || c == 0x7F)
            return "The name of the folder holds no control characters.";
        characters += (c & 0xC0U) != 0x80U;
        visible = visible || c != ' ';
    }
    if (!visible || characters > 255)
        return "The name of the folder is text of 1 to 255 characters.";
    memcpy(settings->folder_name, value, len);
    settings->folder_name[len] = '\0';
    return NULL;
}

/* The character of a service plan's name, in upper case; 0 when it is none. */
static char plan_character(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ? c : '\0';
}

static const char *set_licences(bkey_settings *settings, const char *value, size_t len)
{
    char words[BKEY_SETTINGS_WORDS_SIZE] = "";
    size_t used = 0;
    bool between = false;
    for (size_t i = 0; i < len; i++) {
        const char c = plan_character(value[i]);
        if (c == '\0' && value[i] != ' ' && value[i] != ',')
            return "Licence types are names of service plans such as INTUNE_A, separated by "
                   "commas or spaces.";
        between = between || (c == '\0' && used > 0);
        if (c == '\0')
            continue;
        if (used + 2 >= sizeof words)
            return "The list of licence types is too long.";
        if (between)
            words[used++] = ' ';
        between = false;
        words[used++] = c;
    }
    memcpy(settings->licence_types, words, used);
    settings->licence_types[used] = '\0';
    return NULL;
}

static const char *set_value(bkey_settings *settings, place at, const char *value, size_t len)
{
    switch (at) {
    case SYNC_BITLOCKER_KEYS:
        return set_bool(&settings->sync_bitlocker_keys, value, len);
    case SYNC_INTUNE_DEVICES:
        return set_bool(&settings->sync_intune_devices, value, len);
    case ACCEPTED_GRANTS:
        return set_grants(&settings->accepted_grants, value, len);
    case FOLDER_NAME:
        return set_name(settings, value, len);
    case BURST_WINDOW_MINUTES:
        return set_number(&settings->burst_window_minutes, &specs[at], value, len);
    case PARALLEL_READS:
        return set_number(&settings->parallel_reads, &specs[at], value, len);
    case SYNC_CONTACTS:
        return set_bool(&settings->sync_contacts, value, len);
    case LICENCE_TYPES:
        return set_licences(settings, value, len);
    case SYNC_INTERVAL_MINUTES:
        return set_number(&settings->sync_interval_minutes, &specs[at], value, len);
    case PLACE_COUNT:
        break;
    }
    return "There is no setting of this name.";
}

const char *bkey_settings_set(bkey_settings *settings, const char *key, size_t key_len,
                              const char *value, size_t value_len)
{
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        if (equals(key, key_len, specs[i].key))
            return set_value(settings, (place)i, value, value_len);
    }
    return "There is no setting of this name.";
}

const char *bkey_settings_set_int(bkey_settings *settings, const char *key, int64_t value)
{
    char text[INTEGER_TEXT_SIZE];
    snprintf(text, sizeof text, "%" PRId64, value);
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        bool is_bool = specs[i].kind == BKEY_SETTINGS_BOOL && (value == 0 || value == 1);
        if (is_bool && strcmp(specs[i].key, key) == 0)
            snprintf(text, sizeof text, "%s", value == 1 ? "true" : "false");
    }
    return bkey_settings_set(settings, key, strlen(key), text, strlen(text));
}

void bkey_settings_init(bkey_settings *out)
{
    *out = (bkey_settings){0};
    for (size_t i = 0; i < PLACE_COUNT; i++)
        (void)set_value(out, (place)i, specs[i].initial, strlen(specs[i].initial));
}
