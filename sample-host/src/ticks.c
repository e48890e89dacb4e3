/* SPDX-License-Identifier: Apache-2.0
 *
 * Units and their ticks. */
#include "sample-host/src/ticks.h"

#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/ticks_state.h"

#include "support/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_MAX 100000u
#define THREADS_MAX 16u

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

static void write_log_row(host *h, const host_tick_report *report, const host_ticks_order *order,
                          int64_t started_ms)
{
    host_error err = {0};
    const dph_tick_result *r = &report->result;
    host_conn *conn = host_db_write_begin(h->db, false, &err);
    if (conn == NULL) {
        host_log_line(DPH_LOG_ERROR, "sync_log", err.message, NULL);
        return;
    }
    const char *summary = report->problem.message[0] != '\0' ? report->problem.message : r->summary;
    bool ok = host_rows_run(
        conn, &err,
        "INSERT INTO sync_log(plugin, unit, reason, dry_run, started_ms, ended_ms, outcome,"
        " created, updated, archived, unmatched, failed, key_reads, store_changes, summary)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "ssiiiiiiiiiiiis", report->unit.plugin->id, report->unit.id,
        (int64_t)(order->request != NULL ? DPH_TICK_MANUAL : DPH_TICK_SCHEDULED),
        (int64_t)(order->is_dry_run ? 1 : 0), started_ms, host_clock_wall_ms(), (int64_t)r->outcome,
        (int64_t)r->created, (int64_t)r->updated, (int64_t)r->archived, (int64_t)r->unmatched,
        (int64_t)r->failed, (int64_t)r->key_reads, (int64_t)r->store_changes, summary);
    if (!ok) {
        host_db_write_rollback(h->db, conn);
    } else {
        ok = host_db_write_commit(h->db, conn, &err);
    }
    if (!ok) {
        host_log_line(DPH_LOG_ERROR, "sync_log", err.message, NULL);
    }
}

typedef struct run {
    host *h;
    const host_ticks_order *order;
    host_tick_report *reports;
    size_t count;
    pthread_mutex_t lock;
    size_t next;
} run;

static int is_stopped(void *context)
{
    const run *r = context;
    const host_request *request = r->order->request;
    if (atomic_load(&r->h->ticks->is_stopping)) {
        return 1;
    }
    return request != NULL && request->cancelled != NULL && request->cancelled(request->cancel_ctx);
}

static void check_result(host_tick_report *report, dph_status status, const dph_error *problem)
{
    dph_tick_result *r = &report->result;
    char summary[sizeof r->summary];
    size_t len = 0;
    while (len < sizeof r->summary && r->summary[len] != '\0') {
        len++;
    }
    (void)sup_utf8_clean(r->summary, len, summary, sizeof summary);
    memcpy(r->summary, summary, sizeof summary);
    if (status == DPH_OK && r->outcome == DPH_OUTCOME_DONE) {
        return;
    }
    if (r->outcome != DPH_OUTCOME_REFUSED) {
        r->outcome = DPH_OUTCOME_FAILED;
    }
    if (status != DPH_OK) {
        (void)host_error_from_dph(&report->problem, status, problem, "The sync failed.");
    } else {
        (void)host_error_set(&report->problem,
                             r->outcome == DPH_OUTCOME_REFUSED ? DPH_E_DENIED : DPH_E_UNAVAILABLE,
                             0, "%s", r->summary[0] != '\0' ? r->summary : "The sync failed.");
    }
}

static void run_tick(run *r, host_tick_report *report)
{
    host_actor scheduler = host_call_scheduler();
    const host_request *request = r->order->request;
    int64_t started_ms = host_clock_wall_ms();
    host_ticks_patience patience = {is_stopped, r};
    if (!host_ticks_enter(r->h, &report->unit, request != NULL ? &patience : NULL,
                          &report->problem)) {
        report->result.outcome = DPH_OUTCOME_REFUSED;
        return;
    }
    host_call call;
    host_call_init(&call, r->h, request != NULL ? &request->actor : &scheduler, DPH_LANE_SYNC, "");
    call.cancelled = is_stopped;
    call.cancel_ctx = r;
    dph_tick tick = {.struct_size = sizeof tick,
                     .reason = request != NULL ? DPH_TICK_MANUAL : DPH_TICK_SCHEDULED,
                     .flags = (r->order->is_dry_run ? DPH_TICK_DRY_RUN : 0) |
                              (r->order->is_jobs_only ? DPH_TICK_JOBS : 0),
                     .unit_id = host_str(report->unit.id)};
    dph_error problem = {.struct_size = sizeof problem};
    report->result.struct_size = sizeof report->result;
    dph_status status = report->unit.plugin->sync->on_tick(report->unit.plugin->instance, &call.abi,
                                                           &tick, &report->result, &problem);
    check_result(report, status, &problem);
    report->is_run = true;
    host_ticks_leave(r->h, report->unit.plugin, report->unit.id, report->result.next_due_ms);
    if (!r->order->is_jobs_only) {
        write_log_row(r->h, report, r->order, started_ms);
    }
}

static void *work(void *context)
{
    run *r = context;
    for (;;) {
        (void)pthread_mutex_lock(&r->lock);
        size_t mine = r->next;
        r->next++;
        (void)pthread_mutex_unlock(&r->lock);
        if (mine >= r->count) {
            return NULL;
        }
        run_tick(r, &r->reports[mine]);
        const host_request *request = r->order->request;
        if (request != NULL && request->progress != NULL && !r->order->is_jobs_only) {
            request->progress(request->progress_ctx, r->reports[mine].unit.name, mine + 1,
                              r->count);
        }
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

static bool fits(host *h, const host_ticks_order *order, const host_unit *unit, int64_t now_ms)
{
    if (order->unit != NULL && strcmp(order->unit, unit->id) != 0 &&
        strcmp(order->unit, unit->name) != 0) {
        return false;
    }
    return !order->only_due || host_ticks_due(h, unit, now_ms);
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
    int64_t now_ms = host_clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        if (fits(h, order, &units[i], now_ms)) {
            r.reports[r.count].unit = units[i];
            r.count++;
        }
    }
    free(units);
    if (r.count > 0) {
        run_all(&r);
    }
    *out = r.reports;
    *out_count = r.count;
    return true;
}
