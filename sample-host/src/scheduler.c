/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock's side of ticks: one thread looks for due units and gives each a thread of its own, as
 * many as there is room for. Nobody waits for a round to end. */
#include "sample-host/src/apply.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/rotation.h"
#include "sample-host/src/sync_log.h"
#include "sample-host/src/ticks_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_EVERY_NS UINT64_C(1000000000)
#define LIST_EVERY_NS UINT64_C(5000000000)
#define DEAD_AFTER_NS UINT64_C(60000000000)
#define STANDS_STILL_NS UINT64_C(60000000000)
#define PURGE_EVERY_MS (INT64_C(3600) * 1000)

typedef struct looker {
    host *h;
    host_unit *units;
    size_t count;
    uint64_t listed_ns;
    int64_t purged_ms;
    bool is_crowded; /* a healthy unit is due and finds no place */
} looker;

static bool is_stopping(const host *h)
{
    return atomic_load(&h->ticks->is_stopping);
}

static bool is_wanted(void *context)
{
    host *h = context;
    return is_stopping(h) || atomic_load(&h->ticks->has_news);
}

static void log_end(const host_tick_report *report)
{
    bool is_done = report->result.outcome == DPH_OUTCOME_DONE;
    json_t *fields = json_pack("{s:s}", "unit", report->unit.id);
    host_log_line(is_done ? DPH_LOG_INFO : DPH_LOG_WARNING, "tick",
                  is_done ? report->result.summary : report->problem.message, fields);
    json_decref(fields);
}

static void *run_one(void *context)
{
    host_ticks_worker *worker = context;
    host_actor scheduler = host_call_scheduler();
    host_tick_report report = {.unit = worker->unit};
    host_tick_job job = {.h = worker->h,
                         .actor = worker->is_asked ? &worker->asker.actor : &scheduler,
                         .reason = worker->is_asked ? DPH_TICK_MANUAL : DPH_TICK_SCHEDULED,
                         .slice_ms = worker->slice_ms,
                         .has_turn = true,
                         .worker = worker};
    unsigned ticket = host_grace_enter(worker->h->grace);
    host_tick_run(&job, &report);
    host_grace_leave(worker->h->grace, ticket);
    log_end(&report);
    atomic_store(&worker->is_done, true);
    atomic_store(&worker->h->ticks->has_news, true);
    return NULL;
}

static void join_ended(host *h, bool waits)
{
    for (size_t i = 0; i < HOST_TICKS_AT_ONCE; i++) {
        host_ticks_worker *worker = &h->ticks->workers[i];
        if (worker->has_thread && (waits || atomic_load(&worker->is_done))) {
            (void)pthread_join(worker->thread, NULL);
            worker->has_thread = false;
        }
    }
}

static host_ticks_worker *find_idle(host *h)
{
    for (size_t i = 0; i < HOST_TICKS_AT_ONCE; i++) {
        if (!h->ticks->workers[i].has_thread) {
            return &h->ticks->workers[i];
        }
    }
    return NULL;
}

