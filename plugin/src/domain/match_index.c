/* SPDX-License-Identifier: Apache-2.0
 *
 * Building the tables of match_index.h. Must not know what follows from a hit. */
#include "domain/match_index.h"

#include <stdlib.h>
#include <string.h>

#include "domain/match_name.h"
#include "domain/plan.h"

#define MACS_OF_CONFIGURATION 4u

/* What makers, firmware and imaging tools write where a serial number belongs. Compared after
 * bkey_match_serial. Serial numbers of virtual machines are unique and not among them. */
static const char junk_rule[] =
    "^(?:"
    "TO BE (?:FILLED|SET)(?: BY)?(?: O\\.?E\\.?M\\.?)?|FILLED BY O\\.?E\\.?M\\.?|"
    "DEFAULT(?:[ _]?STRING)?|"
    "(?:SYSTEM|CHASSIS|BASE ?BOARD|MOTHERBOARD|PRODUCT|ENCLOSURE)? ?SERIAL(?: "
    "?(?:NUMBER|NO\\.?|#))?|"
    "S/?N|SYSTEM|O\\.?E\\.?M\\.?(?: ?STRING)?|"
    "NONE|NULL|N/?A|NOT (?:APPLICABLE|AVAILABLE|SPECIFIED|PROVIDED|SET|DEFINED)|"
    "NO SERIAL(?: ?(?:NUMBER|NO\\.?))?|SYS-1234567890|MB-1234567890|BSN12345678901234567|"
    "INVALID|UNKNOWN|UNDEFINED|EMPTY|BLANK|TEST|EVAL|ASSET ?TAG|NO ASSET (?:TAG|INFORMATION)|"
    "0?1234(?:5(?:6(?:7(?:8(?:9(?:0|10|ABCDEF|A|ABC)?)?)?)?)?)?|"
    "ABCD(?:E(?:F(?:G(?:H)?)?)?)?|X+"
    ")$";

