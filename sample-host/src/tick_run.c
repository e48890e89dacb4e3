/* SPDX-License-Identifier: Apache-2.0
 *
 * One tick: its turn, the plugin's work, its row in the log. */
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/sync_log.h"
#include "sample-host/src/ticks_state.h"

#include "support/utf8.h"

#include <sodium.h>
#include <string.h>

#define PLAN_ROWS_MAX 100000u
#define MS_NS INT64_C(1000000)

typedef struct running {
    const host_tick_job *job;
    host_tick_report *report;
    atomic_ullong moved_ns; /* when it last told that it got ahead */
    atomic_bool has_kept;   /* it has written what a later one goes on from */
} running;

static bool must_yield(const running *r)
{
    return r->job->worker != NULL && atomic_load(&r->job->worker->must_yield);
}

static bool is_called_off(const running *r)
{
    const host_ticks_patience *patience = r->job->patience;
    return atomic_load(&r->job->h->ticks->is_stopping) ||
           (patience != NULL && patience->is_over(patience->context) != 0);
}

static int is_cancelled(void *context)
{
    const running *r = context;
    return is_called_off(r) || must_yield(r);
}

static void DPH_CALL take_progress(void *context, const dph_progress *progress)
{
    running *r = context;
    const host_unit *unit = &r->report->unit;
    host *h = r->job->h;
    if (!DPH_HAS(progress, total)) {
        return;
    }
    atomic_store(&r->moved_ns, host_clock_mono_ns());
    if (r->job->worker != NULL) {
        atomic_store(&r->job->worker->moved_ns, host_clock_mono_ns());
    }
    if (progress->phase >= DPH_PHASE_SECRETS && progress->done > 0) {
        atomic_store(&r->has_kept, true);
    }
    (void)pthread_mutex_lock(&h->ticks->lock);
    host_ticks_entry *entry = host_turns_entry(h, unit->plugin, unit->id);
    if (entry != NULL) {
        entry->progress = *progress;
    }
    (void)pthread_mutex_unlock(&h->ticks->lock);
    if (r->job->progress != NULL) {
        r->job->progress(r->job->progress_ctx, unit, progress);
    }
}

static json_t *clean_text(dph_str text)
{
    char clean[512];
    (void)sup_utf8_clean(text.ptr, text.len, clean, sizeof clean);
    return json_string(clean);
}

static dph_status DPH_CALL take_plan(void *context, const dph_plan_row *row)
{
    static const char *const actions[] = {"other", "create",  "hold",      "update",
                                          "move",  "archive", "unarchive", "note"};
    running *r = context;
    if (!DPH_HAS(row, key_id)) {
        return DPH_E_INVALID;
    }
    if (json_array_size(r->report->plan) >= PLAN_ROWS_MAX) {
        r->report->is_plan_cut = true;
        return DPH_E_TOO_LARGE;
    }
    const char *action = row->action <= DPH_PLAN_NOTE ? actions[row->action] : actions[0];
    json_t *item =
        json_pack("{s:o,s:o,s:o,s:s}", "organization", clean_text(row->organization_id), "device",
                  clean_text(row->device), "key_id", clean_text(row->key_id), "action", action);
    return item != NULL && json_array_append_new(r->report->plan, item) == 0 ? DPH_OK : DPH_E_NOMEM;
}

