/* SPDX-License-Identifier: Apache-2.0
 *
 * See signin.h. */
#include "sample-host/src/signin.h"

#include "sample-host/src/action.h"
#include "sample-host/src/base/csv_read.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/ticks.h"

#include "support/guid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 2u

const char *host_signin_callback(const host *h)
{
    return h->callback[0] != '\0' ? h->callback : NULL;
}

void host_signin_serve(host *h, const char *url)
{
    (void)snprintf(h->callback, sizeof h->callback, "%s", url);
}

static void wake_one(host *h, const json_t *tenant)
{
    if (json_is_string(tenant)) {
        host_ticks_wake(h, json_string_value(tenant));
    }
}

void host_signin_wake(host *h, const json_t *body)
{
    const json_t *customers = json_object_get(body, "customers");
    wake_one(h, json_object_get(body, "tenant"));
    for (size_t i = 0; i < json_array_size(customers); i++) {
        wake_one(h, json_array_get(customers, i));
    }
}

/* Whoever just signed in wants to see keys, not the next full hour. */
static void wake_signed_in(host *h, const host_request *request)
{
    host_error ignored = {0};
    json_t *status = NULL;
    (void)host_signin_act(h, request, "job_status", &status, &ignored);
    host_signin_wake(h, status);
    json_decref(status);
}

bool host_signin_step(host *h, const host_request *request, const char *tenant, host_error *err)
{
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {.request = request, .unit = tenant, .is_jobs_only = true};
    if (!host_ticks_run(h, &order, &reports, &count, err)) {
        return false;
    }
    bool ok = count == 0 || reports[0].result.outcome == DPH_OUTCOME_DONE;
    if (!ok) {
        *err = reports[0].problem;
    }
    if (ok && count > 0 && reports[0].result.next_due_ms > 0) {
        wake_signed_in(h, request);
    }
    host_ticks_free_reports(reports, count);
    return ok;
}

bool host_signin_act(host *h, const host_request *request, const char *action, json_t **out,
                     host_error *err)
{
    host_action_params list = {.count = 0};
    const host_plugin *plugin = host_plugins_for_action(h, action, err);
    if (plugin == NULL ||
        !host_action_add_text(&list, "tenant", host_commands_text(request, "tenant"), err)) {
        return false;
    }
    host_call call;
    host_call_for_request(&call, h, request, "");
    return host_action_invoke(plugin, &call, action, &list, out, err);
}

static bool bring(host *h, const host_signin_answer *answer, const host_request *request,
                  json_t **out, host_error *err)
{
    host_action_params list = {.count = 0};
    const host_plugin *plugin = host_plugins_for_action(h, "signin_code", err);
    dph_bytes state = {answer->state.ptr, answer->state.len};
    dph_bytes code = {answer->code.ptr, answer->code.len};
    if (plugin == NULL || !host_action_add(&list, "state", state, DPH_PARAM_SECRET, err) ||
        !host_action_add(&list, "code", code, DPH_PARAM_SECRET, err)) {
        return false;
    }
    host_call call;
    host_call_for_request(&call, h, request, "");
    return host_action_invoke(plugin, &call, "signin_code", &list, out, err);
}

static bool finish(host *h, const host_signin_answer *answer, json_t **out_status, host_error *err)
{
    json_t *args = NULL;
    host_error step = {0};
    host_request request = {.command = "signin status", .actor = host_call_scheduler()};
    request.actor.remote_address = answer->remote_address;
    if (!bring(h, answer, &request, &args, err)) {
        return false;
    }
    request.args = args;
    (void)host_signin_step(h, &request, host_commands_text(&request, "tenant"), &step);
    bool ok = host_signin_act(h, &request, "job_status", out_status, err);
    json_decref(args);
    return ok;
}

bool host_signin_finish(host *h, const host_signin_answer *answer, json_t **out_status,
                        host_error *err)
{
    unsigned ticket = host_grace_enter(h->grace);
    bool ok = finish(h, answer, out_status, err);
    host_grace_leave(h->grace, ticket);
    return ok;
}

/* ---- the list of customers ---- */

typedef struct customers {
    json_t *rows;
    char fields[COLUMNS][256];
    size_t count;
} customers;

static bool take_field(void *context, const char *text, size_t len, host_error *err)
{
    customers *list = context;
    if (list->count >= COLUMNS || len >= sizeof list->fields[0]) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A line has a tenant id and an organization, and nothing more.");
    }
    memcpy(list->fields[list->count], text, len);
    list->fields[list->count][len] = '\0';
    list->count++;
    return true;
}

/* A tenant id is one however it is written: two rows of one would undo each other. */
static void make_plain(char *text)
{
    sup_guid tenant;
    if (sup_guid_parse(text, strlen(text), &tenant)) {
        sup_guid_format(&tenant, text);
    }
}

static bool is_header(const char *text)
{
    static const char name[] = "tenant";
    size_t i = 0;
    while (name[i] != '\0' && (text[i] | 0x20) == name[i]) {
        i++;
    }
    return name[i] == '\0' && text[i] == '\0';
}

static json_t *find_row(const customers *list, const char *tenant)
{
    for (size_t i = 0; i < json_array_size(list->rows); i++) {
        json_t *row = json_array_get(list->rows, i);
        if (strcmp(json_string_value(json_object_get(row, "tenant")), tenant) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool take_row(void *context, size_t line, host_error *err)
{
    customers *list = context;
    const char *tenant = list->fields[0];
    const bool is_full = list->count == COLUMNS;
    list->count = 0;
    make_plain(list->fields[0]);
    if (!is_full) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "Line %zu: A line has a tenant id and an organization.", line);
    }
    if (line == 1 && is_header(tenant)) {
        return true;
    }
    json_t *row = find_row(list, tenant);
    if (row == NULL) {
        row = json_pack("{s:s,s:[],s:I}", "tenant", tenant, "organizations", "line",
                        (json_int_t)line);
        if (row == NULL || json_array_append_new(list->rows, row) != 0) {
            return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
        }
    }
    return json_array_append_new(json_object_get(row, "organizations"),
                                 json_string(list->fields[1])) == 0 ||
           host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

bool host_signin_customers(const char *path, json_t **out, host_error *err)
{
    host_secret content = {0};
    customers list = {.rows = json_array()};
    const host_csv_reader reader = {take_field, take_row, &list};
    bool ok = host_file_read(path, HOST_COMMAND_FILE_MAX, false, &content, err) &&
              host_csv_read(&content, &reader, err);
    host_secret_done(&content);
    if (ok && json_array_size(list.rows) == 0) {
        ok = host_error_set(err, DPH_E_INVALID, 0, "The file names no customer.");
    }
    if (!ok) {
        json_decref(list.rows);
        return false;
    }
    *out = list.rows;
    return true;
}
