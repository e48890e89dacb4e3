/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticks: one per unit at a time, different units in parallel up to what the manifest says, at most
 * one more waiting, and a row in the sync log for each; by the clock without rounds. */
/* LINK: sample-host/src/rotation.c sample-host/src/mutate*.c sample-host/src/object.c */
/* LINK: sample-host/src/viewer.c sample-host/src/settings.c sample-host/src/sealed.c */
/* LINK: sample-host/src/host.c host-sdk/loader/gate.c */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring.c sample-host/src/keyring_file.c sample-host/src/call.c */
/* LINK: sample-host/src/keyring_seal.c sample-host/src/grace.c */
/* LINK: sample-host/src/ticks.c sample-host/src/ticks_ask.c sample-host/src/tick_run.c */
/* LINK: sample-host/src/turns.c sample-host/src/pace.c sample-host/src/sync_log.c */
/* LINK: sample-host/src/scheduler.c sample-host/src/apply.c */
/* LINK: sample-host/src/apply_names.c sample-host/src/apply_check.c */
/* LINK: sample-host/src/apply_records.c sample-host/src/apply_write.c sample-host/src/activity.c */
/* LINK: sample-host/src/apply_contact.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#define _GNU_SOURCE
#include "sample-host/src/sync_log.h"
#include "sample-host/src/ticks_state.h"
#include "tests/support/host_box.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static host_box box;
static host_error err;
static host_plugin *plugin;
static dph_manifest manifest = {.struct_size = sizeof manifest, .max_parallel_units = 2};

/* The fake plugin's units, and what it saw. */
static struct {
    atomic_int units, running, most, ticks, same_unit;
    atomic_int in_unit[8];
    atomic_bool is_held;
    atomic_int hangs_in; /* unit number plus one */
    char actor[32];
    dph_status status;
    uint32_t outcome;
    int64_t next_due_ms;
} seen;

const dph_manifest *dphl_manifest(const dphl_library *library)
{
    (void)library;
    return &manifest;
}

static dph_status DPH_CALL list_units(dph_plugin *instance, const dph_call *call,
                                      const dph_unit_sink *sink, dph_error *problem)
{
    (void)instance;
    (void)call;
    (void)problem;
    for (int i = 0; i < atomic_load(&seen.units); i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "u%d", i);
        dph_unit_row row = {.struct_size = sizeof row, .unit_id = {id, 2}, .name = {"unit", 4}};
        if (sink->add(sink->context, &row) != DPH_OK) {
            return DPH_E_INTERNAL;
        }
    }
    return DPH_OK;
}

static void tell_more(const dph_tick *tick)
{
    dph_progress progress = {sizeof progress, DPH_PHASE_SECRETS, 3, 8};
    dph_plan_row row = {.struct_size = sizeof row,
                        .action = DPH_PLAN_ARCHIVE,
                        .device = {"PC \n1", 5},
                        .key_id = {"key-1", 5}};
    if (DPH_HAS(tick, progress) && tick->progress != NULL) {
        tick->progress->tell(tick->progress->context, &progress);
    }
    if (DPH_HAS(tick, plan) && tick->plan != NULL) {
        (void)tick->plan->add(tick->plan->context, &row);
    }
}

static dph_status DPH_CALL on_tick(dph_plugin *instance, const dph_call *call, const dph_tick *tick,
                                   dph_tick_result *out, dph_error *problem)
{
    (void)instance;
    atomic_int *mine = &seen.in_unit[tick->unit_id.ptr[1] - '0'];
    int now = atomic_fetch_add(&seen.running, 1) + 1;
    atomic_fetch_add(&seen.ticks, 1);
    if (atomic_fetch_add(mine, 1) != 0) {
        atomic_fetch_add(&seen.same_unit, 1);
    }
    for (int most = atomic_load(&seen.most);
         now > most && !atomic_compare_exchange_weak(&seen.most, &most, now);) {
    }
    bool hangs = atomic_load(&seen.hangs_in) == tick->unit_id.ptr[1] - '0' + 1;
    while ((atomic_load(&seen.is_held) || hangs) && call->is_cancelled(call) == 0) {
        (void)sched_yield();
    }
    if (tick->reason == DPH_TICK_MANUAL) {
        (void)snprintf(seen.actor, sizeof seen.actor, "%.*s", (int)call->actor_id.len,
                       call->actor_id.ptr);
    }
    tell_more(tick);
    atomic_fetch_sub(mine, 1);
    atomic_fetch_sub(&seen.running, 1);
    out->outcome = seen.outcome;
    out->next_due_ms = seen.next_due_ms;
    (void)snprintf(out->summary, sizeof out->summary, "2 created.");
    out->created = 2;
    if (seen.status != DPH_OK) {
        (void)snprintf(problem->message, sizeof problem->message, "The disk is full.");
    }
    return seen.status;
}

