/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about syncs: now, later, what they did, how the connections are. */
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/object.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/sync_log.h"

#include "support/guid.h"
#include "support/iso8601.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROWS 100
#define LOG_ROWS_MAX 100000
/* S1.97; the records are there when the sync ends, and a page that is open already is drawn anew.
 */
#define SHOWS_WITHIN "New data shows within 15 minutes after a sync ends."

/* What a person has to look at; "" when all is well. */
static const char *problem_of(const host_tick_report *report)
{
    if (report->problem.message[0] != '\0') {
        return report->problem.message;
    }
    return report->result.failed > 0 ? report->result.summary : "";
}

/* The plugin knows ids; people know names. Rows of one organization stand together. */
static void name_organizations(host *h, json_t *plan)
{
    host_error ignored = {0};
    json_t *row = NULL;
    size_t i = 0;
    char id[HOST_OBJECT_ID_SIZE] = "";
    char name[HOST_NAME_POINTS_MAX * 4 + 1] = "";
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    json_array_foreach(plan, i, row)
    {
        const char *wanted = json_string_value(json_object_get(row, "organization"));
        if (conn != NULL && wanted != NULL && strcmp(wanted, id) != 0) {
            (void)snprintf(id, sizeof id, "%s", wanted);
            (void)host_rows_text(conn, &ignored, (host_rows_space){name, sizeof name},
                                 "SELECT name FROM organizations WHERE id=?", "s", wanted);
        }
        if (wanted != NULL && wanted[0] != '\0') {
            (void)json_object_set_new(row, "organization", json_string(name));
        }
    }
    host_db_read_end(h->db, conn);
}

static json_t *describe_tick(host *h, host_tick_report *report)
{
    const dph_tick_result *r = &report->result;
    bool is_done = r->outcome == DPH_OUTCOME_DONE;
    json_t *row = json_pack(
        "{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s,s:s}", "connection", report->unit.id, "name",
        report->unit.name, "outcome", host_sync_log_outcome(r->outcome), "created",
        (json_int_t)r->created, "updated", (json_int_t)r->updated, "archived",
        (json_int_t)r->archived, "unmatched", (json_int_t)r->unmatched, "failed",
        (json_int_t)r->failed, "key_reads", (json_int_t)r->key_reads, "store_changes",
        (json_int_t)r->store_changes, "summary",
        is_done || report->problem.message[0] == '\0' ? r->summary : report->problem.message,
        "problem", problem_of(report));
    if (row != NULL && report->plan != NULL) {
        name_organizations(h, report->plan);
        (void)json_object_set(row, "plan", report->plan);
        (void)json_object_set_new(row, "plan_cut", json_boolean(report->is_plan_cut));
    }
    return row;
}

/* Syncing needs a plugin that can: none at all is a failure, not an empty result. */
static bool require_sync(const host *h, host_error *err)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        if (h->plugins[i]->sync != NULL) {
            return true;
        }
    }
    return host_plugins_fail_missing(h->plugin_count > 0 ? h->plugins[0] : NULL, "for syncs", err);
}

/* One sentence for all that did not end well. */
static void sum_up(const host_tick_report *reports, size_t count, host_error *err)
{
    size_t bad = 0;
    const host_tick_report *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (reports[i].result.outcome != DPH_OUTCOME_DONE) {
            first = first == NULL ? &reports[i] : first;
            bad++;
        }
    }
    if (first != NULL) {
        *err = first->problem;
    }
    if (bad > 0 && count > 1) {
        (void)host_error_set(err, first->problem.status, first->problem.code,
                             "%zu of %zu syncs did not succeed. %s: %s", bad, count,
                             first->unit.name, first->problem.message);
    }
}

int host_commands_sync(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.request = request,
                              .unit = host_commands_text(request, "connection"),
                              .is_dry_run = host_commands_flag(request, "dry_run")};
    if (!require_sync(h, &err) || !host_ticks_run(h, &order, &reports, &count, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(rows, describe_tick(h, &reports[i]));
    }
    sum_up(reports, count, &err);
    host_ticks_free_reports(reports, count);
    if (count == 0) {
        json_decref(rows);
        if (order.unit != NULL) {
            (void)host_ticks_fail_unknown(order.unit, &err);
        } else {
            (void)host_error_set(&err, DPH_E_NOT_FOUND, 0,
                                 "There is no active Microsoft integration: connect a tenant with "
                                 "`connect`.");
        }
        return host_commands_fail(reply, &err);
    }
    json_t *body = host_commands_rows(rows);
    if (err.status != DPH_OK) {
        reply->body = body;
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, body,
                              order.is_dry_run ? "Nothing was written." : SHOWS_WITHIN);
}

