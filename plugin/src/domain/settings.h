/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's settings with types, ranges and defaults. Pure; must not know where they are kept.
 * The keys, types, ranges and defaults equal the schema in manifest.json. */
#ifndef BKEY_SETTINGS_H
#define BKEY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_SETTINGS_NAME_SIZE 1021u /* 255 characters of UTF-8 and a zero byte */
#define BKEY_SETTINGS_WORDS_SIZE 256u

#define BKEY_GRANT_DELEGATED 1u
#define BKEY_GRANT_APPLICATION 2u

typedef struct bkey_settings {
    bool sync_bitlocker_keys;
    bool sync_intune_devices;
    bool sync_contacts;
    uint32_t accepted_grants;                  /* BKEY_GRANT_* */
    uint32_t burst_window_minutes;             /* 1..1440 */
    uint32_t parallel_reads;                   /* 1..200 */
    uint32_t sync_interval_minutes;            /* 15..1440; the host's clock goes by it */
    char folder_name[BKEY_SETTINGS_NAME_SIZE]; /* of the folder and of the category */
    /* Names of service plans in upper case with one space between; "" = none is selected. */
    char licence_types[BKEY_SETTINGS_WORDS_SIZE];
} bkey_settings;

typedef enum bkey_settings_kind {
    BKEY_SETTINGS_BOOL = 1, /* "true" or "false" */
    BKEY_SETTINGS_INT,      /* decimal */
    BKEY_SETTINGS_CHOICE,
    BKEY_SETTINGS_NAME,
    BKEY_SETTINGS_WORDS /* names of service plans, with commas or spaces between */
} bkey_settings_kind;

typedef struct bkey_settings_spec {
    const char *key;
    bkey_settings_kind kind;
    int64_t min; /* INT */
    int64_t max;
    const char *initial; /* the default, as text */
} bkey_settings_spec;

/* The settings that there are, in the order in which problems are told. */
size_t bkey_settings_count(void);
const bkey_settings_spec *bkey_settings_at(size_t index);

void bkey_settings_init(bkey_settings *out);
/* Takes one value as text. NULL when it was taken; otherwise a static sentence that says what is
 * wrong with it, and nothing changed. A key that is not ours is wrong, too. Checking all values of
 * a change is calling this for each on a copy: all problems come at once. */
const char *bkey_settings_set(bkey_settings *settings, const char *key, size_t key_len,
                              const char *value, size_t value_len);
/* The same for integers, and for booleans as 0 or 1. */
const char *bkey_settings_set_int(bkey_settings *settings, const char *key, int64_t value);

#endif