static const dph_hook_sync_v1 hook = {sizeof hook, 0, list_units, on_tick};

static void open_box(void)
{
    host_box_open(&box);
    memset(&err, 0, sizeof err);
    memset(&seen, 0, sizeof seen);
    seen.outcome = DPH_OUTCOME_DONE;
    atomic_store(&seen.units, 1);
    plugin = host_box_plugin(&box, "plug", "{}", NULL);
    plugin->sync = &hook;
    cr_assert(host_ticks_new(&box.h, &err));
}

static void close_box(void)
{
    host_ticks_free(&box.h);
    host_box_close(&box);
}

TestSuite(host_ticks, .init = open_box, .fini = close_box);

static atomic_bool is_cancelled;

static int ask_cancelled(void *context)
{
    (void)context;
    return atomic_load(&is_cancelled);
}

typedef struct press {
    pthread_t thread;
    host_request request;
    host_tick_report report;
} press;

static void *run_press(void *context)
{
    press *p = context;
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_error problem = {0};
    host_ticks_order order = {.request = &p->request};
    if (host_ticks_run(&box.h, &order, &reports, &count, &problem) && count > 0) {
        p->report = reports[0];
    }
    host_ticks_free_reports(reports, count);
    return NULL;
}

static void start_press(press *p)
{
    memset(p, 0, sizeof *p);
    p->request = (host_request){.command = "sync", .cancelled = ask_cancelled};
    p->request.actor = host_call_scheduler();
    cr_assert_eq(pthread_create(&p->thread, NULL, run_press, p), 0);
}

static void end_press(press *p)
{
    cr_assert_eq(pthread_join(p->thread, NULL), 0);
}

static bool has_waiter(void)
{
    (void)pthread_mutex_lock(&box.h.ticks->lock);
    bool is_there = box.h.ticks->count > 0 && box.h.ticks->entries[0].has_waiter;
    (void)pthread_mutex_unlock(&box.h.ticks->lock);
    return is_there;
}

static void start_two(press *first, press *second)
{
    atomic_store(&seen.is_held, true);
    start_press(first);
    while (atomic_load(&seen.running) == 0) {
        (void)sched_yield();
    }
    start_press(second);
    while (!has_waiter()) {
        (void)sched_yield();
    }
}

/* S1.98: pressing during a run queues at most one more. */
Test(host_ticks, press_during_a_run_queues_one_and_refuses_the_next)
{
    press first;
    press second;
    press third;
    start_two(&first, &second);
    start_press(&third);
    end_press(&third);
    cr_expect_eq(third.report.problem.code, HOST_CODE_BUSY, "%s", third.report.problem.message);
    cr_expect_eq(third.report.result.outcome, DPH_OUTCOME_REFUSED);
    atomic_store(&seen.is_held, false);
    end_press(&first);
    end_press(&second);
    cr_expect_eq(first.report.result.outcome, DPH_OUTCOME_DONE);
    cr_expect_eq(second.report.result.outcome, DPH_OUTCOME_DONE, "%s",
                 second.report.problem.message);
    cr_expect_eq(atomic_load(&seen.ticks), 2);
    cr_expect_eq(atomic_load(&seen.same_unit), 0, "two ticks of one unit at once");
}

