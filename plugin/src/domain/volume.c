/* SPDX-License-Identifier: Apache-2.0
 *
 * Volume kinds in words and numbers. Must not know JSON. */
#include "domain/volume.h"

#include <string.h>

static const struct {
    const char *source;
    const char *word;
} names[BKEY_VOLUME_COUNT] = {
    [BKEY_VOLUME_UNKNOWN] = {"", "unknown"},
    [BKEY_VOLUME_OS] = {"operatingsystemvolume", "os"},
    [BKEY_VOLUME_FIXED] = {"fixeddatavolume", "fixed"},
    [BKEY_VOLUME_REMOVABLE] = {"removabledatavolume", "removable"},
};

static bool equals_ignoring_case(const char *text, const char *lower)
{
    for (; *lower != '\0'; text++, lower++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *lower)
            return false;
    }
    return *text == '\0';
}

bkey_volume bkey_volume_from_text(const char *text)
{
    if (text == NULL || text[0] == '\0')
        return BKEY_VOLUME_UNKNOWN;
    if (text[1] == '\0')
        return bkey_volume_from_number(text[0] - '0');
    for (int i = BKEY_VOLUME_OS; i < BKEY_VOLUME_COUNT; i++) {
        if (equals_ignoring_case(text, names[i].source))
            return (bkey_volume)i;
    }
    return BKEY_VOLUME_UNKNOWN;
}

bkey_volume bkey_volume_from_number(int64_t number)
{
    if (number < BKEY_VOLUME_OS || number >= BKEY_VOLUME_COUNT)
        return BKEY_VOLUME_UNKNOWN;
    return (bkey_volume)number;
}

const char *bkey_volume_word(bkey_volume volume)
{
    return names[bkey_volume_from_number((int64_t)volume)].word;
}

bool bkey_volume_from_word(const char *word, size_t len, bkey_volume *out)
{
    for (int i = 0; i < BKEY_VOLUME_COUNT; i++) {
        if (strlen(names[i].word) == len && memcmp(names[i].word, word, len) == 0) {
            *out = (bkey_volume)i;
            return true;
        }
    }
    return false;
}
