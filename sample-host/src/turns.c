/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose turn it is: one tick per unit, as many per plugin as its manifest allows, at most one more
 * that waits. */
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/settings.h"
#include "sample-host/src/sync_log.h"
#include "sample-host/src/ticks_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_NS UINT64_C(60000000)
#define NS_PER_MS UINT64_C(1000000)
#define INTERVAL_SETTING "sync_interval_minutes"
#define INTERVAL_MINUTES 60 /* of plugins without that setting */

bool host_ticks_new(host *h, host_error *err)
{
    host_ticks *ticks = calloc(1, sizeof *ticks);
    if (ticks == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    (void)pthread_mutex_init(&ticks->lock, NULL);
    h->ticks = ticks;
    return true;
}

void host_ticks_free(host *h)
{
    if (h->ticks == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&h->ticks->lock);
    free(h->ticks->entries);
    free(h->ticks);
    h->ticks = NULL;
}

static host_ticks_entry *find_entry(const host_ticks *ticks, const host_plugin *plugin,
                                    const char *unit)
{
    for (size_t i = 0; i < ticks->count; i++) {
        if (ticks->entries[i].plugin == plugin && strcmp(ticks->entries[i].id, unit) == 0) {
            return &ticks->entries[i];
        }
    }
    return NULL;
}

static bool grow(host_ticks *ticks)
{
    size_t cap = ticks->cap == 0 ? 16 : ticks->cap * 2;
    host_ticks_entry *entries = realloc(ticks->entries, cap * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    ticks->entries = entries;
    ticks->cap = cap;
    return true;
}

host_ticks_entry *host_turns_entry(host *h, const host_plugin *plugin, const char *unit)
{
    host_ticks *ticks = h->ticks;
    host_ticks_entry *entry = find_entry(ticks, plugin, unit);
    if (entry != NULL) {
        return entry;
    }
    if (ticks->count == ticks->cap && !grow(ticks)) {
        return NULL;
    }
    entry = &ticks->entries[ticks->count];
    memset(entry, 0, sizeof *entry);
    entry->plugin = plugin;
    (void)snprintf(entry->id, sizeof entry->id, "%s", unit);
    host_sync_log_last last = {.outcome = 0};
    if (host_sync_log_find_last(h, plugin->id, unit, &last)) {
        const host_pace_rules rules = host_turns_rules(plugin);
        const host_pace_now now = host_turns_now();
        entry->pace = last.pace;
        host_pace_resume(&rules, &now, &entry->pace);
        entry->generation = last.generation;
        entry->outcome = last.outcome;
    }
    ticks->count++;
    return entry;
}

host_pace_now host_turns_now(void)
{
    const uint64_t mono_ns = host_clock_mono_ns();
    return (host_pace_now){host_clock_wall_ms(), (int64_t)(mono_ns / NS_PER_MS)};
}

int64_t host_turns_generation(host *h)
{
    host_error ignored = {0};
    int64_t generation = 0;
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    if (conn != NULL) {
        (void)host_rows_number(conn, &ignored, &generation,
                               "SELECT value FROM meta WHERE key='settings_generation'", "");
    }
    host_db_read_end(h->db, conn);
    return generation;
}

host_pace_rules host_turns_rules(const host_plugin *plugin)
{
    char value[HOST_SETTINGS_VALUE_MAX];
    host_error ignored = {0};
    dph_str key = host_str(INTERVAL_SETTING);
    long long minutes = 0;
    if (host_settings_get(plugin, &key, value, sizeof value, &ignored)) {
        minutes = strtoll(value, NULL, 10);
    }
    return host_pace_usual(minutes > 0 ? minutes : INTERVAL_MINUTES);
}

/* Under the lock. */
static host_pace_room measure_room(const host_ticks *ticks, const host_plugin *plugin)
{
    const dph_manifest *manifest = dphl_manifest(plugin->library);
    host_pace_room room = {.most = manifest != NULL ? manifest->max_parallel_units : 1};
    room.most = room.most < 1 ? 1 : room.most;
    room.most = room.most > HOST_TICKS_AT_ONCE ? HOST_TICKS_AT_ONCE : room.most;
    for (size_t i = 0; i < ticks->count; i++) {
        const host_ticks_entry *entry = &ticks->entries[i];
        if (entry->plugin == plugin) {
            room.running += entry->is_running ? 1 : 0;
            room.limited += entry->is_running && entry->is_limited ? 1 : 0;
        }
    }
    return room;
}

static size_t count_waiting(const host_ticks *ticks, const host_plugin *plugin)
{
    size_t waiting = 0;
    for (size_t i = 0; i < ticks->count; i++) {
        waiting += ticks->entries[i].plugin == plugin && ticks->entries[i].waits_for_room ? 1 : 0;
    }
    return waiting;
}

static bool is_over(void *context)
{
    const host_ticks_patience *patience = context;
    return patience->is_over(patience->context) != 0;
}

static bool has_room(const host_ticks *ticks, const host_plugin *plugin)
{
    host_pace_room room = measure_room(ticks, plugin);
    return room.running < room.most;
}

/* Under the lock, which it lets go meanwhile; entries may move then, but keep their places. */
static host_ticks_entry *wait_for_turn(host_ticks *ticks, size_t place,
                                       const host_ticks_patience *patience)
{
    bool goes_on = true;
    ticks->entries[place].has_waiter = true;
    while (goes_on &&
           (ticks->entries[place].is_running || !has_room(ticks, ticks->entries[place].plugin))) {
        ticks->entries[place].waits_for_room = !ticks->entries[place].is_running;
        (void)pthread_mutex_unlock(&ticks->lock);
        goes_on = host_clock_wait(WAIT_NS, is_over, (void *)(uintptr_t)patience);
        (void)pthread_mutex_lock(&ticks->lock);
    }
    host_ticks_entry *entry = &ticks->entries[place];
    entry->has_waiter = false;
    entry->waits_for_room = false;
    return goes_on && patience->is_over(patience->context) == 0 ? entry : NULL;
}

static bool fail_busy(const host_ticks_patience *patience, host_error *err)
{
    return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_BUSY,
                          "A sync of this connection is running%s.",
                          patience == NULL ? " already" : ", and one more waits already");
}

/* Under the lock. */
static bool take_turn(host *h, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err)
{
    host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    if (entry == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    bool is_free = !entry->is_running && has_room(h->ticks, unit->plugin);
    bool is_queued = entry->has_waiter || (entry->is_running && entry->is_asked);
    if (is_queued || (!is_free && patience == NULL)) {
        return fail_busy(patience, err);
    }
    if (!is_free) {
        entry = wait_for_turn(h->ticks, (size_t)(entry - h->ticks->entries), patience);
    }
    if (entry == NULL) {
        return host_error_set(err, DPH_E_CANCELLED, 0,
                              "The wait for the running sync was ended; nothing was done.");
    }
    entry->is_running = true;
    entry->is_asked = false;
    entry->progress = (dph_progress){.struct_size = sizeof entry->progress};
    host_pace_rules rules = host_pace_usual(INTERVAL_MINUTES);
    entry->is_limited = host_pace_is_limited(&rules, &entry->pace);
    return true;
}

bool host_turns_enter(host *h, const host_unit *unit, const host_ticks_patience *patience,
                      host_error *err)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    bool ok = take_turn(h, unit, patience, err);
    (void)pthread_mutex_unlock(&h->ticks->lock);
    return ok;
}

void host_turns_give_back(host *h, const host_unit *unit)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_ticks_entry *entry = find_entry(h->ticks, unit->plugin, unit->id);
    if (entry != NULL) {
        entry->is_running = false;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
}

host_pace host_turns_leave(host *h, const host_unit *unit, const host_turns_end *end)
{
    host_pace pace = {0};
    host_pace_rules rules = host_turns_rules(unit->plugin);
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_ticks_entry *entry = find_entry(h->ticks, unit->plugin, unit->id);
    if (entry != NULL) {
        entry->is_running = false;
        if (!end->keeps_pace) {
            host_pace_after(&rules, &end->tick, &entry->pace);
            entry->generation = end->generation;
            entry->outcome = end->outcome;
            h->ticks->runs[end->outcome <= DPH_OUTCOME_FAILED ? end->outcome : 0]++;
        }
        if (entry->is_outdated) {
            entry->pace = (host_pace){0};
        }
        entry->is_outdated = false;
        pace = entry->pace;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    atomic_store(&h->ticks->has_news, true);
    return pace;
}

/* Under the lock. Whoever waits for room in person goes before the clock. */
static host_turns_due find_due(host *h, const host_unit *unit, const host_pace_now *now,
                               host_pace_candidate *out)
{
    host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    if (entry == NULL || entry->is_running || entry->has_waiter) {
        return HOST_TURNS_NOT_DUE;
    }
    host_pace_rules rules = host_pace_usual(INTERVAL_MINUTES);
    host_pace pace = entry->pace;
    pace.due_ms = pace.due_ms == 0 ? unit->next_due_ms : pace.due_ms;
    /* Another setting may be what was missing. */
    if (pace.failures > 0 && entry->generation != h->ticks->generation) {
        pace.due_ms = 0;
    }
    if (!entry->is_asked && !host_pace_is_due(&pace, now)) {
        return HOST_TURNS_NOT_DUE;
    }
    bool is_limited = host_pace_is_limited(&rules, &pace);
    host_pace_room room = measure_room(h->ticks, unit->plugin);
    room.running += (uint32_t)count_waiting(h->ticks, unit->plugin);
    *out = (host_pace_candidate){pace.due_ms, entry->is_asked};
    if (host_pace_fits(&room, is_limited)) {
        return HOST_TURNS_DUE;
    }
    return is_limited && !entry->is_asked ? HOST_TURNS_NOT_DUE : HOST_TURNS_LACKS_ROOM;
}

host_turns_due host_turns_look(host *h, const host_unit *unit, const host_pace_now *now,
                               host_pace_candidate *out)
{
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_turns_due due = find_due(h, unit, now, out);
    (void)pthread_mutex_unlock(&h->ticks->lock);
    return due;
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
