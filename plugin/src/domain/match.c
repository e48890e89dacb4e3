/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching devices to configurations through two sorted tables of hashes. A hash only finds
 * candidates; the texts decide. Must not know where devices and configurations come from. */
#include "domain/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "domain/plan.h"

/* What makers, firmware and imaging tools write where a serial number belongs. Compared after
 * bkey_match_serial. Serial numbers of virtual machines are unique and not among them. */
static const char junk_rule[] =
    "^(?:"
    "TO BE FILLED(?: BY)?(?: O\\.?E\\.?M\\.?)?|FILLED BY O\\.?E\\.?M\\.?|"
    "DEFAULT(?: STRING)?|"
    "(?:SYSTEM|CHASSIS|BASE ?BOARD|MOTHERBOARD|PRODUCT|ENCLOSURE)? ?SERIAL(?: "
    "?(?:NUMBER|NO\\.?|#))?|"
    "S/?N|SYSTEM|O\\.?E\\.?M\\.?(?: ?STRING)?|"
    "NONE|NULL|N/?A|NOT (?:APPLICABLE|AVAILABLE|SPECIFIED|PROVIDED|SET|DEFINED)|"
    "INVALID|UNKNOWN|UNDEFINED|EMPTY|BLANK|TEST|ASSET ?TAG|NO ASSET (?:TAG|INFORMATION)|"
    "0?1234(?:5(?:6(?:7(?:8(?:9(?:0|10|ABCDEF|A|ABC)?)?)?)?)?)?|"
    "ABCD(?:E(?:F(?:G(?:H)?)?)?)?|X+"
    ")$";

typedef struct entry {
    uint64_t hash;
    uint32_t configuration;
} entry;

struct bkey_match_index {
    const bkey_configuration *configurations;
    entry *by_serial;
    size_t serial_count;
    entry *by_id;
    size_t id_count;
    bkey_pattern *junk;
};

static int compare_entries(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->configuration < y->configuration ? -1 : x->configuration > y->configuration;
}

static uint64_t hash_text(const char *text)
{
    return bkey_plan_hash(text, NULL, NULL, NULL);
}

/* The first entry of that hash, `count` when there is none. */
static size_t find_entry(const entry *entries, size_t count, uint64_t hash)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entries[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && entries[low].hash == hash ? low : count;
}

static void fill_index(bkey_match_index *index, size_t count)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        const bkey_configuration *configuration = &index->configurations[i];
        if (configuration->id != NULL)
            index->by_id[index->id_count++] = (entry){hash_text(configuration->id), (uint32_t)i};
        if (bkey_match_serial(configuration->serial, serial) > 0)
            index->by_serial[index->serial_count++] = (entry){hash_text(serial), (uint32_t)i};
    }
    qsort(index->by_id, index->id_count, sizeof(entry), compare_entries);
    qsort(index->by_serial, index->serial_count, sizeof(entry), compare_entries);
}

bkey_err bkey_match_index_new(const bkey_configuration *configurations, size_t count,
                              bkey_match_index **out_index)
{
    bkey_match_index *index = calloc(1, sizeof *index);
    bkey_err err = bkey_fail(BKEY_E_NOMEM);
    if (index == NULL)
        return err;
    index->configurations = configurations;
    index->by_serial = calloc(count + 1, sizeof(entry));
    index->by_id = calloc(count + 1, sizeof(entry));
    if (index->by_serial == NULL || index->by_id == NULL)
        goto out;
    err = bkey_pattern_new(junk_rule, &index->junk);
    if (!bkey_is_ok(err))
        goto out;
    fill_index(index, count);
    *out_index = index;
    index = NULL;
out:
    bkey_match_index_free(&index);
    return err;
}

void bkey_match_index_free(bkey_match_index **index)
{
    if (index == NULL || *index == NULL)
        return;
    bkey_pattern_free(&(*index)->junk);
    free((*index)->by_serial);
    free((*index)->by_id);
    free(*index);
    *index = NULL;
}