static dph_status DPH_CALL take_customer(void *context, const dph_customer_row *row)
{
    running *r = context;
    if (!DPH_HAS(row, organization_id)) {
        return DPH_E_INVALID;
    }
    if (json_array_size(r->report->customers) >= PLAN_ROWS_MAX) {
        return DPH_E_TOO_LARGE;
    }
    json_t *item =
        json_pack("{s:o,s:o,s:o,s:b}", "tenant", clean_text(row->unit_id), "name",
                  clean_text(row->name), "organization", clean_text(row->organization_id),
                  "connected", (row->flags & DPH_CUSTOMER_CONNECTED) != 0 ? 1 : 0);
    return item != NULL && json_array_append_new(r->report->customers, item) == 0 ? DPH_OK
                                                                                  : DPH_E_NOMEM;
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

static void call_plugin(running *r)
{
    const host_tick_job *job = r->job;
    host_tick_report *report = r->report;
    host_call call;
    host_call_init(&call, job->h, job->actor, DPH_LANE_SYNC, "");
    call.cancelled = is_cancelled;
    call.cancel_ctx = r;
    uint64_t now_ns = host_clock_mono_ns();
    call.abi.deadline_ns = job->slice_ms > 0 ? now_ns + (uint64_t)(job->slice_ms * MS_NS) : 0;
    dph_progress_sink progress = {sizeof progress, 0, r, take_progress};
    dph_plan_sink plan = {sizeof plan, 0, r, take_plan};
    dph_customer_sink customers = {sizeof customers, 0, r, take_customer};
    report->plan = job->is_dry_run ? json_array() : NULL;
    report->customers = job->is_customers ? json_array() : NULL;
    dph_tick tick = {.struct_size = sizeof tick,
                     .reason = job->reason,
                     .flags = (job->is_dry_run ? DPH_TICK_DRY_RUN : 0) |
                              (job->is_check ? DPH_TICK_CHECK : 0) |
                              (job->is_jobs_only ? DPH_TICK_JOBS : 0) |
                              (job->is_customers ? DPH_TICK_CUSTOMERS : 0),
                     .unit_id = host_str(report->unit.id),
                     .progress = &progress,
                     .plan = report->plan != NULL ? &plan : NULL,
                     .customers = job->is_customers ? &customers : NULL};
    dph_error problem = {.struct_size = sizeof problem};
    report->result.struct_size = sizeof report->result;
    dph_status status = report->unit.plugin->sync->on_tick(report->unit.plugin->instance, &call.abi,
                                                           &tick, &report->result, &problem);
    check_result(report, status, &problem);
    report->is_run = true;
}

/* A tick whose time was over although it got ahead until the end did not fail, nor did one that had
 * to make room after it had kept something. */
static host_pace_end judge(running *r, uint64_t deadline_ns)
{
    uint64_t half_ns = (uint64_t)(r->job->slice_ms * MS_NS) / 2;
    if (r->report->result.outcome == DPH_OUTCOME_DONE) {
        return HOST_PACE_DONE;
    }
    bool is_late = r->job->slice_ms > 0 && host_clock_mono_ns() >= deadline_ns;
    bool moved = atomic_load(&r->moved_ns) + half_ns >= deadline_ns;
    bool got_ahead = (is_late && moved) || (must_yield(r) && atomic_load(&r->has_kept));
    return r->report->result.outcome == DPH_OUTCOME_FAILED && got_ahead ? HOST_PACE_CUT_SHORT
                                                                        : HOST_PACE_FAILED;
}

/* What only looks, or moves a sign-in on, leaves the unit's pace and its log alone. */
static bool is_sync(const host_tick_job *job)
{
    return !job->is_dry_run && !job->is_check && !job->is_jobs_only && !job->is_customers;
}

void host_tick_run(const host_tick_job *job, host_tick_report *report)
{
    running r = {.job = job, .report = report};
    host_sync_log_row row = {.report = report, .reason = job->reason};
    if (!job->has_turn &&
        !host_turns_enter(job->h, &report->unit, job->patience, &report->problem)) {
        report->result.outcome = DPH_OUTCOME_REFUSED;
        return;
    }
    row.started_ms = host_clock_wall_ms();
    row.generation = host_turns_generation(job->h);
    uint64_t deadline_ns = host_clock_mono_ns() + (uint64_t)(job->slice_ms * MS_NS);
    call_plugin(&r);
    const host_pace_now ended = host_turns_now();
    row.ended_ms = ended.wall_ms;
    host_turns_end end = {.tick = {.end = judge(&r, deadline_ns),
                                   .is_manual = job->reason == DPH_TICK_MANUAL,
                                   .ended_ms = ended.wall_ms,
                                   .ended_mono_ms = ended.mono_ms,
                                   .wanted_ms = report->result.next_due_ms,
                                   .chance = randombytes_random()},
                          .outcome = report->result.outcome,
                          .generation = row.generation,
                          .keeps_pace = !is_sync(job) || is_called_off(&r)};
    row.pace = host_turns_leave(job->h, &report->unit, &end);
    report->next_due_ms = row.pace.due_ms;
    if (is_sync(job)) {
        host_sync_log_add(job->h, &row);
    }
}
