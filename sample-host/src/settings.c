/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading settings and subscriptions. */
#include "sample-host/src/settings.h"

#include "sample-host/src/base/os_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_KEEPS_MS (INT64_C(14) * 24 * 3600 * 1000)

static const char *const state_names[] = {"unknown", "active", "grace", "expired", "absent"};

const json_t *host_settings_schema(const host_plugin *plugin, const dph_str *key)
{
    const json_t *list = json_object_get(plugin->manifest, "settings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(entry, "key"));
        if (name != NULL && strlen(name) == key->len && memcmp(name, key->ptr, key->len) == 0) {
            return entry;
        }
    }
    return NULL;
}

static void print_default(const json_t *entry, char *out, size_t cap)
{
    const json_t *value = json_object_get(entry, "default");
    if (json_is_string(value)) {
        (void)snprintf(out, cap, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        (void)snprintf(out, cap, "%lld", (long long)json_integer_value(value));
    } else {
        (void)snprintf(out, cap, "%s", json_is_true(value) ? "true" : "false");
    }
}

bool host_settings_get(const host_plugin *plugin, const dph_str *key, char *out, size_t cap,
                       host_error *err)
{
    const json_t *entry = host_settings_schema(plugin, key);
    if (entry == NULL) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no such setting.");
    }
    host_conn *conn = host_db_read_begin(plugin->host->db, err);
    int64_t is_set = 0;
    bool ok =
        conn != NULL &&
        host_rows_number(conn, err, &is_set, "SELECT 1 FROM settings WHERE plugin=? AND key=?",
                         "sd", plugin->id, key) &&
        host_rows_text(conn, err, (host_rows_space){out, cap},
                       "SELECT value FROM settings WHERE plugin=? AND key=?", "sd", plugin->id,
                       key);
    host_db_read_end(plugin->host->db, conn);
    if (ok && is_set == 0) {
        print_default(entry, out, cap);
    }
    return ok;
}

static bool fail_int(const json_t *entry, host_error *err)
{
    const char *key = json_string_value(json_object_get(entry, "key"));
    const json_t *low = json_object_get(entry, "min");
    const json_t *high = json_object_get(entry, "max");
    if (low == NULL || high == NULL) {
        return host_error_set(err, DPH_E_INVALID, 0, "%s wants a whole number.", key);
    }
    return host_error_set(err, DPH_E_INVALID, 0, "%s wants a whole number from %lld to %lld.", key,
                          (long long)json_integer_value(low), (long long)json_integer_value(high));
}

static bool check_int(const json_t *entry, const char *value, char *out, size_t cap,
                      host_error *err)
{
    char *end = NULL;
    long long number = strtoll(value, &end, 10);
    const json_t *low = json_object_get(entry, "min");
    const json_t *high = json_object_get(entry, "max");
    if (end == value || *end != '\0' || (low != NULL && number < json_integer_value(low)) ||
        (high != NULL && number > json_integer_value(high))) {
        return fail_int(entry, err);
    }
    (void)snprintf(out, cap, "%lld", number);
    return true;
}

static bool check_choice(const json_t *entry, const char *value, char *out, size_t cap,
                         host_error *err)
{
    const json_t *choices = json_object_get(entry, "choices");
    for (size_t i = 0; i < json_array_size(choices); i++) {
        const char *choice = json_string_value(json_array_get(choices, i));
        if (choice != NULL && strcmp(choice, value) == 0) {
            (void)snprintf(out, cap, "%s", value);
            return true;
        }
    }
    return host_error_set(err, DPH_E_INVALID, 0, "%s does not offer that choice.",
                          json_string_value(json_object_get(entry, "key")));
}

