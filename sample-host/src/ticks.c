/* SPDX-License-Identifier: Apache-2.0
 *
 * Units and their ticks. */
#include "sample-host/src/ticks.h"

#include "sample-host/src/plugins.h"
#include "sample-host/src/ticks_state.h"

#include "support/guid.h"
#include "support/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_MAX 100000u
#define THREADS_MAX HOST_TICKS_AT_ONCE

typedef struct unit_list {
    host_plugin *plugin;
    host_unit *items;
    size_t count;
    size_t cap;
} unit_list;

static dph_status DPH_CALL add_unit(void *context, const dph_unit_row *row)
{
    unit_list *list = context;
    if (row->struct_size < sizeof *row || row->unit_id.len < 1 ||
        row->unit_id.len > HOST_TICKS_ID_MAX || list->count >= UNITS_MAX) {
        return DPH_E_INVALID;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 16 : list->cap * 2;
        host_unit *items = realloc(list->items, cap * sizeof *items);
        if (items == NULL) {
            return DPH_E_NOMEM;
        }
        list->items = items;
        list->cap = cap;
    }
    host_unit *unit = &list->items[list->count];
    memset(unit, 0, sizeof *unit);
    unit->plugin = list->plugin;
    (void)sup_utf8_clean(row->unit_id.ptr, row->unit_id.len, unit->id, sizeof unit->id);
    (void)sup_utf8_clean(row->name.ptr, row->name.len, unit->name, sizeof unit->name);
    unit->next_due_ms = row->next_due_ms;
    list->count++;
    return DPH_OK;
}

bool host_ticks_units(host *h, const host_actor *actor, host_unit **out, size_t *out_count,
                      host_error *err)
{
    unit_list list = {.items = NULL};
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (h->plugins[i]->sync == NULL) {
            continue;
        }
        host_call call;
        host_call_init(&call, h, actor, DPH_LANE_HOOK, "");
        list.plugin = h->plugins[i];
        dph_unit_sink sink = {sizeof sink, 0, &list, add_unit};
        dph_error problem = {.struct_size = sizeof problem};
        dph_status status =
            list.plugin->sync->list_units(list.plugin->instance, &call.abi, &sink, &problem);
        if (status != DPH_OK) {
            free(list.items);
            return host_error_from_dph(err, status, &problem,
                                       "The plugin does not tell its connections.");
        }
    }
    *out = list.items;
    *out_count = list.count;
    return true;
}

typedef struct run {
    host *h;
    const host_ticks_order *order;
    host_tick_report *reports;
    size_t count;
    pthread_mutex_t lock;
    size_t next;
    size_t ended;
    const host_unit *leader; /* whose progress is shown */
} run;

/* Nobody but the process's end, or whoever asked. */
static int is_stopped(void *context)
{
    const host_request *request = context;
    return request != NULL && request->cancelled != NULL && request->cancelled(request->cancel_ctx);
}

const char *host_ticks_phase_name(uint32_t phase)
{
    static const char *const names[] = {"at work",          "signing in",   "listing devices",
                                        "listing its keys", "reading keys", "writing records"};
    return phase < sizeof names / sizeof names[0] ? names[phase] : names[0];
}

/* Many units run at once, and one line is all there is: it follows the one that told first. */
static bool is_leader(run *r, const host_unit *unit)
{
    (void)pthread_mutex_lock(&r->lock);
    if (r->leader == NULL) {
        r->leader = unit;
    }
    bool leads = r->leader == unit;
    (void)pthread_mutex_unlock(&r->lock);
    return leads;
}

static size_t count_ended(run *r)
{
    (void)pthread_mutex_lock(&r->lock);
    size_t ended = r->ended;
    (void)pthread_mutex_unlock(&r->lock);
    return ended;
}

/* A connection among others is shown with how many of them have ended; the end of each phase of
 * each of them would be too much. */
static void tell_progress(void *context, const host_unit *unit, const dph_progress *progress)
{
    run *r = context;
    char text[HOST_UNIT_NAME_SIZE + 96];
    char of[64] = "";
    const host_request *request = r->order->request;
    bool is_ended = progress->total > 0 && progress->done >= progress->total;
    if (!is_leader(r, unit) || (r->count > 1 && is_ended)) {
        return;
    }
    if (r->count > 1) {
        (void)snprintf(of, sizeof of, "[%zu/%zu] ", count_ended(r), r->count);
    }
    (void)snprintf(text, sizeof text, "%s%s: %s", of, unit->name,
                   host_ticks_phase_name(progress->phase));
    request->progress(request->progress_ctx, text, progress->done, progress->total);
}

