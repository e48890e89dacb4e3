/* SPDX-License-Identifier: Apache-2.0
 *
 * Running the plugins' units: by hand and by the clock, one tick per unit at a time. */
#ifndef HOST_TICKS_H
#define HOST_TICKS_H

#include "dph/hook_sync.h"
#include "sample-host/src/call.h"

#define HOST_TICKS_INTERVAL_MS (INT64_C(3600) * 1000) /* when a plugin names no next time */
#define HOST_TICKS_ID_MAX 128

typedef struct host_unit {
    host_plugin *plugin;
    char id[HOST_TICKS_ID_MAX + 1];
    char name[256];
    int64_t next_due_ms;
} host_unit;

typedef struct host_tick_report {
    host_unit unit;
    dph_tick_result result; /* outcome 0 counts as failed */
    host_error problem;     /* why it failed or was refused */
    bool is_run;
} host_tick_report;

typedef struct host_ticks_order {
    const host_request *request; /* NULL = by the clock */
    const char *unit;            /* id or name; NULL = every unit */
    bool is_dry_run;
    bool only_due;
    bool is_jobs_only; /* one step of what waits for the unit, and no sync */
} host_ticks_order;

bool host_ticks_new(host *h, host_error *err);
void host_ticks_free(host *h);
/* Every unit of every loaded plugin. *out is an array for free(). */
bool host_ticks_units(host *h, const host_actor *actor, host_unit **out, size_t *out_count,
                      host_error *err);
/* Runs the units that fit the order, several at once as the manifest allows. *out is an array for
 * free(). False only when nothing could be run. */
bool host_ticks_run(host *h, const host_ticks_order *order, host_tick_report **out,
                    size_t *out_count, host_error *err);
/* Number of units whose tick runs now. */
size_t host_ticks_running(host *h);

#endif
