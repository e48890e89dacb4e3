/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.sync/1: scheduled work of a plugin, cut into units that run independently. */
#ifndef DPH_HOOK_SYNC_H
#define DPH_HOOK_SYNC_H

#include "dph/plugin.h"

#define DPH_HOOK_SYNC_ID "dph.hook.sync/1"

typedef struct dph_unit_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* no flag is defined; 0 */
    dph_str unit_id;      /* stable, 1..128 bytes: the tenant id */
    dph_str name;         /* for people */
    int64_t next_due_ms;  /* wall clock; 0 = now */
} dph_unit_row;

typedef struct dph_unit_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_unit_row *row);
} dph_unit_sink;

#define DPH_TICK_SCHEDULED 1u
#define DPH_TICK_MANUAL 2u

#define DPH_TICK_DRY_RUN 1u /* plan and count, write nothing, read no secret */
/* One step of what an action left for this unit, and no sync. Takes as long as a request does; DONE
 * says nothing of how the job ends, which an action of the plugin tells. */
#define DPH_TICK_JOBS 2u

typedef struct dph_tick {
    uint32_t struct_size; /* bytes */
    uint32_t reason;      /* DPH_TICK_SCHEDULED or _MANUAL */
    uint32_t flags;       /* DPH_TICK_DRY_RUN, DPH_TICK_JOBS */
    uint32_t reserved0;   /* 0 */
    dph_str unit_id;
} dph_tick;

#define DPH_OUTCOME_DONE 1u    /* the unit is up to date; single failures are counted */
#define DPH_OUTCOME_REFUSED 2u /* a prerequisite is missing; nothing was written (S1.17) */
#define DPH_OUTCOME_FAILED 3u  /* ended early; what was committed stays, the next tick goes on */

/* Result of a tick; the host writes it to its sync log (S1.99). */
typedef struct dph_tick_result {
    uint32_t struct_size;   /* bytes, set by the caller */
    uint32_t outcome;       /* DPH_OUTCOME_*; 0 = the plugin gave none, which counts as FAILED */
    int64_t next_due_ms;    /* wall clock; 0 = the host's default interval */
    uint64_t created;       /* records created */
    uint64_t updated;       /* records changed otherwise */
    uint64_t archived;      /* records archived */
    uint64_t unmatched;     /* keys held whose device has no configuration (S1.16) */
    uint64_t failed;        /* keys that could not be read or do not parse */
    uint64_t key_reads;     /* secrets fetched */
    uint64_t store_changes; /* rows written, the connection's renewed credential excepted */
    char summary[512];      /* one sentence, terminated, never a secret */
} dph_tick_result;

typedef struct dph_hook_sync_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] Every unit. Reads state only. */
    dph_status(DPH_CALL *list_units)(dph_plugin *plugin, const dph_call *call,
                                     const dph_unit_sink *sink, dph_error *err);
    /* [sync] One run of one unit; may take minutes; obeys deadline and cancellation between any two
     * requests. `out` is filled with OK and with errors. NOT_FOUND: no such unit. */
    dph_status(DPH_CALL *on_tick)(dph_plugin *plugin, const dph_call *call, const dph_tick *tick,
                                  dph_tick_result *out, dph_error *err);
} dph_hook_sync_v1;

#endif