int host_commands_sync_queue(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    char id[HOST_TICKS_ID_MAX + 1];
    if (!require_sync(h, &err) ||
        !host_ticks_ask(h, request, host_commands_text(request, "connection"), id, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(
        reply,
        json_pack("{s:s,s:s,s:s}", "connection", id, "state", "accepted", "note", SHOWS_WITHIN),
        "");
}

static void set_time(json_t *row, const char *name, int64_t ms)
{
    char text[SUP_ISO8601_TEXT_SIZE] = "now";
    if (ms > 0) {
        sup_iso8601_format(ms, text);
    }
    (void)json_object_set_new(row, name, json_string(text));
}

static const host_unit *find_unit(const host_unit *units, size_t count, const char *wanted)
{
    for (size_t i = 0; wanted != NULL && i < count; i++) {
        if (host_ticks_is_meant(&units[i], wanted)) {
            return &units[i];
        }
    }
    return NULL;
}

/* The log outlives connections, and is there while the plugin is not: then ids are names. */
static void list_quietly(host *h, const host_request *request, host_unit **units, size_t *count)
{
    host_error ignored = {0};
    if (!host_ticks_units(h, &request->actor, units, count, &ignored)) {
        *units = NULL;
        *count = 0;
    }
}

static void finish_log_row(json_t *row, const host_unit *units, size_t count)
{
    const char *id = json_string_value(json_object_get(row, "connection"));
    const host_unit *unit = find_unit(units, count, id);
    (void)json_object_set_new(row, "name", json_string(unit != NULL ? unit->name : id));
    set_time(row, "start", json_integer_value(json_object_get(row, "started_ms")));
    set_time(row, "end", json_integer_value(json_object_get(row, "ended_ms")));
    set_time(row, "next_due", json_integer_value(json_object_get(row, "next_due_ms")));
}

int host_commands_sync_log(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_unit *units = NULL;
    size_t count = 0;
    size_t i = 0;
    json_t *row = NULL;
    json_t *rows = json_array();
    const char *wanted = host_commands_text(request, "connection");
    int64_t limit = host_commands_int(request, "limit", LOG_ROWS);
    if (limit < 1 || limit > LOG_ROWS_MAX) {
        json_decref(rows);
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE, "--limit is 1 to %d.",
                             LOG_ROWS_MAX);
        return host_commands_fail(reply, &err);
    }
    list_quietly(h, request, &units, &count);
    const host_unit *unit = find_unit(units, count, wanted);
    char plain[SUP_GUID_TEXT_LEN + 1];
    sup_guid id;
    if (unit == NULL && wanted != NULL && sup_guid_parse(wanted, strlen(wanted), &id)) {
        sup_guid_format(&id, plain);
        wanted = plain;
    }
    bool ok = host_sync_log_list(h, unit != NULL ? unit->id : wanted, limit, rows, &err);
    json_array_foreach(rows, i, row)
    {
        finish_log_row(row, units, count);
    }
    free(units);
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, host_commands_rows(rows), "");
}

static json_t *describe_unit(host *h, const host_unit *unit)
{
    host_unit_state state;
    host_ticks_state_of(h, unit, &state);
    const char *name = state.is_running     ? "running"
                       : state.is_queued    ? "queued"
                       : state.failures > 0 ? "backing off"
                                            : "waiting";
    json_t *row = json_pack(
        "{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:s}", "connection", unit->id, "name", unit->name, "state",
        name, "phase", state.is_running ? host_ticks_phase_name(state.progress.phase) : "", "done",
        (json_int_t)state.progress.done, "total", (json_int_t)state.progress.total,
        "failures_in_a_row", (json_int_t)state.failures, "last_result",
        state.outcome != 0 ? host_sync_log_outcome(state.outcome) : "");
    if (row != NULL) {
        set_time(row, "next_due", state.due_ms);
    }
    return row;
}

int host_commands_sync_status(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_unit *units = NULL;
    size_t count = 0;
    if (!require_sync(h, &err) || !host_ticks_units(h, &request->actor, &units, &count, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(rows, describe_unit(h, &units[i]));
    }
    free(units);
    return host_commands_done(reply, host_commands_rows(rows), "");
}