Test(host_ticks, waiting_press_ends_when_it_is_cancelled)
{
    press first;
    press second;
    start_two(&first, &second);
    atomic_store(&is_cancelled, true);
    end_press(&second);
    end_press(&first);
    cr_expect_eq(second.report.problem.status, DPH_E_CANCELLED);
    cr_expect_eq(atomic_load(&seen.ticks), 1);
    cr_expect_eq(host_ticks_running(&box.h), 0);
}

Test(host_ticks, units_run_in_parallel_up_to_the_number_of_the_manifest)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.request = NULL};
    atomic_store(&seen.units, 6);
    cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
    host_ticks_free_reports(reports, count);
    cr_expect_eq(count, 6);
    cr_expect_eq(atomic_load(&seen.ticks), 6);
    cr_expect_leq(atomic_load(&seen.most), 2);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log WHERE outcome=1"), 6);
}

/* S1.99 */
Test(host_ticks, failure_is_told_and_logged_with_the_plugins_sentence)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.request = NULL};
    seen.status = DPH_E_UNAVAILABLE;
    cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
    cr_expect_eq(reports[0].result.outcome, DPH_OUTCOME_FAILED, "an error is no success");
    cr_expect_str_eq(reports[0].problem.message, "The disk is full.");
    host_ticks_free_reports(reports, count);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log WHERE outcome=3 AND"
                                       " summary='The disk is full.'"),
                 1);
}

static void leave(const host_unit *unit, host_pace_end how, int64_t wanted_ms)
{
    host_turns_end end = {.tick = {.end = how, .ended_ms = 1000, .wanted_ms = wanted_ms},
                          .outcome = how == HOST_PACE_DONE ? DPH_OUTCOME_DONE : DPH_OUTCOME_REFUSED,
                          .generation = 1};
    (void)host_turns_leave(&box.h, unit, &end);
}

static bool is_due(const host_unit *unit, int64_t now_ms)
{
    host_pace_candidate ignored;
    const host_pace_now now = {now_ms, 0};
    return host_turns_look(&box.h, unit, &now, &ignored) == HOST_TURNS_DUE;
}

Test(host_ticks, unit_is_due_when_its_last_tick_said_so)
{
    host_unit unit = {.plugin = plugin, .id = "u0"};
    cr_expect(is_due(&unit, 1000));
    cr_assert(host_turns_enter(&box.h, &unit, NULL, &err));
    cr_expect_not(is_due(&unit, 1000), "it runs");
    cr_expect_not(host_turns_enter(&box.h, &unit, NULL, &err));
    leave(&unit, HOST_PACE_DONE, 5000);
    cr_expect_not(is_due(&unit, 4999));
    cr_expect(is_due(&unit, 5000));
}

Test(host_ticks, refused_unit_is_tried_at_once_when_a_setting_changes_and_after_a_new_credential)
{
    host_unit unit = {.plugin = plugin, .id = "u0"};
    box.h.ticks->generation = 1;
    cr_assert(host_turns_enter(&box.h, &unit, NULL, &err));
    leave(&unit, HOST_PACE_FAILED, 0);
    cr_expect_not(is_due(&unit, 3600000), "it backs off");
    box.h.ticks->generation = 2;
    cr_expect(is_due(&unit, 1001), "another setting may be what was missing");
    box.h.ticks->generation = 1;
    host_ticks_wake(&box.h, "u0");
    cr_expect(is_due(&unit, 1001), "it was connected again");
    cr_assert(host_turns_enter(&box.h, &unit, NULL, &err));
    host_ticks_wake(&box.h, "u0");
    leave(&unit, HOST_PACE_FAILED, 0);
    cr_expect(is_due(&unit, 1001), "that tick still had the old credential");
}

static void log_due(const char *unit, int64_t due_ms)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO sync_log(plugin, unit, reason, dry_run, started_ms, ended_ms,"
                   " outcome, created, updated, archived, unmatched, failed, key_reads,"
                   " store_changes, summary, next_due_ms, failures, slice_ms, settings_generation)"
                   " VALUES('%s', '%s', 1, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, '', %lld, 0, 0, 0)",
                   plugin->id, unit, (long long)due_ms);
    host_box_sql(&box, sql);
}

