/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands that make connections, and what a person does about a sign-in. Must not know what a
 * credential is. */
#include "sample-host/src/action.h"
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/signin.h"
#include "sample-host/src/ticks.h"

#include <stdio.h>
#include <string.h>

static void log_connect(host *h, const host_call *call, const char *tenant)
{
    host_error ignored = {0};
    host_activity entry = {.action = DPH_ACTIVITY_UPDATED,
                           .subject = host_str(tenant),
                           .detail = host_str("connection")};
    (void)host_activity_add_alone(h, &call->abi, &entry, &ignored);
}

/* Where Microsoft's page leads back to, unless the person says it: this very server. */
static const char *redirect_of(const host *h, const host_request *request)
{
    const char *grant = host_commands_text_or_empty(request, "grant");
    const char *given = host_commands_text(request, "redirect");
    return strcmp(grant, "code") != 0 || given != NULL ? given : host_signin_callback(h);
}

/* The refresh token ends with its line; the app's own secret is what comes behind it. */
static bool add_secrets(const host_request *request, host_action_params *list, host_error *err)
{
    const host_command *command = host_command_find(request->command);
    dph_bytes first = {request->secret->ptr, request->secret->len};
    if (command == NULL || !host_command_wants_two(command, request->args)) {
        return host_action_add(list, "secret", first, DPH_PARAM_SECRET, err);
    }
    const uint8_t *end = memchr(first.ptr, '\n', first.len);
    dph_bytes second = {first.ptr + first.len, 0};
    if (end != NULL) {
        second = (dph_bytes){end + 1, first.len - (size_t)(end - first.ptr) - 1};
        first.len = (size_t)(end - first.ptr);
    }
    return host_action_add(list, "secret", first, DPH_PARAM_SECRET, err) &&
           host_action_add(list, "app_secret", second, DPH_PARAM_SECRET, err);
}

static bool fill_params(const host *h, const host_request *request, host_action_params *list,
                        host_error *err)
{
    static const char *const plain[] = {"tenant", "client_id", "login",  "graph",
                                        "cloud",  "grant",     "partner"};
    const json_t *organizations = json_object_get(request->args, "org");
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof plain / sizeof plain[0]; i++) {
        ok = host_action_add_text(list, plain[i], host_commands_text(request, plain[i]), err);
    }
    for (size_t i = 0; ok && i < json_array_size(organizations); i++) {
        ok = host_action_add_text(list, "organization",
                                  json_string_value(json_array_get(organizations, i)), err);
    }
    ok = ok && host_action_add_text(list, "redirect", redirect_of(h, request), err);
    return ok && (request->secret == NULL || add_secrets(request, list, err));
}

/* A person has to do something now: what that is, the plugin asks Microsoft. */
static bool begin_signin(host *h, const host_request *request, json_t *body, host_error *err)
{
    const char *tenant = json_string_value(json_object_get(body, "tenant"));
    json_t *status = NULL;
    if (!host_signin_step(h, request, tenant, err)) {
        host_error ignored = {0};
        (void)host_signin_act(h, request, "signin_cancel", &status, &ignored);
        json_decref(status);
        return false;
    }
    if (!host_signin_act(h, request, "job_status", &status, err)) {
        return false;
    }
    (void)json_object_set_new(body, "signin", status);
    return true;
}

static int connect_one(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_action_params list = {.count = 0};
    json_t *body = NULL;
    const host_plugin *plugin = host_plugins_for_action(h, "connect", &err);
    if (plugin == NULL || !fill_params(h, request, &list, &err)) {
        return host_commands_fail(reply, &err);
    }
    host_call call;
    host_call_for_request(&call, h, request, "");
    if (!host_action_invoke(plugin, &call, "connect", &list, &body, &err)) {
        return host_commands_fail(reply, &err);
    }
    log_connect(h, &call, json_string_value(json_object_get(body, "tenant")));
    if (!json_is_true(json_object_get(body, "pending"))) {
        host_signin_wake(h, body);
        (void)json_object_del(body, "customers");
    } else if (!begin_signin(h, request, body, &err)) {
        json_decref(body);
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, body != NULL ? body : json_object(), "");
}

/* ---- many customers at once ---- */

