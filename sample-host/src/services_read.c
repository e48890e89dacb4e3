/* SPDX-License-Identifier: Apache-2.0
 *
 * Records, organizations, configurations and state, as plugins read them: each call one snapshot.
 */
#include "dph/dph.h"
#include "sample-host/src/record.h"
#include "sample-host/src/services.h"

#include <stdarg.h>
#include <string.h>

/* One running read: every row goes through `give`, whose status ends the scan. */
typedef struct scan {
    const dph_host *services;
    const dph_call *call;
    dph_error *err;
    const void *sink;
    dph_status (*give)(const struct scan *scan, sqlite3_stmt *stmt);
    bool must_find; /* NOT_FOUND when there is no row */
} scan;

static dph_status give_rows(const scan *s, host_conn *conn, sqlite3_stmt *stmt, host_error *problem)
{
    bool row = true;
    bool any = false;
    while (row) {
        if (!host_rows_next(conn, stmt, &row, problem)) {
            return problem->status;
        }
        const dph_status status = row ? s->give(s, stmt) : DPH_OK;
        if (status != DPH_OK) {
            host_rows_done(stmt);
            return status;
        }
        any = any || row;
    }
    if (!any && s->must_find) {
        (void)host_error_set(problem, DPH_E_NOT_FOUND, 0, "No such thing in the host's store.");
        return DPH_E_NOT_FOUND;
    }
    return DPH_OK;
}

/* Arguments as host_rows_query has them. */
static dph_status read_rows(const scan *s, const char *sql, const char *types, ...)
{
    host_error problem = {0};
    host_db *db = host_services_plugin(s->services)->host->db;
    dph_status status = host_services_enter(s->call, s->err);
    if (status != DPH_OK) {
        return status;
    }
    host_conn *conn = host_db_read_begin(db, &problem);
    if (conn == NULL) {
        return host_error_to_dph(&problem, s->err);
    }
    va_list list;
    va_start(list, types);
    sqlite3_stmt *stmt = host_rows_query_list(conn, &problem, sql, types, &list);
    va_end(list);
    if (stmt != NULL) {
        status = give_rows(s, conn, stmt, &problem);
    }
    host_db_read_end(db, conn);
    return problem.status != DPH_OK ? host_error_to_dph(&problem, s->err) : status;
}