/* Who asked is read before the turn is taken: taking it is the answer to all who asked so far. */
static void fill_worker(host_ticks_worker *worker, host *h, const host_unit *unit)
{
    host_pace_rules rules = host_turns_rules(unit->plugin);
    worker->h = h;
    worker->unit = *unit;
    (void)pthread_mutex_lock(&h->ticks->lock);
    const host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    worker->is_asked = entry != NULL && entry->is_asked;
    worker->slice_ms = entry != NULL ? host_pace_slice(&rules, &entry->pace) : rules.slice_ms;
    if (worker->is_asked) {
        worker->asker = entry->asker;
        worker->asker.actor.name = worker->asker.name;
        worker->asker.actor.remote_address = worker->asker.address;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    atomic_store(&worker->is_done, false);
    atomic_store(&worker->must_yield, false);
    atomic_store(&worker->moved_ns, host_clock_mono_ns());
}

static bool start_one(host *h, const host_unit *unit, host_ticks_worker *worker)
{
    host_error ignored = {0};
    fill_worker(worker, h, unit);
    if (!host_turns_enter(h, unit, NULL, &ignored)) {
        return false;
    }
    worker->has_thread = pthread_create(&worker->thread, NULL, run_one, worker) == 0;
    if (!worker->has_thread) {
        host_turns_give_back(h, unit);
    }
    return worker->has_thread;
}

static const host_unit *choose(looker *l, const host_pace_now *now)
{
    const host_unit *best = NULL;
    host_pace_candidate first = {0};
    l->is_crowded = false;
    for (size_t i = 0; i < l->count; i++) {
        host_pace_candidate mine = {0};
        host_turns_due due = host_turns_look(l->h, &l->units[i], now, &mine);
        l->is_crowded = l->is_crowded || due == HOST_TURNS_LACKS_ROOM;
        if (due == HOST_TURNS_DUE && (best == NULL || host_pace_goes_first(&mine, &first))) {
            best = &l->units[i];
            first = mine;
        }
    }
    return best;
}

static void start_due(looker *l)
{
    bool goes_on = true;
    while (goes_on && !is_stopping(l->h)) {
        host_ticks_worker *idle = find_idle(l->h);
        const host_pace_now now = host_turns_now();
        const host_unit *next = choose(l, &now);
        goes_on = idle != NULL && next != NULL && start_one(l->h, next, idle);
    }
}

/* Others wait while one stands still, because nobody answers it or it has been told to wait: that
 * one ends, and comes back when its time has come. */
static void make_room(const looker *l)
{
    host_ticks_worker *stillest = NULL;
    uint64_t since_ns = host_clock_mono_ns() - STANDS_STILL_NS;
    for (size_t i = 0; l->is_crowded && i < HOST_TICKS_AT_ONCE; i++) {
        host_ticks_worker *worker = &l->h->ticks->workers[i];
        uint64_t moved_ns = atomic_load(&worker->moved_ns);
        if (worker->has_thread && !worker->is_asked && !atomic_load(&worker->must_yield) &&
            moved_ns < since_ns) {
            since_ns = moved_ns;
            stillest = worker;
        }
    }
    if (stillest != NULL) {
        atomic_store(&stillest->must_yield, true);
    }
}

static void list_units(looker *l)
{
    host_actor scheduler = host_call_scheduler();
    host_error err = {0};
    host_unit *units = NULL;
    size_t count = 0;
    l->listed_ns = host_clock_mono_ns();
    if (!host_ticks_units(l->h, &scheduler, &units, &count, &err)) {
        host_log_line(DPH_LOG_ERROR, "scheduler", err.message, NULL);
        return;
    }
    free(l->units);
    l->units = units;
    l->count = count;
}

static void purge(looker *l)
{
    host_error err = {0};
    int64_t now_ms = host_clock_wall_ms();
    if (now_ms - l->purged_ms <= PURGE_EVERY_MS) {
        return;
    }
    l->purged_ms = now_ms;
    if (!host_apply_purge(l->h, &err) || !host_sync_log_purge(l->h, now_ms, &err)) {
        host_log_line(DPH_LOG_WARNING, "purge", err.message, NULL);
    }
}

static void look(looker *l)
{
    host *h = l->h;
    unsigned ticket = host_grace_enter(h->grace);
    int64_t generation = host_turns_generation(h);
    (void)pthread_mutex_lock(&h->ticks->lock);
    h->ticks->generation = generation;
    (void)pthread_mutex_unlock(&h->ticks->lock);
    join_ended(h, false);
    bool is_changed = atomic_exchange(&h->ticks->has_changed, false);
    if (is_changed || l->units == NULL || host_clock_mono_ns() - l->listed_ns >= LIST_EVERY_NS) {
        list_units(l);
        host_rotation_run_due(h, host_clock_wall_ms());
    }
    start_due(l);
    make_room(l);
    purge(l);
    host_grace_leave(h->grace, ticket);
    atomic_store(&h->ticks->look_ns, host_clock_mono_ns());
}

static void *look_for_due(void *context)
{
    host *h = context;
    looker l = {.h = h, .purged_ms = host_clock_wall_ms()};
    while (!is_stopping(h)) {
        atomic_store(&h->ticks->has_news, false);
        look(&l);
        (void)host_clock_wait(LOOK_EVERY_NS, is_wanted, h);
    }
    join_ended(h, true);
    free(l.units);
    return NULL;
}

bool host_scheduler_start(host *h, host_error *err)
{
    atomic_store(&h->ticks->is_stopping, false);
    atomic_store(&h->ticks->look_ns, host_clock_mono_ns());
    if (pthread_create(&h->ticks->thread, NULL, look_for_due, h) != 0) {
        return host_error_set(err, DPH_E_NOMEM, 0, "The scheduler does not start.");
    }
    h->ticks->has_thread = true;
    atomic_store(&h->ticks->is_started, true);
    return true;
}

static bool is_idle(void *context)
{
    return host_ticks_running(context) == 0;
}

void host_scheduler_stop(host *h)
{
    atomic_store(&h->ticks->is_stopping, true);
    atomic_store(&h->ticks->is_started, false);
    if (h->ticks->has_thread) {
        (void)pthread_join(h->ticks->thread, NULL);
        h->ticks->has_thread = false;
    }
    /* Those that persons started end too: they are cancelled. */
    while (!is_idle(h)) {
        (void)host_clock_wait(LOOK_EVERY_NS, is_idle, h);
    }
}

bool host_ticks_alive(host *h)
{
    return !atomic_load(&h->ticks->is_started) ||
           host_clock_mono_ns() - atomic_load(&h->ticks->look_ns) < DEAD_AFTER_NS;
}
