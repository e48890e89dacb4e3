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
#define DPH_TICK_CHECK 2u   /* look for what keeps the unit from its work, instead of doing it */
/* One step of what an action left for this unit, and no sync. Takes as long as a request does; DONE
 * says nothing of how the job ends, which an action of the plugin tells. */
#define DPH_TICK_JOBS 4u
/* Name the customers whom this unit's sign-in could reach, and nothing else. */
#define DPH_TICK_CUSTOMERS 8u

/* What a tick is doing. A host shows a number that it does not know without a name. */
#define DPH_PHASE_SIGN_IN 1u
#define DPH_PHASE_DEVICES 2u  /* reads the list of devices */
#define DPH_PHASE_KEYS 3u     /* reads the list of keys */
#define DPH_PHASE_SECRETS 4u  /* reads the keys themselves */
#define DPH_PHASE_PUBLISH 5u  /* writes records */
#define DPH_PHASE_CONTACTS 6u /* reads the list of people */

/* How far a tick is. */
typedef struct dph_progress {
    uint32_t struct_size; /* bytes */
    uint32_t phase;       /* DPH_PHASE_* */
    uint64_t done;        /* in this phase */
    uint64_t total;       /* 0 = not known */
} dph_progress;

typedef struct dph_progress_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* [sync] Called between requests, in the thread of the tick; returns at once. */
    void(DPH_CALL *tell)(void *context, const dph_progress *progress);
} dph_progress_sink;

/* What a dry run would do with one key. */
#define DPH_PLAN_CREATE 1u    /* a new record */
#define DPH_PLAN_HOLD 2u      /* read and kept, in nobody's folder: it has no configuration */
#define DPH_PLAN_UPDATE 3u    /* the record's content or name */
#define DPH_PLAN_MOVE 4u      /* to another organization */
#define DPH_PLAN_ARCHIVE 5u   /* the record goes into the archive */
#define DPH_PLAN_UNARCHIVE 6u /* and comes back */
#define DPH_PLAN_NOTE 7u      /* only what is remembered about it: gone at the source, say */

typedef struct dph_plan_row {
    uint32_t struct_size;    /* bytes */
    uint32_t action;         /* DPH_PLAN_* */
    dph_str organization_id; /* empty: nobody's */
    dph_str device;          /* its name, for people; empty when not known */
    dph_str key_id;          /* never the key */
} dph_plan_row;

typedef struct dph_plan_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* [sync] Anything but OK ends the list, not the tick. Text lives until it returns. */
    dph_status(DPH_CALL *add)(void *context, const dph_plan_row *row);
} dph_plan_sink;

#define DPH_CUSTOMER_CONNECTED 1u /* it is a unit already */

typedef struct dph_customer_row {
    uint32_t struct_size;    /* bytes */
    uint32_t flags;          /* DPH_CUSTOMER_* */
    dph_str unit_id;         /* of the unit that it would be */
    dph_str name;            /* for people */
    dph_str organization_id; /* of that very name, a suggestion and no more; empty: none */
} dph_customer_row;

typedef struct dph_customer_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* [sync] Anything but OK ends the list, not the tick. Text lives until it returns. */
    dph_status(DPH_CALL *add)(void *context, const dph_customer_row *row);
} dph_customer_sink;

typedef struct dph_tick {
    uint32_t struct_size; /* bytes; an older host ends it after unit_id */
    uint32_t reason;      /* DPH_TICK_SCHEDULED or _MANUAL */
    uint32_t flags;       /* DPH_TICK_DRY_RUN, _CHECK, _JOBS, _CUSTOMERS */
    uint32_t reserved0;   /* 0 */
    dph_str unit_id;
    const dph_progress_sink *progress;  /* NULL = nobody looks */
    const dph_plan_sink *plan;          /* for dry runs, every key that has something to do, in the
                                           order of organizations and devices; NULL = only counts */
    const dph_customer_sink *customers; /* for DPH_TICK_CUSTOMERS, which needs it; else NULL */
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
     * requests. `out` is filled with OK and with errors. NOT_FOUND: no such unit. INVALID: a flag
     * that the plugin does not know. */
    dph_status(DPH_CALL *on_tick)(dph_plugin *plugin, const dph_call *call, const dph_tick *tick,
                                  dph_tick_result *out, dph_error *err);
} dph_hook_sync_v1;

#endif