static bool connect_customer(host *h, const host_request *request, const json_t *row, bool check,
                             host_error *err)
{
    host_action_params list = {.count = 0};
    json_t *body = NULL;
    const json_t *organizations = json_object_get(row, "organizations");
    const char *tenant = json_string_value(json_object_get(row, "tenant"));
    const host_plugin *plugin = host_plugins_for_action(h, "connect", err);
    bool ok = plugin != NULL && host_action_add_text(&list, "tenant", tenant, err) &&
              host_action_add_text(&list, "partner", host_commands_text(request, "partner"), err) &&
              host_action_add_text(&list, "check", check ? "yes" : NULL, err);
    for (size_t i = 0; ok && i < json_array_size(organizations); i++) {
        ok = host_action_add_text(&list, "organization",
                                  json_string_value(json_array_get(organizations, i)), err);
    }
    if (!ok) {
        return false;
    }
    host_call call;
    host_call_for_request(&call, h, request, "");
    ok = host_action_invoke(plugin, &call, "connect", &list, &body, err);
    if (ok && !check) {
        log_connect(h, &call, tenant);
        host_signin_wake(h, body);
    }
    json_decref(body);
    return ok || host_error_at_line(err, (size_t)json_integer_value(json_object_get(row, "line")));
}

/* Every line is right before the first one counts. */
static bool connect_customers(host *h, const host_request *request, const json_t *rows,
                              host_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(rows); i++) {
        ok = connect_customer(h, request, json_array_get(rows, i), true, err);
    }
    for (size_t i = 0; ok && i < json_array_size(rows); i++) {
        ok = connect_customer(h, request, json_array_get(rows, i), false, err);
    }
    return ok;
}

static int connect_many(host *h, const host_request *request, const char *file, host_reply *reply)
{
    host_error err = {0};
    char sentence[64];
    json_t *rows = NULL;
    if (host_commands_text(request, "partner") == NULL ||
        host_commands_text(request, "tenant") != NULL ||
        json_object_get(request->args, "org") != NULL) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "--customers goes with --partner, and without a tenant or --org: the "
                             "file names them.");
        return host_commands_fail(reply, &err);
    }
    if (!host_signin_customers(file, &rows, &err) || !connect_customers(h, request, rows, &err)) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    (void)snprintf(sentence, sizeof sentence, "%zu customers are connected.",
                   json_array_size(rows));
    return host_commands_done(reply, host_commands_rows(rows), sentence);
}

/* A connection decides whose keys go where, also of customers whom a partner's credential opens. */
int host_commands_connect(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *customers = host_commands_text(request, "customers");
    if (!host_commands_needs_all(h, request, "connection", &err)) {
        return host_commands_fail(reply, &err);
    }
    if (customers != NULL) {
        return connect_many(h, request, customers, reply);
    }
    if (host_commands_text(request, "tenant") == NULL) {
        (void)host_error_set(&err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "Name the tenant, or a file with --customers.");
        return host_commands_fail(reply, &err);
    }
    return connect_one(h, request, reply);
}

/* ---- a sign-in that was begun ---- */

int host_commands_signin_status(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    json_t *status = NULL;
    host_error passing = {0};
    if (!host_commands_needs_all(h, request, "connection", &err) ||
        !host_signin_act(h, request, "job_status", &status, &err)) {
        return host_commands_fail(reply, &err);
    }
    /* A step that fails passes: how far it is, is told in any case. */
    (void)host_signin_step(h, request, json_string_value(json_object_get(status, "tenant")),
                           &passing);
    json_decref(status);
    status = NULL;
    if (!host_signin_act(h, request, "job_status", &status, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, status, "");
}

int host_commands_signin_cancel(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    json_t *status = NULL;
    if (!host_commands_needs_all(h, request, "connection", &err) ||
        !host_signin_act(h, request, "signin_cancel", &status, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, status, "");
}

/* ---- a partner's customers ---- */

/* The plugin knows ids; people know names. */
static void name_organizations(host *h, json_t *rows)
{
    json_t *row = NULL;
    size_t i = 0;
    json_array_foreach(rows, i, row)
    {
        const char *id = json_string_value(json_object_get(row, "organization"));
        (void)json_object_set_new(row, "organization", host_commands_organization_name(h, id));
    }
}

int host_commands_partner_customers(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_tick_report *reports = NULL;
    size_t count = 0;
    host_ticks_order order = {
        .request = request, .unit = host_commands_text(request, "partner"), .is_customers = true};
    if (!host_commands_needs_all(h, request, "connection", &err) ||
        !host_ticks_run(h, &order, &reports, &count, &err)) {
        return host_commands_fail(reply, &err);
    }
    if (count == 0) {
        (void)host_ticks_fail_unknown(order.unit, &err);
    } else if (reports[0].result.outcome != DPH_OUTCOME_DONE) {
        err = reports[0].problem;
    }
    json_t *rows = err.status == DPH_OK ? json_incref(reports[0].customers) : NULL;
    host_ticks_free_reports(reports, count);
    if (rows == NULL) {
        return host_commands_fail(reply, &err);
    }
    name_organizations(h, rows);
    return host_commands_done(reply, host_commands_rows(rows), "");
}
