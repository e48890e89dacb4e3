/* SPDX-License-Identifier: Apache-2.0
 *
 * Running the plugins' units: by hand and by the clock, one tick per unit at a time. */
#ifndef HOST_TICKS_H
#define HOST_TICKS_H

#include "dph/hook_sync.h"
#include "sample-host/src/call.h"

#define HOST_TICKS_ID_MAX 128
#define HOST_UNIT_NAME_SIZE 256

typedef struct host_unit {
    host_plugin *plugin;
    char id[HOST_TICKS_ID_MAX + 1];
    char name[HOST_UNIT_NAME_SIZE];
    int64_t next_due_ms;
} host_unit;

typedef struct host_tick_report {
    host_unit unit;
    dph_tick_result result; /* outcome 0 counts as failed */
    host_error problem;     /* why it failed or was refused */
    bool is_run;
    int64_t next_due_ms; /* by the clock; 0 = at once */
    json_t *plan;        /* of a dry run: an array of {organization, device, key_id, action} */
    bool is_plan_cut;    /* it has more rows than are kept */
    json_t *customers;   /* of a tick that names them: {tenant, name, organization, connected} */
} host_tick_report;

typedef struct host_ticks_order {
    const host_request *request; /* NULL = by the clock */
    const char *unit;            /* id or name; NULL = every unit */
    bool is_dry_run;
    bool is_check;     /* look for problems instead: leaves no row in the sync log */
    bool is_jobs_only; /* one step of what waits for the unit, and no sync */
    bool is_customers; /* name whom the unit's sign-in could reach, and no sync */
} host_ticks_order;

bool host_ticks_new(host *h, host_error *err);
void host_ticks_free(host *h);
/* Every unit of every loaded plugin. *out is an array for free(). */
bool host_ticks_units(host *h, const host_actor *actor, host_unit **out, size_t *out_count,
                      host_error *err);
/* Runs the units that fit the order, several at once as the manifest allows, those that failed last
 * after the others. *out is an array for host_ticks_free_reports. False only when nothing could be
 * run. */
bool host_ticks_run(host *h, const host_ticks_order *order, host_tick_report **out,
                    size_t *out_count, host_error *err);
/* True when a person means that unit: its name, or its id, in any spelling where ids are GUIDs. */
bool host_ticks_is_meant(const host_unit *unit, const char *wanted);
/* NOT_FOUND, with what was asked for; returns false. */
bool host_ticks_fail_unknown(const char *wanted, host_error *err);
/* NULL-safe. */
void host_ticks_free_reports(host_tick_report *reports, size_t count);
/* Leaves it to the scheduler: a tick of that unit (id or name) begins as soon as there is room;
 * when one runs or waits already, one more at most. Its name goes to out_id. Errors: NOT_FOUND,
 * UNAVAILABLE (no scheduler runs in this process). */
bool host_ticks_ask(host *h, const host_request *request, const char *unit,
                    char out_id[HOST_TICKS_ID_MAX + 1], host_error *err);
/* The unit is another one now, its credential say: it is tried at once, and failures before that
 * do not count. */
void host_ticks_wake(host *h, const char *unit);

typedef struct host_unit_state {
    bool is_running;
    bool is_queued;
    uint32_t failures; /* in a row */
    uint32_t outcome;  /* of the last tick; 0 = none yet */
    int64_t due_ms;    /* 0 = now */
    dph_progress progress;
} host_unit_state;

void host_ticks_state_of(host *h, const host_unit *unit, host_unit_state *out);
/* "reading keys", ... for DPH_PHASE_*. */
const char *host_ticks_phase_name(uint32_t phase);

/* False when the scheduler was started and has not looked for a minute. */
bool host_ticks_alive(host *h);
/* Number of units whose tick runs now. */
size_t host_ticks_running(host *h);

#endif