/* S1.96: the clock was set back by hours, and the program started anew. */
Test(host_ticks, due_time_of_the_log_beyond_any_interval_counts_as_now)
{
    const int64_t now_ms = host_turns_now().wall_ms;
    host_unit far = {.plugin = plugin, .id = "far"};
    host_unit near = {.plugin = plugin, .id = "near"};
    log_due("far", now_ms + INT64_C(5) * 3600000);
    log_due("near", now_ms + 1800000);
    cr_expect(is_due(&far, now_ms + 60000));
    cr_expect_not(is_due(&near, now_ms + 60000));
}

Test(host_ticks, room_is_the_manifests_number_and_failing_units_get_half_of_it)
{
    const host_pace_now now = {3000, 0};
    host_unit failing[2] = {{.plugin = plugin, .id = "f0"}, {.plugin = plugin, .id = "f1"}};
    host_unit well[2] = {{.plugin = plugin, .id = "w0"}, {.plugin = plugin, .id = "w1"}};
    for (int i = 0; i < 2; i++) {
        cr_assert(host_turns_enter(&box.h, &failing[i], NULL, &err));
        leave(&failing[i], HOST_PACE_FAILED, 2000);
    }
    cr_assert(host_turns_enter(&box.h, &failing[0], NULL, &err));
    cr_expect_not(is_due(&failing[1], 3000), "one of two places is for the others");
    cr_expect(is_due(&well[0], 3000));
    cr_assert(host_turns_enter(&box.h, &well[0], NULL, &err));
    cr_expect_not(is_due(&well[1], 3000), "there is no room");
    host_pace_candidate ignored;
    cr_expect_eq(host_turns_look(&box.h, &well[1], &now, &ignored), HOST_TURNS_LACKS_ROOM);
    cr_expect_eq(host_turns_look(&box.h, &failing[1], &now, &ignored), HOST_TURNS_NOT_DUE);
    cr_expect_not(host_turns_enter(&box.h, &well[1], NULL, &err));
}

/* What a process remembered is there in the next. */
Test(host_ticks, back_off_outlives_the_process)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.request = NULL};
    seen.outcome = DPH_OUTCOME_REFUSED;
    for (int i = 0; i < 2; i++) {
        cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
        host_ticks_free_reports(reports, count);
    }
    host_ticks_free(&box.h);
    cr_assert(host_ticks_new(&box.h, &err));
    host_unit unit = {.plugin = plugin, .id = "u0"};
    host_unit_state state;
    host_ticks_state_of(&box.h, &unit, &state);
    int64_t ended = host_box_number(&box, "SELECT max(ended_ms) FROM sync_log");
    cr_expect_eq(state.failures, 2);
    cr_expect_eq(state.outcome, DPH_OUTCOME_REFUSED);
    cr_expect_geq(state.due_ms, ended + INT64_C(4) * 3600000 * 9 / 10);
    cr_expect_leq(state.due_ms, ended + INT64_C(4) * 3600000);
}

Test(host_ticks, old_rows_of_the_log_go_but_the_last_one_of_a_unit_stays)
{
    host_box_sql(&box, "INSERT INTO sync_log(plugin, unit, reason, dry_run, started_ms, ended_ms,"
                       " outcome, created, updated, archived, unmatched, failed, key_reads,"
                       " store_changes, summary) VALUES"
                       "('plug','a',1,0,1,1,1,0,0,0,0,0,0,0,''),('plug','a',1,0,2,2,1,0,0,0,0,0,0,"
                       "0,''),('plug','b',1,0,3,3,1,0,0,0,0,0,0,0,'')");
    cr_assert(host_sync_log_purge(&box.h, INT64_C(91) * 24 * 3600000, &err), "%s", err.message);
    cr_expect_eq(host_box_number(&box, "SELECT sum(started_ms) FROM sync_log"), 2 + 3);
}

static void wait_for_ticks(int wanted)
{
    while (atomic_load(&seen.ticks) < wanted) {
        (void)sched_yield();
    }
}

