/* SPDX-License-Identifier: Apache-2.0
 *
 * settings get and set: the plugin validates first, then everything changes at once. */
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/network.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/rights.h"
#include "sample-host/src/settings.h"
#include "sample-host/src/ticks.h"

#include "support/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char entitlement_prefix[] = "entitlement.";
static const char only_administrator[] =
    "A subscription is changed by the role Administrator alone.";
static const char only_network_administrator[] =
    "How this host reaches the outside is changed by the role Administrator alone.";
static const char needs_add_on[] =
    "The add-on is not active; its settings can be read, not changed.";

static json_t *print_default(const json_t *entry)
{
    const json_t *value = json_object_get(entry, "default");
    if (json_is_integer(value)) {
        char text[32];
        (void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
        return json_string(text);
    }
    if (json_is_boolean(value)) {
        return json_string(json_is_true(value) ? "true" : "false");
    }
    return json_string(json_is_string(value) ? json_string_value(value) : "");
}

static bool add_settings(const host_plugin *plugin, const char *wanted, json_t *rows,
                         host_error *err)
{
    const json_t *list = json_object_get(plugin->manifest, "settings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        char value[HOST_SETTINGS_VALUE_MAX];
        const json_t *entry = json_array_get(list, i);
        const char *key = json_string_value(json_object_get(entry, "key"));
        if (key == NULL || (wanted != NULL && strcmp(key, wanted) != 0)) {
            continue;
        }
        dph_str name = host_str(key);
        if (!host_settings_get(plugin, &name, value, sizeof value, err)) {
            return false;
        }
        (void)json_array_append_new(
            rows, json_pack("{s:s,s:s,s:o,s:s}", "key", key, "value", value, "default",
                            print_default(entry), "plugin",
                            plugin == &plugin->host->own ? HOST_OWN_ID : plugin->id));
    }
    return true;
}

static bool add_entitlement(host *h, const host_plugin *plugin, const char *wanted, json_t *rows,
                            host_error *err)
{
    char key[256];
    dph_entitlement state = {.struct_size = sizeof state};
    const char *feature = json_string_value(
        json_object_get(json_object_get(plugin->manifest, "entitlement"), "feature"));
    if (feature == NULL) {
        return true;
    }
    (void)snprintf(key, sizeof key, "%s%s", entitlement_prefix, feature);
    if (wanted != NULL && strcmp(wanted, key) != 0) {
        return true;
    }
    dph_str name = host_str(feature);
    if (!host_settings_entitlement(h, &name, &state, err)) {
        return false;
    }
    (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "key", key, "value",
                                                host_settings_entitlement_name(state.state),
                                                "default", "active", "plugin", plugin->id));
    return true;
}

static bool is_own(const host *h, const char *key)
{
    dph_str name = host_str(key);
    return host_settings_schema(&h->own, &name) != NULL;
}

/* Everyone sees the settings; who may not change them is told why (S1.20, S1.21). */
static void add_rights(host *h, const host_viewer *viewer, json_t *rows)
{
    host_error role = {0};
    bool may = host_rights_check(viewer, "settings set", &role);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *key = json_string_value(json_object_get(row, "key"));
        const char *id = json_string_value(json_object_get(row, "plugin"));
        bool is_plan = strncmp(key, entitlement_prefix, sizeof entitlement_prefix - 1) == 0;
        const bool own = is_own(h, key);
        const char *why = !may ? role.message : "";
        if (may && (is_plan || own) && viewer->role != DPH_ROLE_ADMINISTRATOR) {
            why = own ? only_network_administrator : only_administrator;
        } else if (may && !is_plan && !own &&
                   host_settings_is_unpaid(h, host_plugin_find(h, id, strlen(id)))) {
            why = needs_add_on;
        }
        (void)json_object_set_new(row, "editable", json_boolean(why[0] == '\0'));
        (void)json_object_set_new(row, "why_not", json_string(why));
    }
}

int host_commands_settings_get(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *wanted = host_commands_text(request, "key");
    json_t *rows = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < h->plugin_count; i++) {
        ok = add_settings(h->plugins[i], wanted, rows, &err) &&
             add_entitlement(h, h->plugins[i], wanted, rows, &err);
    }
    ok = ok && add_settings(&h->own, wanted, rows, &err);
    if (ok && wanted != NULL && json_array_size(rows) == 0) {
        ok = host_error_set(&err, DPH_E_NOT_FOUND, 0, "There is no setting \"%s\".", wanted);
    }
    if (!ok) {
        json_decref(rows);
        return host_commands_fail(reply, &err);
    }
    add_rights(h, request->viewer, rows);
    return host_commands_done(reply, host_commands_rows(rows), "");
}

typedef struct problems {
    char text[HOST_MESSAGE_SIZE];
    bool any;
} problems;

static dph_status DPH_CALL add_problem(void *context, const dph_str *key, const dph_str *message)
{
    problems *list = context;
    size_t used = strlen(list->text);
    (void)key;
    if (used > 0 && used + 2 < sizeof list->text) {
        list->text[used++] = ' ';
        list->text[used] = '\0';
    }
    if (message->len > 0) {
        (void)sup_utf8_clean(message->ptr, message->len, list->text + used,
                             sizeof list->text - used);
    }
    list->any = true;
    return DPH_OK;
}

typedef struct change {
    host *h;
    const host_request *request;
    host_plugin *plugin;
    const char *key;
    char value[HOST_SETTINGS_VALUE_MAX];
    uint64_t generation;
} change;

