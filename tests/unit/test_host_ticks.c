/* SPDX-License-Identifier: Apache-2.0
 *
 * Ticks: one per unit at a time, different units in parallel up to what the manifest says, at most
 * one more waiting, and a row in the sync log for each. */
/* LINK: sample-host/src/rotation.c sample-host/src/mutate*.c sample-host/src/object.c */
/* LINK: sample-host/src/viewer.c sample-host/src/settings.c sample-host/src/sealed.c */
/* LINK: sample-host/src/host.c host-sdk/loader/gate.c */
/* LINK: tests/support/host_box.c sample-host/src/base/[a-z]*.c sample-host/src/store/[a-z]*.c */
/* LINK: sample-host/src/keyring.c sample-host/src/keyring_file.c sample-host/src/call.c */
/* LINK: sample-host/src/keyring_seal.c sample-host/src/grace.c */
/* LINK: sample-host/src/ticks.c sample-host/src/scheduler.c sample-host/src/apply.c */
/* LINK: sample-host/src/apply_check.c sample-host/src/apply_write.c sample-host/src/activity.c */
/* LINK: host-sdk/support/[a-z]*.c */
/* LIBS: -lsqlite3 -ljansson -lsodium -lcsv */
#define _GNU_SOURCE
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
    while (atomic_load(&seen.is_held) && call->is_cancelled(call) == 0) {
        (void)sched_yield();
    }
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
    free(reports);
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
    free(reports);
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
    free(reports);
    cr_expect_eq(host_box_number(&box, "SELECT count(*) FROM sync_log WHERE outcome=3 AND"
                                       " summary='The disk is full.'"),
                 1);
}

Test(host_ticks, unit_is_due_when_its_last_tick_said_so)
{
    host_unit unit = {.plugin = plugin, .id = "u0"};
    cr_expect(host_ticks_due(&box.h, &unit, 1000));
    cr_assert(host_ticks_enter(&box.h, &unit, NULL, &err));
    cr_expect_not(host_ticks_due(&box.h, &unit, 1000), "it runs");
    cr_expect_not(host_ticks_enter(&box.h, &unit, NULL, &err));
    host_ticks_leave(&box.h, plugin, "u0", 5000);
    cr_expect_not(host_ticks_due(&box.h, &unit, 4999));
    cr_expect(host_ticks_due(&box.h, &unit, 5000));
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
    free(reports);
}
