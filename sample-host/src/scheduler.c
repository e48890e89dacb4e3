/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock's side of ticks: one thread that looks for due units. */
#include "sample-host/src/apply.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/rotation.h"
#include "sample-host/src/ticks_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY_NS UINT64_C(5000000000)
#define WAIT_NS UINT64_C(60000000)
#define PURGE_EVERY_MS (INT64_C(3600) * 1000)

bool host_ticks_new(host *h, host_error *err)
{
    host_ticks *ticks = calloc(1, sizeof *ticks);
    if (ticks == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    (void)pthread_mutex_init(&ticks->lock, NULL);
    (void)pthread_cond_init(&ticks->changed, NULL);
    h->ticks = ticks;
    return true;
}

void host_ticks_free(host *h)
{
    if (h->ticks == NULL) {
        return;
    }
    (void)pthread_cond_destroy(&h->ticks->changed);
    (void)pthread_mutex_destroy(&h->ticks->lock);
    free(h->ticks->entries);
    free(h->ticks);
    h->ticks = NULL;
}

/* Under the lock. NULL when memory runs out. */
static host_ticks_entry *find_entry(host_ticks *ticks, const host_plugin *plugin, const char *unit)
{
    for (size_t i = 0; i < ticks->count; i++) {
        if (ticks->entries[i].plugin == plugin && strcmp(ticks->entries[i].id, unit) == 0) {
            return &ticks->entries[i];
        }
    }
    if (ticks->count == ticks->cap) {
        size_t cap = ticks->cap == 0 ? 16 : ticks->cap * 2;
        host_ticks_entry *entries = realloc(ticks->entries, cap * sizeof *entries);
        if (entries == NULL) {
            return NULL;
        }
        ticks->entries = entries;
        ticks->cap = cap;
    }
    host_ticks_entry *entry = &ticks->entries[ticks->count];
    memset(entry, 0, sizeof *entry);
    entry->plugin = plugin;
    (void)snprintf(entry->id, sizeof entry->id, "%s", unit);
    ticks->count++;
    return entry;
}

static bool is_over(void *context)
{
    const host_ticks_patience *patience = context;
    return patience->is_over(patience->context) != 0;
}

/* Under the lock, which it lets go meanwhile; entries may move then. */
static host_ticks_entry *wait_for_turn(host_ticks *ticks, const host_unit *unit,
                                       const host_ticks_patience *patience)
{
    bool goes_on = true;
    host_ticks_entry *entry = find_entry(ticks, unit->plugin, unit->id);
    entry->has_waiter = true;
    while (entry->is_running && goes_on) {
        (void)pthread_mutex_unlock(&ticks->lock);
        goes_on = host_clock_wait(WAIT_NS, is_over, (void *)(uintptr_t)patience);
        (void)pthread_mutex_lock(&ticks->lock);
        entry = find_entry(ticks, unit->plugin, unit->id);
    }
    entry->has_waiter = false;
    return goes_on && patience->is_over(patience->context) == 0 ? entry : NULL;
}

/* Under the lock. */
static bool take_turn(host_ticks *ticks, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err)
{
    host_ticks_entry *entry = find_entry(ticks, unit->plugin, unit->id);
    if (entry == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    if (entry->is_running && (patience == NULL || entry->has_waiter)) {
        return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                              "A sync of this connection is running%s.",
                              patience == NULL ? " already" : ", and one more waits already");
    }
    if (entry->is_running) {
        entry = wait_for_turn(ticks, unit, patience);
    }
    if (entry == NULL) {
        return host_error_set(err, DPH_E_CANCELLED, 0,
                              "The wait for the running sync was ended; nothing was done.");
    }
    entry->is_running = true;
    return true;
}

bool host_ticks_enter(host *h, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    bool ok = take_turn(h->ticks, unit, patience, err);
    (void)pthread_mutex_unlock(&h->ticks->lock);
    return ok;
}

void host_ticks_leave(host *h, const host_plugin *plugin, const char *unit, int64_t next_due_ms)
{
    int64_t fallback = host_clock_wall_ms() + HOST_TICKS_INTERVAL_MS;
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_ticks_entry *entry = find_entry(h->ticks, plugin, unit);
    if (entry != NULL) {
        entry->is_running = false;
        if (next_due_ms != HOST_TICKS_KEEP_DUE) {
            entry->next_due_ms = next_due_ms > 0 ? next_due_ms : fallback;
        }
    }
    (void)pthread_cond_broadcast(&h->ticks->changed);
    (void)pthread_mutex_unlock(&h->ticks->lock);
}

bool host_ticks_due(host *h, const host_unit *unit, int64_t now_ms)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    const host_ticks_entry *entry = find_entry(h->ticks, unit->plugin, unit->id);
    int64_t due = entry != NULL && entry->next_due_ms > 0 ? entry->next_due_ms : unit->next_due_ms;
    bool is_free = entry != NULL && !entry->is_running;
    (void)pthread_mutex_unlock(&h->ticks->lock);
    return is_free && due <= now_ms;
}

size_t host_ticks_running(host *h)
{
    size_t running = 0;
    (void)pthread_mutex_lock(&h->ticks->lock);
    for (size_t i = 0; i < h->ticks->count; i++) {
        running += h->ticks->entries[i].is_running ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    return running;
}

static bool is_stopping(void *context)
{
    host *h = context;
    return atomic_load(&h->ticks->is_stopping);
}

static void run_due(host *h)
{
    host_ticks_order order = {.only_due = true};
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_error err = {0};
    if (!host_ticks_run(h, &order, &reports, &count, &err)) {
        host_log_line(DPH_LOG_ERROR, "scheduler", err.message, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_done = reports[i].result.outcome == DPH_OUTCOME_DONE;
        json_t *fields = json_pack("{s:s}", "unit", reports[i].unit.id);
        host_log_line(is_done ? DPH_LOG_INFO : DPH_LOG_WARNING, "tick",
                      is_done ? reports[i].result.summary : reports[i].problem.message, fields);
        json_decref(fields);
    }
    free(reports);
}

static void *look_for_due(void *context)
{
    host *h = context;
    int64_t purged_ms = host_clock_wall_ms();
    while (host_clock_wait(LOOK_EVERY_NS, is_stopping, h)) {
        unsigned ticket = host_grace_enter(h->grace);
        run_due(h);
        host_rotation_run_due(h, host_clock_wall_ms());
        host_grace_leave(h->grace, ticket);
        host_error err = {0};
        if (host_clock_wall_ms() - purged_ms > PURGE_EVERY_MS) {
            purged_ms = host_clock_wall_ms();
            if (!host_apply_purge(h, &err)) {
                host_log_line(DPH_LOG_WARNING, "purge", err.message, NULL);
            }
        }
    }
    return NULL;
}

bool host_scheduler_start(host *h, host_error *err)
{
    atomic_store(&h->ticks->is_stopping, false);
    if (pthread_create(&h->ticks->thread, NULL, look_for_due, h) != 0) {
        return host_error_set(err, DPH_E_NOMEM, 0, "The scheduler does not start.");
    }
    h->ticks->has_thread = true;
    return true;
}

void host_scheduler_stop(host *h)
{
    atomic_store(&h->ticks->is_stopping, true);
    if (h->ticks->has_thread) {
        (void)pthread_join(h->ticks->thread, NULL);
        h->ticks->has_thread = false;
    }
    (void)pthread_mutex_lock(&h->ticks->lock);
    for (size_t i = 0; i < h->ticks->count; i++) {
        while (h->ticks->entries[i].is_running) {
            (void)pthread_cond_wait(&h->ticks->changed, &h->ticks->lock);
        }
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
}
