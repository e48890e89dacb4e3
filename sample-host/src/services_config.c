/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings and subscriptions, as plugins read them. */
#include "dph/dph.h"
#include "sample-host/src/services.h"
#include "sample-host/src/settings.h"

#include <stdlib.h>
#include <string.h>

static uint64_t DPH_CALL read_generation(const dph_host *services)
{
    host *h = host_services_plugin(services)->host;
    host_error problem = {0};
    int64_t generation = 0;
    host_conn *conn = host_db_read_begin(h->db, &problem);
    if (conn != NULL) {
        (void)host_rows_number(conn, &problem, &generation,
                               "SELECT value FROM meta WHERE key='settings_generation'", "");
    }
    host_db_read_end(h->db, conn);
    return (uint64_t)generation;
}

static bool is_text_type(const host_plugin *plugin, const dph_str *key)
{
    const char *type =
        json_string_value(json_object_get(host_settings_schema(plugin, key), "type"));
    return type == NULL || strcmp(type, "text") == 0 || strcmp(type, "choice") == 0;
}

static dph_status fail_type(dph_error *err)
{
    host_error problem = {0};
    (void)host_error_set(&problem, DPH_E_INVALID, 0, "The setting has another type.");
    return host_error_to_dph(&problem, err);
}

static dph_status DPH_CALL get_text(const dph_host *services, const dph_str *key, char *buf,
                                    size_t cap, size_t *need, dph_error *err)
{
    const host_plugin *plugin = host_services_plugin(services);
    host_error problem = {0};
    char value[HOST_SETTINGS_VALUE_MAX];
    if (!host_settings_get(plugin, key, value, sizeof value, &problem)) {
        return host_error_to_dph(&problem, err);
    }
    if (!is_text_type(plugin, key)) {
        return fail_type(err);
    }
    size_t len = strlen(value);
    if (need != NULL) {
        *need = len;
    }
    if (len >= cap) {
        (void)host_error_set(&problem, DPH_E_TOO_LARGE, 0, "The value is longer than the buffer.");
        return host_error_to_dph(&problem, err);
    }
    memcpy(buf, value, len + 1);
    return DPH_OK;
}

static dph_status DPH_CALL get_int(const dph_host *services, const dph_str *key, int64_t *out,
                                   dph_error *err)
{
    const host_plugin *plugin = host_services_plugin(services);
    host_error problem = {0};
    char value[HOST_SETTINGS_VALUE_MAX];
    if (!host_settings_get(plugin, key, value, sizeof value, &problem)) {
        return host_error_to_dph(&problem, err);
    }
    if (is_text_type(plugin, key)) {
        return fail_type(err);
    }
    *out = strcmp(value, "true") == 0 ? 1 : strtoll(value, NULL, 10);
    return DPH_OK;
}

static const dph_settings_v1 settings_service = {sizeof settings_service, 0, read_generation,
                                                 get_text, get_int};

static dph_status DPH_CALL query_entitlement(const dph_host *services, const dph_str *feature,
                                             dph_entitlement *out, dph_error *err)
{
    host_error problem = {0};
    return host_services_result(
        host_settings_entitlement(host_services_plugin(services)->host, feature, out, &problem),
        &problem, err);
}

static const dph_entitlement_v1 entitlement_service = {sizeof entitlement_service, 0,
                                                       query_entitlement};

const void *host_services_config(const char *id)
{
    if (strcmp(id, DPH_SETTINGS_ID) == 0) {
        return &settings_service;
    }
    return strcmp(id, DPH_ENTITLEMENT_ID) == 0 ? &entitlement_service : NULL;
}