/* One that hangs takes its own place, and nobody else's. */
Test(host_ticks, clock_goes_on_with_the_others_while_one_hangs, .timeout = 60)
{
    atomic_store(&seen.units, 6);
    atomic_store(&seen.hangs_in, 1);
    cr_assert(host_scheduler_start(&box.h, &err), "%s", err.message);
    wait_for_ticks(6);
    while (host_ticks_running(&box.h) != 1) {
        (void)sched_yield();
    }
    cr_expect(host_ticks_alive(&box.h));
    host_scheduler_stop(&box.h);
    cr_expect_eq(host_ticks_running(&box.h), 0, "its end waits for all");
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log WHERE outcome=1"), 6);
    cr_expect_leq(atomic_load(&seen.most), 2);
}

/* S2.56, S1.98 */
Test(host_ticks, asked_tick_runs_once_more_in_the_name_of_who_asked, .timeout = 60)
{
    char id[HOST_TICKS_ID_MAX + 1];
    host_request request = {.command = "sync queue"};
    request.actor = (host_actor){.kind = DPH_ACTOR_USER, .name = "ann", .remote_address = ""};
    cr_expect_not(host_ticks_ask(&box.h, &request, "u0", id, &err), "no scheduler runs");
    atomic_store(&seen.is_held, true);
    cr_assert(host_scheduler_start(&box.h, &err), "%s", err.message);
    wait_for_ticks(1);
    for (int i = 0; i < 3; i++) {
        cr_assert(host_ticks_ask(&box.h, &request, "u0", id, &err), "%s", err.message);
    }
    cr_expect_str_eq(id, "u0");
    cr_expect_not(host_ticks_ask(&box.h, &request, "u9", id, &err));
    cr_expect_eq(err.status, DPH_E_NOT_FOUND);
    atomic_store(&seen.is_held, false);
    wait_for_ticks(2);
    host_scheduler_stop(&box.h);
    cr_expect_eq(atomic_load(&seen.ticks), 2, "three presses are one more");
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log WHERE reason=2"), 1);
    cr_expect_str_eq(seen.actor, "ann");
}

/* S1.99: a dry run leaves no trace. */
Test(host_ticks, dry_run_tells_its_plan_and_writes_no_row)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.is_dry_run = true};
    cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
    cr_assert_eq(count, 1);
    const json_t *row = json_array_get(reports[0].plan, 0);
    cr_expect_str_eq(json_string_value(json_object_get(row, "action")), "archive");
    cr_expect_str_eq(json_string_value(json_object_get(row, "key_id")), "key-1");
    cr_expect_str_eq(json_string_value(json_object_get(row, "device")), "PC ?1");
    host_ticks_free_reports(reports, count);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log"), 0);
    host_unit unit = {.plugin = plugin, .id = "u0"};
    cr_expect(is_due(&unit, 1), "and nothing is remembered");
}

static struct {
    char unit[128];
    uint64_t done, total;
    int told;
} told;

static void take_told(void *context, const char *unit, uint64_t done, uint64_t total)
{
    (void)context;
    (void)snprintf(told.unit, sizeof told.unit, "%s", unit);
    told.done = done;
    told.total = total;
    told.told++;
}

Test(host_ticks, progress_of_the_tick_reaches_who_asked)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_request request = {.command = "sync", .progress = take_told};
    request.actor = host_call_scheduler();
    host_ticks_order order = {.request = &request};
    cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
    host_ticks_free_reports(reports, count);
    cr_expect_str_eq(told.unit, "unit: reading keys");
    cr_expect_eq(told.done, 3);
    cr_expect_eq(told.total, 8);
    cr_expect_eq(told.told, 1);
}

Test(host_ticks, order_for_one_unit_runs_that_one)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.unit = "u3"};
    atomic_store(&seen.units, 6);
    cr_assert(host_ticks_run(&box.h, &order, &reports, &count, &err), "%s", err.message);
    cr_assert_eq(count, 1);
    cr_expect_str_eq(reports[0].unit.id, "u3");
    host_ticks_free_reports(reports, count);
}