static bool tell_plugin(const change *c, uint32_t phase, host_error *err)
{
    problems list = {.any = false};
    if (c->plugin == &c->h->own) {
        return true;
    }
    if (c->plugin == NULL || c->plugin->settings == NULL) {
        return c->plugin != NULL && c->plugin->instance != NULL
                   ? true
                   : host_plugins_fail_missing(c->plugin, "", err);
    }
    host_call call;
    host_call_for_request(&call, c->h, c->request, "");
    dph_setting item = {sizeof item, 0, host_str(c->key), host_str(c->value)};
    const dph_setting *items[] = {&item};
    dph_settings_change told = {.struct_size = sizeof told,
                                .phase = phase,
                                .generation = c->generation,
                                .count = 1,
                                .items = items};
    dph_problem_sink sink = {sizeof sink, 0, &list, add_problem};
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status =
        c->plugin->settings->on_change(c->plugin->instance, &call.abi, &told, &sink, &problem);
    if (status == DPH_OK && !list.any) {
        return true;
    }
    if (list.any) {
        return host_error_set(err, DPH_E_INVALID, problem.code, "%s", list.text);
    }
    return host_error_from_dph(err, status, &problem, "The plugin refuses that value.");
}

static bool write_setting(const change *c, host_conn *conn, host_error *err)
{
    host_call call;
    char detail[HOST_MESSAGE_SIZE];
    host_call_for_request(&call, c->h, c->request, "");
    (void)snprintf(detail, sizeof detail, "%s = %.200s", c->key, c->value);
    host_activity entry = {.action = DPH_ACTIVITY_UPDATED,
                           .subject = host_str("settings"),
                           .detail = host_str(detail)};
    return host_rows_run(conn, err,
                         "INSERT INTO settings VALUES(?,?,?) ON CONFLICT(plugin, key)"
                         " DO UPDATE SET value=excluded.value",
                         "sss", c->plugin->id, c->key, c->value) &&
           host_rows_run(conn, err, "UPDATE meta SET value=? WHERE key='settings_generation'", "i",
                         (int64_t)c->generation) &&
           (c->plugin == &c->h->own ||
            host_plugins_store_claims(conn, c->plugin->id, c->plugin->manifest, err)) &&
           host_activity_add(conn, &call.abi, &entry, err) &&
           host_activity_count_changes(conn, 2, err);
}

static bool store(const change *c, host_error *err)
{
    host_conn *conn = host_db_write_begin(c->h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!write_setting(c, conn, err)) {
        host_db_write_rollback(c->h->db, conn);
        return false;
    }
    return host_db_write_commit(c->h->db, conn, err);
}

static bool prepare(change *c, host_error *err)
{
    int64_t generation = 0;
    dph_str name = host_str(c->key);
    const json_t *entry = NULL;
    for (size_t i = 0; entry == NULL && i < c->h->plugin_count; i++) {
        c->plugin = c->h->plugins[i];
        entry = host_settings_schema(c->plugin, &name);
    }
    if (entry == NULL) {
        c->plugin = &c->h->own;
        entry = host_settings_schema(c->plugin, &name);
    }
    if (entry == NULL) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no setting \"%s\".", c->key);
    }
    host_conn *conn = host_db_read_begin(c->h->db, err);
    bool ok = conn != NULL &&
              host_rows_number(conn, err, &generation,
                               "SELECT value FROM meta WHERE key='settings_generation'", "");
    host_db_read_end(c->h->db, conn);
    c->generation = (uint64_t)generation + 1;
    if (ok && c->plugin == &c->h->own && c->request->viewer->role != DPH_ROLE_ADMINISTRATOR) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_ROLE, "%s", only_network_administrator);
    }
    return ok &&
           host_settings_canonical(entry, host_commands_text(c->request, "value"), c->value,
                                   sizeof c->value, err) &&
           (c->plugin != &c->h->own || host_network_check(c->key, c->value, err));
}

/* A setting that depends on what is outside is held against a fresh look at it: the hook itself
 * never waits for the network. */
static bool check_units(const change *c, host_error *err)
{
    dph_str name = host_str(c->key);
    const json_t *entry = host_settings_schema(c->plugin, &name);
    host_ticks_order order = {.request = c->request, .is_check = true};
    host_tick_report *reports = NULL;
    size_t count = 0;
    if (!json_is_true(json_object_get(entry, "checked")) || strcmp(c->value, "true") != 0 ||
        c->plugin->sync == NULL) {
        return true;
    }
    bool ok = host_ticks_run(c->h, &order, &reports, &count, err);
    host_ticks_free_reports(reports, count);
    return ok;
}

int host_commands_settings_set(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    change c = {.h = h, .request = request, .key = host_commands_text(request, "key")};
    bool ok = true;
    size_t prefix = sizeof entitlement_prefix - 1;
    if (strncmp(c.key, entitlement_prefix, prefix) == 0) {
        ok = request->viewer->role == DPH_ROLE_ADMINISTRATOR ||
             host_error_set(&err, DPH_E_DENIED, HOST_CODE_ROLE, "%s", only_administrator);
        ok = ok && host_settings_set_entitlement(h, c.key + prefix,
                                                 host_commands_text(request, "value"), &err);
    } else {
        ok = prepare(&c, &err) &&
             (!host_settings_is_unpaid(h, c.plugin) ||
              host_error_set(&err, DPH_E_DENIED, HOST_CODE_SUBSCRIPTION, "%s", needs_add_on)) &&
             check_units(&c, &err) && tell_plugin(&c, DPH_SETTINGS_VALIDATE, &err) &&
             store(&c, &err) && tell_plugin(&c, DPH_SETTINGS_APPLY, &err);
    }
    if (!ok && err.status == DPH_E_DENIED) {
        host_commands_log_refusal(h, request, c.key, &err);
    }
    return ok ? host_commands_done(reply, json_object(), "") : host_commands_fail(reply, &err);
}