bool host_settings_canonical(const json_t *entry, const char *value, char *out, size_t cap,
                             host_error *err)
{
    const char *type = json_string_value(json_object_get(entry, "type"));
    const char *key = json_string_value(json_object_get(entry, "key"));
    if (type != NULL && strcmp(type, "int") == 0) {
        return check_int(entry, value, out, cap, err);
    }
    if (type != NULL && strcmp(type, "choice") == 0) {
        return check_choice(entry, value, out, cap, err);
    }
    if (type != NULL && strcmp(type, "bool") == 0) {
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
            return host_error_set(err, DPH_E_INVALID, 0, "%s wants true or false.", key);
        }
    }
    if (strlen(value) >= cap || strlen(value) >= HOST_SETTINGS_VALUE_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "The value of %s is too long.", key);
    }
    (void)snprintf(out, cap, "%s", value);
    return true;
}

const char *host_settings_entitlement_name(uint32_t state)
{
    return state < sizeof state_names / sizeof state_names[0] ? state_names[state] : "unknown";
}

static uint32_t reckon(uint32_t state, uint32_t last, int64_t since_ms)
{
    if (state != DPH_ENTITLEMENT_UNKNOWN) {
        return state;
    }
    bool is_kept =
        last != DPH_ENTITLEMENT_UNKNOWN && host_clock_wall_ms() - since_ms < UNKNOWN_KEEPS_MS;
    return is_kept ? last : DPH_ENTITLEMENT_EXPIRED;
}

bool host_settings_entitlement(host *h, const dph_str *feature, dph_entitlement *out,
                               host_error *err)
{
    host_conn *conn = host_db_read_begin(h->db, err);
    if (conn == NULL) {
        return false;
    }
    sqlite3_stmt *stmt = host_rows_query(
        conn, err,
        "SELECT state, last_known, last_known_ms, valid_until_ms FROM entitlements WHERE feature=?",
        "d", feature);
    bool row = false;
    bool ok = stmt != NULL && host_rows_next(conn, stmt, &row, err);
    if (ok && row) {
        uint32_t state = (uint32_t)sqlite3_column_int(stmt, 0);
        out->state = state;
        out->effective =
            reckon(state, (uint32_t)sqlite3_column_int(stmt, 1), sqlite3_column_int64(stmt, 2));
        out->valid_until_ms = sqlite3_column_int64(stmt, 3);
    }
    host_db_read_end(h->db, conn);
    if (ok && !row) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no such subscription.");
    }
    return ok;
}

bool host_settings_set_entitlement(host *h, const char *feature, const char *word, host_error *err)
{
    int64_t state = -1;
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++) {
        state = strcmp(word, state_names[i]) == 0 ? (int64_t)i : state;
    }
    if (state < 0) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "A subscription is active, grace, expired, absent or unknown.");
    }
    host_conn *conn = host_db_write_begin(h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!host_rows_run(conn, err,
                       "INSERT INTO entitlements VALUES(?1,?2,?2,?3,0) ON CONFLICT(feature)"
                       " DO UPDATE SET state=?2,"
                       " last_known=CASE ?2 WHEN 0 THEN last_known ELSE ?2 END,"
                       " last_known_ms=CASE WHEN ?2=0 AND state=0 THEN last_known_ms ELSE ?3 END",
                       "sii", feature, state, host_clock_wall_ms()) ||
        !host_rows_run(conn, err, "UPDATE meta SET value=value+1 WHERE key='settings_generation'",
                       "")) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}

bool host_settings_is_unpaid(host *h, const host_plugin *plugin)
{
    host_error ignored = {0};
    dph_entitlement state = {.struct_size = sizeof state};
    const char *feature = json_string_value(
        json_object_get(json_object_get(plugin->manifest, "entitlement"), "feature"));
    dph_str name = host_str(feature);
    /* A subscription that cannot be read, or that nobody ever noted, is none (S1.81). */
    bool is_known = feature != NULL && host_settings_entitlement(h, &name, &state, &ignored);
    return feature != NULL && (!is_known || (state.effective != DPH_ENTITLEMENT_ACTIVE &&
                                             state.effective != DPH_ENTITLEMENT_GRACE));
}
