/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading pinned plugins and finding their hooks. */
#include "sample-host/src/plugins.h"

#include "sample-host/src/action.h"

#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/base/os_process.h"
#include "sample-host/src/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool host_plugins_fail_missing(const host_plugin *plugin, const char *id, host_error *err)
{
    if (plugin == NULL) {
        return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING,
                              "The plugin %s is not installed here.", id);
    }
    return host_error_set(err, DPH_E_UNAVAILABLE, HOST_CODE_PLUGIN_MISSING,
                          "The plugin %s is not loaded: %s", plugin->id,
                          plugin->problem[0] != '\0' ? plugin->problem : "it does not offer this.");
}

host_plugin *host_plugins_for_action(host *h, const char *action, host_error *err)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        host_plugin *plugin = h->plugins[i];
        if (host_action_has(plugin, action)) {
            if (plugin->action == NULL) {
                (void)host_plugins_fail_missing(plugin, plugin->id, err);
                return NULL;
            }
            return plugin;
        }
    }
    (void)host_error_set(err, DPH_E_UNSUPPORTED, HOST_CODE_PLUGIN_MISSING,
                         "No installed plugin offers \"%s\".", action);
    return NULL;
}

bool host_plugins_default_path(char *out, size_t cap)
{
    char program[PATH_MAX];
    if (!host_file_program(program, sizeof program)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (slash == NULL) {
            return false;
        }
        *slash = '\0';
    }
    static const char *const places[] = {"plugin", "lib/dochost/plugins/bitlocker_keys"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (snprintf(out, cap, "%s/%s/bitlocker_keys.so", program, places[i]) < (int)cap &&
            host_file_exists(out)) {
            return true;
        }
    }
    return false;
}

static void *find_hook(dph_plugin *instance, const char *id)
{
    return (void *)(uintptr_t)instance->get_interface(instance, id);
}

/* The gate looks at the guard's slots itself; of the other hooks every slot must be there. */
static void find_hooks(host_plugin *plugin)
{
    dph_plugin *instance = plugin->instance;
    plugin->guard = find_hook(instance, DPH_HOOK_GUARD_ID);
    plugin->folder = find_hook(instance, DPH_HOOK_FOLDER_ID);
    plugin->secret = find_hook(instance, DPH_HOOK_SECRET_ID);
    plugin->action = find_hook(instance, DPH_HOOK_ACTION_ID);
    plugin->sync = find_hook(instance, DPH_HOOK_SYNC_ID);
    plugin->settings = find_hook(instance, DPH_HOOK_SETTINGS_ID);
    plugin->access = find_hook(instance, DPH_HOOK_ACCESS_ID);
    if (plugin->folder != NULL &&
        (!DPH_HAS(plugin->folder, render_folder) || plugin->folder->render_folder == NULL)) {
        plugin->folder = NULL;
    }
    if (plugin->secret != NULL &&
        (!DPH_HAS(plugin->secret, reveal) || plugin->secret->reveal == NULL)) {
        plugin->secret = NULL;
    }
    if (plugin->action != NULL &&
        (!DPH_HAS(plugin->action, invoke) || plugin->action->invoke == NULL)) {
        plugin->action = NULL;
    }
    if (plugin->sync != NULL && (!DPH_HAS(plugin->sync, on_tick) || plugin->sync->on_tick == NULL ||
                                 plugin->sync->list_units == NULL)) {
        plugin->sync = NULL;
    }
    if (plugin->settings != NULL &&
        (!DPH_HAS(plugin->settings, on_change) || plugin->settings->on_change == NULL)) {
        plugin->settings = NULL;
    }
    if (plugin->access != NULL &&
        (!DPH_HAS(plugin->access, on_access) || plugin->access->on_access == NULL)) {
        plugin->access = NULL;
    }
}

typedef struct pin_row {
    char library_path[PATH_MAX];
    char manifest_path[PATH_MAX];
    uint8_t library_hash[DPHL_HASH_SIZE];
    uint8_t manifest_hash[DPHL_HASH_SIZE];
    bool is_probed;
} pin_row;

static void start_call(host_call *call, host *h)
{
    host_actor actor = host_call_scheduler();
    host_call_init(call, h, &actor, DPH_LANE_CONTROL, "");
}

