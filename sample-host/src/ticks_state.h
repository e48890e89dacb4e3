/* SPDX-License-Identifier: Apache-2.0
 *
 * For the files of the scheduler: which units run, who waits, and when they are due. */
#ifndef HOST_TICKS_STATE_H
#define HOST_TICKS_STATE_H

#include "sample-host/src/pace.h"
#include "sample-host/src/ticks.h"

#define HOST_TICKS_NAME_SIZE 65
#define HOST_TICKS_AT_ONCE 16u /* ticks by the clock, over all plugins */

/* Who pressed the button: a copy that outlives the request. */
typedef struct host_ticks_asker {
    host_actor actor; /* its texts are the two below */
    char name[HOST_TICKS_NAME_SIZE];
    char address[HOST_TICKS_NAME_SIZE];
} host_ticks_asker;

typedef struct host_ticks_entry {
    const host_plugin *plugin;
    char id[HOST_TICKS_ID_MAX + 1];
    bool is_running;
    bool is_limited;     /* the tick that runs counts as failing or long */
    bool has_waiter;     /* a person's sync that begins when the running one ends */
    bool waits_for_room; /* that one, while no tick of the unit runs */
    bool is_asked;       /* the scheduler is to run it for a person, at most once more */
    host_ticks_asker asker;
    bool is_outdated; /* the unit changed while its tick ran: what that tick says counts little */
    host_pace pace;
    int64_t generation; /* of the settings when it last failed */
    uint32_t outcome;   /* of the last tick, DPH_OUTCOME_*; 0 = none yet */
    dph_progress progress;
} host_ticks_entry;

typedef struct host_ticks_worker {
    host *h;
    host_unit unit;
    bool is_asked;
    host_ticks_asker asker;
    int64_t slice_ms;
    atomic_bool must_yield; /* others wait, and it stands still */
    atomic_ullong moved_ns; /* when it last told that it got ahead */
    pthread_t thread;
    bool has_thread;
    atomic_bool is_done;
} host_ticks_worker;

struct host_ticks {
    pthread_mutex_t lock;
    host_ticks_entry *entries;
    size_t count;
    size_t cap;
    uint64_t runs[DPH_OUTCOME_FAILED + 1]; /* ticks that ended, by outcome */
    int64_t generation;                    /* of the settings, when the scheduler looked last */
    atomic_bool is_stopping;
    atomic_bool is_started;
    atomic_bool has_news;    /* something may be due that was not */
    atomic_bool has_changed; /* the list of units may be another one */
    atomic_ullong look_ns;   /* when the scheduler looked last */
    bool has_thread;
    pthread_t thread;
    host_ticks_worker workers[HOST_TICKS_AT_ONCE];
};

/* How long a person's sync waits for the one that runs: until this is not zero. */
typedef struct host_ticks_patience {
    int (*is_over)(void *context);
    void *context;
} host_ticks_patience;

/* ---- turns.c ---- */
/* Under the lock. The unit's entry, made and filled from the sync log when there is none; NULL when
 * memory runs out. Valid until the lock is given back. */
host_ticks_entry *host_turns_entry(host *h, const host_plugin *plugin, const char *unit);
/* Marks the unit as running. While it is already, or its plugin has no room for one more, the first
 * caller with patience waits and every other one fails (BUSY): pressing again queues at most one
 * more. NULL = none. CANCELLED when the patience is over. */
bool host_turns_enter(host *h, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err);
/* Ends a turn that nothing was done with. */
void host_turns_give_back(host *h, const host_unit *unit);
/* What is known when a tick ends. */
typedef struct host_turns_end {
    host_pace_tick tick;
    uint32_t outcome;
    int64_t generation; /* of the settings, when the tick began */
    bool keeps_pace;    /* a dry run: nothing is remembered of it */
} host_turns_end;
/* Ends that; returns what is to be remembered. */
host_pace host_turns_leave(host *h, const host_unit *unit, const host_turns_end *end);
typedef enum host_turns_due {
    HOST_TURNS_NOT_DUE = 0,
    HOST_TURNS_DUE,
    HOST_TURNS_LACKS_ROOM /* it is due and has no trouble of its own, but all places are taken */
} host_turns_due;

/* Whether the scheduler may begin a tick of it now; fills the candidate. */
host_turns_due host_turns_look(host *h, const host_unit *unit, const host_pace_now *now,
                               host_pace_candidate *out);
/* Both clocks. */
host_pace_now host_turns_now(void);
/* Generation of the settings, 0 when it cannot be read. */
int64_t host_turns_generation(host *h);
/* As the settings of that plugin say. */
host_pace_rules host_turns_rules(const host_plugin *plugin);

/* ---- tick_run.c ---- */
typedef struct host_tick_job {
    host *h;
    const host_actor *actor;
    uint32_t reason; /* DPH_TICK_* */
    bool is_dry_run;
    bool is_check; /* looks for problems instead */
    bool is_jobs_only;
    bool is_customers;                   /* names them instead */
    bool has_turn;                       /* the unit is marked as running already */
    int64_t slice_ms;                    /* 0 = as long as it takes */
    const host_ticks_patience *patience; /* also what cancels it; NULL = only the host's end */
    host_ticks_worker *worker;           /* NULL = a person's */
    /* May be NULL; called in the tick's thread. */
    void (*progress)(void *context, const host_unit *unit, const dph_progress *progress);
    void *progress_ctx;
} host_tick_job;

/* Runs one tick from its turn to its row in the log. */
void host_tick_run(const host_tick_job *job, host_tick_report *report);

#endif
