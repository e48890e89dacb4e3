/* SPDX-License-Identifier: Apache-2.0
 *
 * For ticks.c and scheduler.c: which units run, and when they are due. */
#ifndef HOST_TICKS_STATE_H
#define HOST_TICKS_STATE_H

#include "sample-host/src/ticks.h"

typedef struct host_ticks_entry {
    const host_plugin *plugin;
    char id[HOST_TICKS_ID_MAX + 1];
    bool is_running;
    bool has_waiter;     /* a person's sync that begins when the running one ends */
    int64_t next_due_ms; /* as the last tick in this process said; 0 = ask the unit */
} host_ticks_entry;

struct host_ticks {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    host_ticks_entry *entries;
    size_t count;
    size_t cap;
    atomic_bool is_stopping;
    bool has_thread;
    pthread_t thread;
};

/* How long a person's sync waits for the one that runs: until this is not zero. */
typedef struct host_ticks_patience {
    int (*is_over)(void *context);
    void *context;
} host_ticks_patience;

/* Marks the unit as running. While it is already, the first caller with patience waits and every
 * other one fails (BUSY): pressing again queues at most one more. NULL = none. CANCELLED when the
 * patience is over. */
bool host_ticks_enter(host *h, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err);
#define HOST_TICKS_KEEP_DUE (-1)
/* Ends that; remembers when it is due next (0 = the default interval from now; HOST_TICKS_KEEP_DUE
 * = as before). */
void host_ticks_leave(host *h, const host_plugin *plugin, const char *unit, int64_t next_due_ms);
bool host_ticks_due(host *h, const host_unit *unit, int64_t now_ms);

#endif
