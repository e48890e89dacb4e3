/* SPDX-License-Identifier: Apache-2.0
 *
 * The lineage rule. Must not know records, archive flags or people's wishes. */
#include "domain/lineage.h"

#define NOT_SET_MS INT64_C(-62135596800000) /* 0001-01-01T00:00:00Z */

bool bkey_lineage_is_dated(int64_t created_ms)
{
    return created_ms > NOT_SET_MS;
}

int64_t bkey_lineage_fold(int64_t newest_ms, const bkey_lineage_fact *fact)
{
    bool supersedes = fact->listed && fact->usable && bkey_lineage_is_dated(fact->created_ms);
    return supersedes && fact->created_ms > newest_ms ? fact->created_ms : newest_ms;
}

bkey_lineage bkey_lineage_of(const bkey_lineage_fact *fact, int64_t newest_ms,
                             int64_t burst_window_ms)
{
    bool comparable = bkey_lineage_is_dated(fact->created_ms) && bkey_lineage_is_dated(newest_ms);
    bool older = comparable && fact->created_ms < newest_ms;
    if (!fact->listed)
        return older ? BKEY_LINEAGE_SUPERSEDED : BKEY_LINEAGE_GONE;
    /* Graph does not say which data drive a key opens: there a date alone proves nothing. */
    if (fact->volume != BKEY_VOLUME_OS)
        return BKEY_LINEAGE_CURRENT;
    bool before_burst = older && fact->created_ms < newest_ms - burst_window_ms;
    return before_burst ? BKEY_LINEAGE_SUPERSEDED : BKEY_LINEAGE_CURRENT;
}
