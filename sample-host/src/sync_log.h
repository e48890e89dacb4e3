/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of syncs (S1.99): one row per tick, and what outlives the process about when a unit is
 * due again. Knows no plugin's code. */
#ifndef HOST_SYNC_LOG_H
#define HOST_SYNC_LOG_H

#include "sample-host/src/pace.h"
#include "sample-host/src/ticks.h"

typedef struct host_sync_log_row {
    const host_tick_report *report;
    uint32_t reason; /* DPH_TICK_* */
    int64_t started_ms;
    int64_t ended_ms;
    host_pace pace;     /* after it */
    int64_t generation; /* of the settings */
} host_sync_log_row;

/* One that cannot be written leaves a line in the host's log. */
void host_sync_log_add(host *h, const host_sync_log_row *row);

typedef struct host_sync_log_last {
    host_pace pace;
    int64_t generation;
    uint32_t outcome; /* DPH_OUTCOME_* */
} host_sync_log_last;

/* False when there is none, or it cannot be read. */
bool host_sync_log_find_last(host *h, const char *plugin, const char *unit,
                             host_sync_log_last *out);
/* The unit is due at once, whatever its last tick said. */
bool host_sync_log_forget_wait(host *h, const char *unit, host_error *err);
/* Takes out rows older than 90 days, but the last one of each unit. */
bool host_sync_log_purge(host *h, int64_t now_ms, host_error *err);
/* Newest first; `unit` NULL = all. The rows as JSON, for people; names are not in them. */
bool host_sync_log_list(host *h, const char *unit, int64_t limit, json_t *rows, host_error *err);
/* "done", "refused", "failed". */
const char *host_sync_log_outcome(uint32_t outcome);

#endif