static void remember_probe(host_plugin *plugin)
{
    host_error ignored = {0};
    host *h = plugin->host;
    host_conn *conn = host_db_write_begin(h->db, true, &ignored);
    if (conn == NULL) {
        return;
    }
    if (host_rows_run(conn, &ignored, "UPDATE plugins SET probed=1 WHERE id=?", "s", plugin->id)) {
        (void)host_db_write_commit(h->db, conn, &ignored);
    } else {
        host_db_write_rollback(h->db, conn);
    }
}

/* A release gave the names up that the plugin claims; when it is loaded again, it claims them anew.
 */
static void claim_names(const host_plugin *plugin)
{
    host_error err = {0};
    host *h = plugin->host;
    int64_t claimed = 0;
    const json_t *names = json_object_get(plugin->manifest, "guarded_names");
    host_conn *conn = json_array_size(names) > 0 ? host_db_read_begin(h->db, &err) : NULL;
    bool ok =
        conn != NULL &&
        host_rows_number(conn, &err, &claimed,
                         "SELECT count(*) FROM reserved_claims WHERE plugin=?", "s", plugin->id);
    host_db_read_end(h->db, conn);
    if (!ok || claimed > 0) {
        return;
    }
    conn = host_db_write_begin(h->db, true, &err);
    ok = conn != NULL && host_plugins_store_claims(conn, plugin->id, plugin->manifest, &err);
    if (conn != NULL && !ok) {
        host_db_write_rollback(h->db, conn);
    }
    if (!ok || !host_db_write_commit(h->db, conn, &err)) {
        host_log_line(DPH_LOG_WARNING, "names_not_claimed", err.message, NULL);
    }
}

static void marker_path(const host_plugin *plugin, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/loading-%s", plugin->host->dir, plugin->id);
}

static void fail_load(host_plugin *plugin, dph_status status, const dph_error *problem)
{
    host_error err = {0};
    (void)host_error_from_dph(&err, status, problem, "It could not be loaded.");
    plugin->is_quarantined = problem->code == DPHL_CODE_QUARANTINED;
    if (plugin->is_quarantined) {
        (void)host_error_set(
            &err, status, problem->code,
            "It is quarantined, because dochost was ended while it loaded it. If "
            "the plugin is not to blame, lift that with `dochost --data DIR plugin "
            "retry %s`; else install another version.",
            plugin->id);
    }
    (void)snprintf(plugin->problem, sizeof plugin->problem, "%s", err.message);
    json_t *fields = json_pack("{s:s}", "plugin", plugin->id);
    host_log_line(DPH_LOG_WARNING, "plugin_not_loaded", plugin->problem, fields);
    json_decref(fields);
}

static void probe_path(char *out, size_t cap)
{
    char program[PATH_MAX] = "";
    (void)host_file_program(program, sizeof program);
    char *slash = strrchr(program, '/');
    (void)snprintf(out, cap, "%.*s/dph-probe", (int)(slash != NULL ? slash - program : 0), program);
}

static void load(host_plugin *plugin, const pin_row *pin)
{
    char probe[PATH_MAX];
    char marker[PATH_MAX + 64];
    probe_path(probe, sizeof probe);
    marker_path(plugin, marker, sizeof marker);
    dphl_options options = {.path = pin->library_path,
                            .manifest_path = pin->manifest_path,
                            .library_hash = pin->library_hash,
                            .manifest_hash = pin->manifest_hash,
                            .probe_path = probe,
                            .already_probed = pin->is_probed ? 1 : 0,
                            .marker_path = marker};
    dph_error problem = {.struct_size = sizeof problem};
    /* Ctrl-C or a closed terminal is not the plugin's fault: it waits until the load is over. */
    uint32_t held = host_process_hold_signals();
    dph_status status = dphl_open(&options, &plugin->services, &plugin->library, &problem);
    host_call call;
    start_call(&call, plugin->host);
    if (status == DPH_OK) {
        status = dphl_start(plugin->library, &call.abi, &plugin->instance, &problem);
        if (status != DPH_OK) {
            dphl_close(plugin->library, &call.abi);
            plugin->library = NULL;
            plugin->instance = NULL;
        }
    }
    host_process_release_signals(held);
    if (status != DPH_OK) {
        fail_load(plugin, status, &problem);
        return;
    }
    find_hooks(plugin);
    if (!pin->is_probed) {
        remember_probe(plugin);
    }
    claim_names(plugin);
}