static dph_status give_record(const scan *s, sqlite3_stmt *stmt)
{
    const dph_record_sink *sink = s->sink;
    dph_record_row row = host_record_row(stmt);
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL find_record(const dph_host *services, const dph_call *call,
                                       const dph_str *external_id, const dph_record_sink *sink,
                                       dph_error *err)
{
    scan s = {.services = services,
              .call = call,
              .err = err,
              .sink = sink,
              .give = give_record,
              .must_find = true};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    return read_rows(&s, HOST_RECORD_SELECT " WHERE p.guard_owner=? AND p.external_id=?", "dd",
                     &plugin, external_id);
}

static dph_status DPH_CALL list_records(const dph_host *services, const dph_call *call,
                                        const dph_str *organization_id, const dph_record_sink *sink,
                                        dph_error *err)
{
    scan s = {.services = services, .call = call, .err = err, .sink = sink, .give = give_record};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    return organization_id->len == 0
               ? read_rows(&s, HOST_RECORD_SELECT " WHERE p.guard_owner=?", "d", &plugin)
               : read_rows(&s, HOST_RECORD_SELECT " WHERE p.organization_id=? AND p.guard_owner=?",
                           "dd", organization_id, &plugin);
}

static dph_status give_folder(const scan *s, sqlite3_stmt *stmt)
{
    const dph_folder_sink *sink = s->sink;
    dph_folder_row row = {.struct_size = sizeof row,
                          .flags = sqlite3_column_int(stmt, 3) != 0 ? DPH_FOLDER_HIDDEN : 0,
                          .revision = (uint64_t)sqlite3_column_int64(stmt, 4),
                          .folder_id = host_rows_str(stmt, 0),
                          .organization_id = host_rows_str(stmt, 1),
                          .name = host_rows_str(stmt, 2)};
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL find_folder(const dph_host *services, const dph_call *call,
                                       const dph_str *organization_id, const dph_folder_sink *sink,
                                       dph_error *err)
{
    scan s = {.services = services,
              .call = call,
              .err = err,
              .sink = sink,
              .give = give_folder,
              .must_find = true};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    return read_rows(&s,
                     "SELECT id, organization_id, name, hidden, revision"
                     " FROM folders WHERE guard_owner=?"
                     " AND organization_id=?",
                     "dd", &plugin, organization_id);
}

static const dph_records_v1 records_service = {sizeof records_service, 0, find_record, list_records,
                                               find_folder};

static dph_status give_organization(const scan *s, sqlite3_stmt *stmt)
{
    const dph_organization_sink *sink = s->sink;
    dph_organization_row row = {.struct_size = sizeof row,
                                .organization_id = host_rows_str(stmt, 0),
                                .name = host_rows_str(stmt, 1)};
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL list_organizations(const dph_host *services, const dph_call *call,
                                              const dph_organization_sink *sink, dph_error *err)
{
    scan s = {
        .services = services, .call = call, .err = err, .sink = sink, .give = give_organization};
    return read_rows(&s, "SELECT id, name FROM organizations ORDER BY name", "");
}

static dph_status DPH_CALL get_organization(const dph_host *services, const dph_call *call,
                                            const dph_str *id_or_name,
                                            const dph_organization_sink *sink, dph_error *err)
{
    scan s = {.services = services,
              .call = call,
              .err = err,
              .sink = sink,
              .give = give_organization,
              .must_find = true};
    return read_rows(&s,
                     "SELECT id, name FROM organizations WHERE id=?1 OR"
                     " id=(SELECT into_id FROM merged_organizations WHERE id=?1)"
                     " OR name=?1 COLLATE BINARY ORDER BY CASE WHEN id=?1 THEN 0"
                     " WHEN name=?1 COLLATE BINARY THEN 2 ELSE 1 END LIMIT 1",
                     "d", id_or_name);
}

static dph_status give_configuration(const scan *s, sqlite3_stmt *stmt)
{
    const dph_configuration_sink *sink = s->sink;
    dph_configuration_row row = {
        .struct_size = sizeof row,
        .flags = sqlite3_column_int(stmt, 8) != 0 ? DPH_CONFIGURATION_ARCHIVED : 0,
        .revision = (uint64_t)sqlite3_column_int64(stmt, 9),
        .configuration_id = host_rows_str(stmt, 0),
        .organization_id = host_rows_str(stmt, 1),
        .name = host_rows_str(stmt, 2),
        .hostname = host_rows_str(stmt, 3),
        .serial = host_rows_str(stmt, 4),
        .mac = host_rows_str(stmt, 5),
        .manufacturer = host_rows_str(stmt, 6),
        .model = host_rows_str(stmt, 7)};
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL list_configurations(const dph_host *services, const dph_call *call,
                                               const dph_str *organization_id,
                                               const dph_configuration_sink *sink, dph_error *err)
{
    scan s = {
        .services = services, .call = call, .err = err, .sink = sink, .give = give_configuration};
    return read_rows(&s,
                     "SELECT id, organization_id, name, hostname, serial, mac,"
                     " manufacturer, model, archived, revision FROM configurations"
                     " WHERE organization_id=?",
                     "d", organization_id);
}

static dph_status give_contact(const scan *s, sqlite3_stmt *stmt)
{
    const dph_contact_sink *sink = s->sink;
    uint32_t archived = sqlite3_column_int(stmt, 7) != 0 ? DPH_CONTACT_ARCHIVED : 0;
    uint32_t taken = sqlite3_column_int(stmt, 8) != 0 ? DPH_CONTACT_TAKEN : 0;
    dph_contact_row row = {.struct_size = sizeof row,
                           .flags = archived | taken,
                           .revision = (uint64_t)sqlite3_column_int64(stmt, 9),
                           .contact_id = host_rows_str(stmt, 0),
                           .organization_id = host_rows_str(stmt, 1),
                           .external_id = host_rows_str(stmt, 2),
                           .name = host_rows_str(stmt, 3),
                           .first_name = host_rows_str(stmt, 4),
                           .last_name = host_rows_str(stmt, 5),
                           .emails = host_rows_str(stmt, 6)};
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL list_contacts(const dph_host *services, const dph_call *call,
                                         const dph_str *organization_id,
                                         const dph_contact_sink *sink, dph_error *err)
{
    scan s = {.services = services, .call = call, .err = err, .sink = sink, .give = give_contact};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    return read_rows(&s,
                     "SELECT id, organization_id,"
                     " CASE linked_by WHEN ?2 THEN external_id ELSE '' END,"
                     " name, first_name, last_name, emails, archived,"
                     " linked_by NOT IN ('', ?2), revision"
                     " FROM contacts WHERE organization_id=?1",
                     "dd", organization_id, &plugin);
}

static const dph_assets_v1 assets_service = {sizeof assets_service, 0,
                                             list_organizations,    get_organization,
                                             list_configurations,   list_contacts};

static dph_status give_state(const scan *s, sqlite3_stmt *stmt)
{
    const dph_state_sink *sink = s->sink;
    dph_state_row row = {.struct_size = sizeof row,
                         .flags = sqlite3_column_int(stmt, 3) != 0 ? DPH_STATE_TOMBSTONE : 0,
                         .revision = (uint64_t)sqlite3_column_int64(stmt, 2),
                         .key = host_rows_bytes(stmt, 0),
                         .value = host_rows_bytes(stmt, 1)};
    return sink->add(sink->context, &row);
}

static dph_status DPH_CALL get_state(const dph_host *services, const dph_call *call,
                                     const dph_bytes *key, const dph_state_sink *sink,
                                     dph_error *err)
{
    scan s = {.services = services,
              .call = call,
              .err = err,
              .sink = sink,
              .give = give_state,
              .must_find = true};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    return read_rows(&s,
                     "SELECT key, value, revision, tombstone FROM plugin_state"
                     " WHERE plugin=? AND key=?",
                     "db", &plugin, key);
}

/* The first key after all that start with the prefix; false when there is none. */
static bool end_of_prefix(const dph_bytes *prefix, uint8_t *out, size_t *out_len)
{
    size_t len = prefix->len;
    while (len > 0 && prefix->ptr[len - 1] == 0xff) {
        len--;
    }
    if (len == 0) {
        return false;
    }
    memcpy(out, prefix->ptr, len);
    out[len - 1]++;
    *out_len = len;
    return true;
}

static dph_status DPH_CALL scan_state(const dph_host *services, const dph_call *call,
                                      const dph_bytes *prefix, const dph_state_sink *sink,
                                      dph_error *err)
{
    scan s = {.services = services, .call = call, .err = err, .sink = sink, .give = give_state};
    dph_str plugin = host_str(host_services_plugin(services)->id);
    uint8_t end[DPH_STATE_KEY_MAX];
    size_t end_len = 0;
    if (prefix->len > DPH_STATE_KEY_MAX) {
        host_error problem = {0};
        (void)host_error_set(&problem, DPH_E_INVALID, 0, "The prefix is too long.");
        return host_error_to_dph(&problem, err);
    }
    bool is_bounded = end_of_prefix(prefix, end, &end_len);
    dph_bytes bound = {end, end_len};
    return is_bounded
               ? read_rows(&s,
                           "SELECT key, value, revision, tombstone FROM plugin_state"
                           " WHERE plugin=? AND key>=? AND key<? AND tombstone=0 ORDER BY key",
                           "dbb", &plugin, prefix, &bound)
               : read_rows(&s,
                           "SELECT key, value, revision, tombstone FROM plugin_state"
                           " WHERE plugin=? AND key>=? AND tombstone=0 ORDER BY key",
                           "db", &plugin, prefix);
}

static const dph_state_v1 state_service = {sizeof state_service, 0, get_state, scan_state};

const void *host_services_read(const char *id)
{
    if (strcmp(id, DPH_RECORDS_ID) == 0) {
        return &records_service;
    }
    if (strcmp(id, DPH_ASSETS_ID) == 0) {
        return &assets_service;
    }
    return strcmp(id, DPH_STATE_ID) == 0 ? &state_service : NULL;
}
