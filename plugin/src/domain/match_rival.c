/* SPDX-License-Identifier: Apache-2.0
 *
 * What devices of other tenants have: a configuration that was given to one, or whose serial number
 * one says of itself. Must not know how such devices are found. */
#include <string.h>

#include "domain/match_index.h"

static void mark_serial(bkey_match_index *index, const char *serial)
{
    char other[BKEY_MATCH_SERIAL_MAX + 1];
    const bkey_match_table *table = &index->serials;
    const uint64_t hash = bkey_match_index_text(serial);
    size_t at = bkey_match_index_find(table, hash);
    for (; at < table->count && table->entries[at].hash == hash; at++) {
        const uint32_t row = table->entries[at].row;
        (void)bkey_match_serial(index->world.configurations[row].serial, other);
        if (strcmp(serial, other) == 0)
            index->rivalled[row] = true;
    }
}

bkey_err bkey_match_rival_mark(bkey_match_index *index)
{
    char serial[BKEY_MATCH_SERIAL_MAX + 1];
    for (size_t i = 0; i < index->world.rival_count; i++) {
        const bkey_rival *rival = &index->world.rivals[i];
        const uint32_t row = rival->configuration_id[0] != '\0'
                                 ? bkey_match_index_id(index, rival->configuration_id)
                                 : BKEY_NONE;
        size_t len = 0;
        if (row != BKEY_NONE)
            index->rivalled[row] = true;
        bkey_err err = bkey_match_index_serial(index, rival->serial, serial, &len);
        if (!bkey_is_ok(err))
            return err;
        if (len > 0)
            mark_serial(index, serial);
    }
    return bkey_ok();
}