static bool read_pin(sqlite3_stmt *stmt, host_plugin *plugin, pin_row *pin)
{
    dph_bytes library = host_rows_bytes(stmt, 3);
    dph_bytes manifest = host_rows_bytes(stmt, 4);
    (void)snprintf(plugin->id, sizeof plugin->id, "%s", host_rows_column(stmt, 0));
    (void)snprintf(pin->library_path, sizeof pin->library_path, "%s", host_rows_column(stmt, 1));
    (void)snprintf(pin->manifest_path, sizeof pin->manifest_path, "%s", host_rows_column(stmt, 2));
    plugin->manifest = json_loads(host_rows_column(stmt, 5), 0, NULL);
    pin->is_probed = sqlite3_column_int(stmt, 6) != 0;
    if (library.len != DPHL_HASH_SIZE || manifest.len != DPHL_HASH_SIZE ||
        plugin->manifest == NULL) {
        return false;
    }
    memcpy(pin->library_hash, library.ptr, DPHL_HASH_SIZE);
    memcpy(pin->manifest_hash, manifest.ptr, DPHL_HASH_SIZE);
    return true;
}

static bool add_plugin(host *h, sqlite3_stmt *stmt, pin_row *pin, host_error *err)
{
    host_plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    plugin->host = h;
    plugin->services = (dph_host){.struct_size = sizeof plugin->services,
                                  .abi_major = DPH_ABI_MAJOR,
                                  .abi_minor = DPH_ABI_MINOR,
                                  .name = "dochost",
                                  .version = PRODUCT_VERSION,
                                  .self = plugin,
                                  .get_interface = host_services_get};
    bool is_whole = read_pin(stmt, plugin, pin);
    h->plugins[h->plugin_count] = plugin;
    h->plugin_count++;
    if (!is_whole) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The stored pin of plugin %s is damaged.",
                              plugin->id);
    }
    return true;
}

bool host_plugins_open(host *h, host_error *err)
{
    pin_row *pins = calloc(HOST_PLUGINS_MAX, sizeof *pins);
    if (pins == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    host_conn *conn = host_db_read_begin(h->db, err);
    if (conn == NULL) {
        free(pins);
        return false;
    }
    sqlite3_stmt *stmt = host_rows_query(conn, err,
                                         "SELECT id, library_path, manifest_path, library_hash,"
                                         " manifest_hash, manifest, probed FROM plugins"
                                         " ORDER BY id",
                                         "");
    bool ok = stmt != NULL;
    bool row = ok;
    while (ok && row && h->plugin_count < HOST_PLUGINS_MAX) {
        ok = host_rows_next(conn, stmt, &row, err) &&
             (!row || add_plugin(h, stmt, &pins[h->plugin_count], err));
    }
    host_db_read_end(h->db, conn);
    for (size_t i = 0; ok && i < h->plugin_count; i++) {
        load(h->plugins[i], &pins[i]);
    }
    free(pins);
    return ok;
}

bool host_plugins_retry(host *h, const char *id, host_error *err)
{
    char marker[PATH_MAX + 64];
    host_plugin *plugin = host_plugin_find(h, id, strlen(id));
    if (plugin == NULL) {
        return host_plugins_fail_missing(NULL, id, err);
    }
    if (!plugin->is_quarantined) {
        return host_error_set(err, DPH_E_CONFLICT, 0, "The plugin %s is not quarantined.", id);
    }
    marker_path(plugin, marker, sizeof marker);
    host_file_remove(marker);
    return host_file_exists(marker)
               ? host_error_set(err, DPH_E_UNAVAILABLE, 0, "%s cannot be removed.", marker)
               : true;
}

void host_plugins_close(host *h)
{
    for (size_t i = 0; i < h->plugin_count; i++) {
        host_plugin *plugin = h->plugins[i];
        host_call call;
        start_call(&call, h);
        dphl_close(plugin->library, &call.abi);
        json_decref(plugin->manifest);
        free(plugin);
    }
    h->plugin_count = 0;
}