static void end_unit(run *r, const host_unit *unit, bool tells)
{
    char text[HOST_UNIT_NAME_SIZE + 32];
    const host_request *request = r->order->request;
    (void)pthread_mutex_lock(&r->lock);
    size_t ended = ++r->ended;
    if (r->leader == unit) {
        r->leader = NULL;
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (tells && r->count > 1) {
        (void)snprintf(text, sizeof text, "%s has ended", unit->name);
        request->progress(request->progress_ctx, text, ended, r->count);
    }
}

static void *work(void *context)
{
    run *r = context;
    const host_request *request = r->order->request;
    host_actor scheduler = host_call_scheduler();
    host_ticks_patience patience = {is_stopped, (void *)(uintptr_t)request};
    bool tells = request != NULL && request->progress != NULL && !r->order->is_jobs_only;
    host_tick_job job = {.h = r->h,
                         .actor = request != NULL ? &request->actor : &scheduler,
                         .reason = request != NULL ? DPH_TICK_MANUAL : DPH_TICK_SCHEDULED,
                         .is_dry_run = r->order->is_dry_run,
                         .is_check = r->order->is_check,
                         .is_jobs_only = r->order->is_jobs_only,
                         .is_customers = r->order->is_customers,
                         .patience = request != NULL ? &patience : NULL,
                         .progress = tells ? tell_progress : NULL,
                         .progress_ctx = r};
    for (;;) {
        (void)pthread_mutex_lock(&r->lock);
        size_t mine = r->next;
        r->next++;
        (void)pthread_mutex_unlock(&r->lock);
        if (mine >= r->count) {
            return NULL;
        }
        host_tick_run(&job, &r->reports[mine]);
        end_unit(r, &r->reports[mine].unit, tells);
    }
}

static uint32_t count_threads(const run *r)
{
    uint32_t most = 1;
    for (size_t i = 0; i < r->count; i++) {
        const dph_manifest *manifest = dphl_manifest(r->reports[i].unit.plugin->library);
        uint32_t allowed = manifest != NULL ? manifest->max_parallel_units : 1;
        most = i == 0 || allowed < most ? allowed : most;
    }
    most = most < 1 ? 1 : most;
    most = most > THREADS_MAX ? THREADS_MAX : most;
    return most > r->count ? (uint32_t)r->count : most;
}

static void run_all(run *r)
{
    pthread_t threads[THREADS_MAX];
    uint32_t started = 0;
    uint32_t wanted = count_threads(r);
    (void)pthread_mutex_init(&r->lock, NULL);
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work, r) == 0) {
        started++;
    }
    (void)work(r);
    for (uint32_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    (void)pthread_mutex_destroy(&r->lock);
}

/* People copy ids out of portals that write them in capitals or in braces. */
static bool is_same_id(const char *id, const char *wanted)
{
    sup_guid one;
    sup_guid other;
    return strcmp(id, wanted) == 0 ||
           (sup_guid_parse(id, strlen(id), &one) &&
            sup_guid_parse(wanted, strlen(wanted), &other) && sup_guid_equal(&one, &other));
}

bool host_ticks_is_meant(const host_unit *unit, const char *wanted)
{
    return is_same_id(unit->id, wanted) || strcmp(unit->name, wanted) == 0;
}

bool host_ticks_fail_unknown(const char *wanted, host_error *err)
{
    char clean[HOST_UNIT_NAME_SIZE];
    (void)sup_utf8_clean(wanted, strlen(wanted), clean, sizeof clean);
    return host_error_set(err, DPH_E_NOT_FOUND, 0,
                          "There is no such connection: \"%s\" is neither the tenant id nor the "
                          "name of one (`sync status` lists them).",
                          clean);
}

static bool fits(const host_ticks_order *order, const host_unit *unit)
{
    return order->unit == NULL || host_ticks_is_meant(unit, order->unit);
}

/* Those that failed last go last: they may hang, and the others need not wait for that. */
static void sort_by_health(run *r)
{
    size_t healthy = 0;
    for (size_t i = 0; i < r->count; i++) {
        const host_unit *unit = &r->reports[i].unit;
        (void)pthread_mutex_lock(&r->h->ticks->lock);
        const host_ticks_entry *entry = host_turns_entry(r->h, unit->plugin, unit->id);
        bool is_healthy = entry == NULL || entry->pace.failures == 0;
        (void)pthread_mutex_unlock(&r->h->ticks->lock);
        if (is_healthy) {
            host_tick_report swapped = r->reports[healthy];
            r->reports[healthy] = r->reports[i];
            r->reports[i] = swapped;
            healthy++;
        }
    }
}

void host_ticks_free_reports(host_tick_report *reports, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_decref(reports[i].plan);
        json_decref(reports[i].customers);
    }
    free(reports);
}

bool host_ticks_run(host *h, const host_ticks_order *order, host_tick_report **out,
                    size_t *out_count, host_error *err)
{
    host_actor scheduler = host_call_scheduler();
    host_unit *units = NULL;
    size_t count = 0;
    const host_actor *actor = order->request != NULL ? &order->request->actor : &scheduler;
    if (!host_ticks_units(h, actor, &units, &count, err)) {
        return false;
    }
    run r = {.h = h, .order = order, .reports = calloc(count + 1, sizeof *r.reports)};
    if (r.reports == NULL) {
        free(units);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    for (size_t i = 0; i < count; i++) {
        if (fits(order, &units[i])) {
            r.reports[r.count].unit = units[i];
            r.count++;
        }
    }
    free(units);
    if (r.count > 0) {
        sort_by_health(&r);
        run_all(&r);
    }
    *out = r.reports;
    *out_count = r.count;
    return true;
}
