/* SPDX-License-Identifier: Apache-2.0
 *
 * What others ask of the scheduler: another tick, and how the units are. */
#include "sample-host/src/base/log.h"
#include "sample-host/src/sync_log.h"
#include "sample-host/src/ticks_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_asker(host_ticks_asker *to, const host_actor *from)
{
    to->actor = *from;
    to->actor.as_user = NULL;
    (void)snprintf(to->name, sizeof to->name, "%s", from->name);
    (void)snprintf(to->address, sizeof to->address, "%s", from->remote_address);
}

static const host_unit *find_unit(const host_unit *units, size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (host_ticks_is_meant(&units[i], wanted)) {
            return &units[i];
        }
    }
    return NULL;
}

static bool queue(host *h, const host_request *request, const host_unit *unit, host_error *err)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    if (entry != NULL && !entry->has_waiter && !entry->is_asked) {
        entry->is_asked = true;
        copy_asker(&entry->asker, &request->actor);
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    atomic_store(&h->ticks->has_changed, true);
    atomic_store(&h->ticks->has_news, true);
    return entry != NULL || host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

bool host_ticks_ask(host *h, const host_request *request, const char *unit,
                    char out_id[HOST_TICKS_ID_MAX + 1], host_error *err)
{
    host_unit *units = NULL;
    size_t count = 0;
    if (!atomic_load(&h->ticks->is_started)) {
        return host_error_set(err, DPH_E_UNAVAILABLE, 0,
                              "No server runs here that could do it later; use `sync`.");
    }
    if (!host_ticks_units(h, &request->actor, &units, &count, err)) {
        return false;
    }
    const host_unit *found = find_unit(units, count, unit);
    bool ok = found != NULL ? queue(h, request, found, err) : host_ticks_fail_unknown(unit, err);
    if (ok) {
        (void)snprintf(out_id, HOST_TICKS_ID_MAX + 1, "%s", found->id);
    }
    free(units);
    return ok;
}

void host_ticks_wake(host *h, const char *unit)
{
    host_error err = {0};
    if (!host_sync_log_forget_wait(h, unit, &err)) {
        host_log_line(DPH_LOG_WARNING, "sync_log", err.message, NULL);
    }
    (void)pthread_mutex_lock(&h->ticks->lock);
    for (size_t i = 0; i < h->ticks->count; i++) {
        if (strcmp(h->ticks->entries[i].id, unit) == 0) {
            h->ticks->entries[i].pace = (host_pace){0};
            h->ticks->entries[i].is_outdated = h->ticks->entries[i].is_running;
        }
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    atomic_store(&h->ticks->has_changed, true);
    atomic_store(&h->ticks->has_news, true);
}

void host_ticks_state_of(host *h, const host_unit *unit, host_unit_state *out)
{
    *out = (host_unit_state){.due_ms = unit->next_due_ms};
    (void)pthread_mutex_lock(&h->ticks->lock);
    const host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    if (entry != NULL) {
        *out = (host_unit_state){.is_running = entry->is_running,
                                 .is_queued = entry->is_asked || entry->has_waiter,
                                 .failures = entry->pace.failures,
                                 .outcome = entry->outcome,
                                 .due_ms = entry->pace.due_ms,
                                 .progress = entry->progress};
    }
    if (!out->is_running) {
        out->progress = (dph_progress){.phase = 0};
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
}

void host_sync_count(host *h, host_sync_counts *out)
{
    *out = (host_sync_counts){.units = 0};
    (void)pthread_mutex_lock(&h->ticks->lock);
    const uint64_t *runs = h->ticks->runs;
    out->units = h->ticks->count;
    out->done = runs[DPH_OUTCOME_DONE];
    out->refused = runs[DPH_OUTCOME_REFUSED];
    out->failed = runs[DPH_OUTCOME_FAILED];
    for (size_t i = 0; i < h->ticks->count; i++) {
        const host_ticks_entry *entry = &h->ticks->entries[i];
        out->running += entry->is_running ? 1 : 0;
        out->queued += entry->is_asked || entry->has_waiter ? 1 : 0;
        out->failing += entry->pace.failures > 0 ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
}