static uint32_t find_by_id(const bkey_match_index *index, const char *id)
{
    uint64_t hash = hash_text(id);
    size_t at = find_entry(index->by_id, index->id_count, hash);
    for (; at < index->id_count && index->by_id[at].hash == hash; at++) {
        uint32_t found = index->by_id[at].configuration;
        if (strcmp(index->configurations[found].id, id) == 0)
            return found;
    }
    return BKEY_NONE;
}

static bkey_match match_remembered(const bkey_match_index *index, const bkey_decision *decision)
{
    uint32_t found = find_by_id(index, decision->configuration_id);
    bkey_match match = {BKEY_MATCHED_REMEMBERED, found, decision->organization, false};
    if (found != BKEY_NONE) {
        /* A key is where its configuration is: when that moved, the decision follows. */
        match.organization = index->configurations[found].organization;
        match.remember = match.organization != decision->organization;
    } else {
        bool here = decision->organization != BKEY_NONE;
        match.outcome = here ? BKEY_MATCHED_LOST : BKEY_UNMATCHED_ELSEWHERE;
    }
    return match;
}

static bkey_match match_serial(const bkey_match_index *index, const char *serial)
{
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    bkey_match match = {BKEY_UNMATCHED_NOWHERE, BKEY_NONE, BKEY_NONE, false};
    uint64_t hash = hash_text(serial);
    size_t at = find_entry(index->by_serial, index->serial_count, hash);
    for (; at < index->serial_count && index->by_serial[at].hash == hash; at++) {
        uint32_t found = index->by_serial[at].configuration;
        const bkey_configuration *configuration = &index->configurations[found];
        (void)bkey_match_serial(configuration->serial, other);
        if (strcmp(serial, other) != 0)
            continue;
        if (configuration->archived) {
            if (match.outcome == BKEY_UNMATCHED_NOWHERE)
                match.outcome = BKEY_UNMATCHED_ARCHIVED;
            continue;
        }
        if (match.outcome == BKEY_MATCHED_SERIAL)
            return (bkey_match){BKEY_UNMATCHED_AMBIGUOUS, BKEY_NONE, BKEY_NONE, false};
        match = (bkey_match){BKEY_MATCHED_SERIAL, found, configuration->organization, true};
    }
    return match;
}

static bkey_err match_by_serial(const bkey_match_index *index, const bkey_device *device,
                                bkey_match *out_match)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    size_t len = bkey_match_serial(device->serial, serial);
    bool junk = len == 0;
    if (!junk) {
        bkey_err err = bkey_pattern_match(index->junk, serial, len, &junk);
        if (bkey_is(err, BKEY_E_LIMIT))
            junk = true; /* too odd to be evidence */
        else if (!bkey_is_ok(err))
            return err;
    }
    *out_match = junk ? (bkey_match){BKEY_UNMATCHED_JUNK, BKEY_NONE, BKEY_NONE, false}
                      : match_serial(index, serial);
    return bkey_ok();
}

/* The remembered configuration is gone. Its successor is one of the same organization; one of
 * another says that the device may have changed hands, and then no new key goes to the old place.
 */
static bkey_match replace_lost(const bkey_match *lost, const bkey_match *found)
{
    if (found->outcome != BKEY_MATCHED_SERIAL)
        return *lost;
    if (found->organization == lost->organization)
        return *found;
    return (bkey_match){BKEY_UNMATCHED_AMBIGUOUS, BKEY_NONE, BKEY_NONE, false};
}

bkey_err bkey_match_device(bkey_match_index *index, const bkey_device *device,
                           const bkey_decision *decision, bkey_match *out_match)
{
    bkey_match match = {BKEY_UNMATCHED_NO_DEVICE, BKEY_NONE, BKEY_NONE, false};
    bkey_match found = match;
    bool decided = decision != NULL && decision->configuration_id != NULL;
    if (decided)
        match = match_remembered(index, decision);
    if (device != NULL && (!decided || match.outcome == BKEY_MATCHED_LOST)) {
        bkey_err err = match_by_serial(index, device, &found);
        if (!bkey_is_ok(err))
            return err;
        match = decided ? replace_lost(&match, &found) : found;
    }
    *out_match = match;
    return bkey_ok();
}