static int compare_entries(const void *a, const void *b)
{
    const bkey_match_entry *x = a;
    const bkey_match_entry *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

uint64_t bkey_match_index_text(const char *text)
{
    return bkey_plan_hash(text, NULL, NULL, NULL);
}

size_t bkey_match_index_find(const bkey_match_table *table, uint64_t hash)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->entries[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < table->count && table->entries[low].hash == hash ? low : table->count;
}

uint32_t bkey_match_index_id(const bkey_match_index *index, const char *id)
{
    uint64_t hash = bkey_match_index_text(id);
    const bkey_match_table *ids = &index->ids;
    size_t at = bkey_match_index_find(ids, hash);
    for (; at < ids->count && ids->entries[at].hash == hash; at++) {
        uint32_t found = ids->entries[at].row;
        if (strcmp(index->world.configurations[found].id, id) == 0)
            return found;
    }
    return BKEY_NONE;
}

static bool make_table(bkey_match_table *table, size_t cap)
{
    table->entries = calloc(cap + 1, sizeof *table->entries);
    return table->entries != NULL;
}

static void add(bkey_match_table *table, uint64_t hash, size_t row)
{
    table->entries[table->count++] = (bkey_match_entry){hash, (uint32_t)row};
}

static void sort_table(bkey_match_table *table)
{
    if (table->count > 0)
        qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
}

static void add_configuration(bkey_match_index *index, size_t row)
{
    const bkey_configuration *configuration = &index->world.configurations[row];
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    uint64_t macs[MACS_OF_CONFIGURATION];
    if (configuration->id == NULL)
        return;
    add(&index->ids, bkey_match_index_text(configuration->id), row);
    if (bkey_match_serial(configuration->serial, serial) > 0)
        add(&index->serials, bkey_match_index_text(serial), row);
    if (configuration->archived)
        return;
    uint64_t name = bkey_match_name_hash(configuration->hostname);
    if (name != 0)
        add(&index->names, name, row);
    size_t count = bkey_match_mac(configuration->mac, macs, MACS_OF_CONFIGURATION);
    for (size_t i = 0; i < count; i++)
        add(&index->macs, macs[i], row);
}

static void add_rows(bkey_match_index *index)
{
    const bkey_match_world *world = &index->world;
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    for (size_t i = 0; i < world->configuration_count; i++)
        add_configuration(index, i);
    for (size_t i = 0; i < world->device_count; i++)
        if (bkey_match_serial(world->devices[i].serial, serial) > 0)
            add(&index->devices, bkey_match_index_text(serial), i);
    for (size_t i = 0; i < world->evidence_count; i++)
        for (size_t k = 0; k < BKEY_MACS; k++)
            if (world->evidence[i].macs[k] != 0)
                add(&index->addresses, world->evidence[i].macs[k], i);
    bkey_match_table *const tables[] = {&index->ids,   &index->serials, &index->macs,
                                        &index->names, &index->devices, &index->addresses};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        sort_table(tables[i]);
}

bkey_err bkey_match_index_serial(const bkey_match_index *index, const char *text,
                                 char serial[BKEY_MATCH_SERIAL_MAX + 1], size_t *out_len)
{
    bool junk = false;
    size_t len = bkey_match_serial(text, serial);
    if (len > 0) {
        bkey_err err = bkey_pattern_match(index->junk, serial, len, &junk);
        if (bkey_is(err, BKEY_E_LIMIT))
            junk = true; /* too odd to be evidence */
        else if (!bkey_is_ok(err))
            return err;
    }
    *out_len = junk ? 0 : len;
    return bkey_ok();
}

static bool is_placing(const bkey_decision *decision)
{
    return decision->configuration_id != NULL && decision->reason < BKEY_MATCH_IGNORED;
}

/* One that only the directory still has is what a machine leaves behind that is set up anew. */
static bool is_managed(const bkey_match_index *index, const sup_guid *device_id)
{
    size_t first = 0;
    size_t rows = bkey_idsort_rows(&index->inventory, device_id, &first);
    for (size_t i = 0; i < rows; i++) {
        uint32_t row = bkey_idsort_row(&index->inventory, first + i);
        if (index->world.devices[row].sources != BKEY_SOURCE_ENTRA)
            return true;
    }
    return false;
}

/* A configuration is taken by a device that is still there, not by one that was replaced. */
static void add_claims(bkey_match_index *index)
{
    const bkey_match_world *world = &index->world;
    for (size_t i = 0; i < world->configuration_count; i++)
        index->claims[i] = BKEY_NONE;
    for (size_t i = 0; i < world->decision_count; i++) {
        const bkey_decision *decision = &world->decisions[i];
        if (!is_placing(decision) || !is_managed(index, &decision->device_id))
            continue;
        uint32_t at = bkey_match_index_id(index, decision->configuration_id);
        if (at != BKEY_NONE)
            index->claims[at] = (uint32_t)i;
    }
}

static bool make_tables(bkey_match_index *index)
{
    const bkey_match_world *world = &index->world;
    size_t configurations = world->configuration_count;
    index->claims = calloc(configurations + 1, sizeof *index->claims);
    index->rivalled = calloc(configurations + 1, sizeof *index->rivalled);
    return index->claims != NULL && index->rivalled != NULL &&
           make_table(&index->ids, configurations) && make_table(&index->serials, configurations) &&
           make_table(&index->names, configurations) &&
           make_table(&index->macs, configurations * MACS_OF_CONFIGURATION) &&
           make_table(&index->devices, world->device_count) &&
           make_table(&index->addresses, world->evidence_count * BKEY_MACS);
}

static bkey_err fill_index(bkey_match_index *index)
{
    const bkey_match_world *world = &index->world;
    bkey_err err = bkey_pattern_new(junk_rule, &index->junk);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&index->inventory, world->devices, world->device_count,
                               sizeof *world->devices);
    if (bkey_is_ok(err))
        err = bkey_idsort_init(&index->evidence, world->evidence, world->evidence_count,
                               sizeof *world->evidence);
    if (!bkey_is_ok(err))
        return err;
    add_rows(index);
    add_claims(index);
    return bkey_match_rival_mark(index);
}

bkey_err bkey_match_index_new(const bkey_match_world *world, bkey_match_index **out_index)
{
    bkey_match_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return bkey_fail(BKEY_E_NOMEM);
    index->world = *world;
    bkey_err err = make_tables(index) ? fill_index(index) : bkey_fail(BKEY_E_NOMEM);
    if (bkey_is_ok(err)) {
        *out_index = index;
        index = NULL;
    }
    bkey_match_index_free(&index);
    return err;
}

void bkey_match_index_free(bkey_match_index **index)
{
    if (index == NULL || *index == NULL)
        return;
    bkey_pattern_free(&(*index)->junk);
    bkey_idsort_done(&(*index)->evidence);
    bkey_idsort_done(&(*index)->inventory);
    free((*index)->addresses.entries);
    free((*index)->devices.entries);
    free((*index)->names.entries);
    free((*index)->macs.entries);
    free((*index)->serials.entries);
    free((*index)->ids.entries);
    free((*index)->rivalled);
    free((*index)->claims);
    free(*index);
    *index = NULL;
}
