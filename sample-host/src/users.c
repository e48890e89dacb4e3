/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing users. */
#include "sample-host/src/users.h"

#include "sample-host/src/base/id.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/viewer.h"

#include "support/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool host_users_find(host_conn *conn, const char *id_or_name, char out_id[HOST_OBJECT_ID_SIZE],
                     host_error *err)
{
    if (!host_rows_text(conn, err, (host_rows_space){out_id, HOST_OBJECT_ID_SIZE},
                        "SELECT id FROM users WHERE id=?1 OR name=?1 ORDER BY id<>?1 LIMIT 1", "s",
                        id_or_name)) {
        return false;
    }
    return out_id[0] != '\0' ? true
                             : host_error_set(err, DPH_E_NOT_FOUND, HOST_CODE_NO_USER,
                                              "There is no user \"%.200s\".", id_or_name);
}

static bool write_row(host_conn *conn, const host_user_change *change, const char *id,
                      host_error *err)
{
    int64_t now = host_clock_wall_ms();
    int64_t role = change->role != 0 ? (int64_t)change->role : -1;
    int64_t all = change->is_for_all ? 1 : change->organizations != NULL ? 0 : -1;
    if (change->id == NULL) {
        return host_rows_run(conn, err, "INSERT INTO users VALUES(?,?,?,?,1,?,?)", "ssiiii", id,
                             change->name, role, (int64_t)(all > 0 ? 1 : 0), now, now);
    }
    return host_rows_run(conn, err,
                         "UPDATE users SET name=coalesce(?,name), role=CASE ?2 WHEN -1 THEN role"
                         " ELSE ?2 END, all_organizations=CASE ?3 WHEN -1 THEN all_organizations"
                         " ELSE ?3 END, revision=revision+1, updated_ms=? WHERE id=?",
                         "siiis", change->name, role, all, now, id);
}

static bool write_organizations(host_conn *conn, const json_t *list, const char *id,
                                host_error *err)
{
    bool ok = host_rows_run(conn, err, "DELETE FROM user_organizations WHERE user_id=?", "s", id);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        char organization[HOST_OBJECT_ID_SIZE];
        const char *name = json_string_value(json_array_get(list, i));
        if (name[0] == '\0') {
            continue;
        }
        ok = host_object_find_organization(conn, NULL, name, organization, err) &&
             host_rows_run(conn, err, "INSERT OR IGNORE INTO user_organizations VALUES(?,?)", "ss",
                           id, organization);
    }
    return ok;
}

static bool write_groups(host_conn *conn, const json_t *list, const char *id, host_error *err)
{
    bool ok = host_rows_run(conn, err, "DELETE FROM user_groups WHERE user_id=?", "s", id);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        int64_t found = 0;
        const char *name = json_string_value(json_array_get(list, i));
        if (name[0] == '\0') {
            continue;
        }
        ok = host_rows_number(conn, err, &found, "SELECT 1 FROM access_groups WHERE name=?", "s",
                              name);
        if (ok && found == 0) {
            ok = host_error_set(err, DPH_E_NOT_FOUND, 0, "There is no group \"%.200s\".", name);
        }
        ok = ok && host_rows_run(conn, err, "INSERT OR IGNORE INTO user_groups VALUES(?,?)", "ss",
                                 id, name);
    }
    return ok;
}

/* S1.109: what a Lite user may see is counted when it is granted, not when it is looked at. */
static bool check_lite(host_conn *conn, const char *id, host_error *err)
{
    int64_t is_too_much = 0;
    if (!host_rows_number(conn, err, &is_too_much,
                          "SELECT role=?2 AND (all_organizations OR (SELECT count(*) FROM"
                          " user_organizations WHERE user_id=?1)>?3) FROM users WHERE id=?1",
                          "sii", id, (int64_t)DPH_ROLE_LITE, (int64_t)HOST_VIEWER_LITE_MAX)) {
        return false;
    }
    return is_too_much == 0 ? true
                            : host_error_set(err, DPH_E_INVALID, 0,
                                             "The role Lite sees at most %d organizations, each "
                                             "named.",
                                             HOST_VIEWER_LITE_MAX);
}

bool host_users_write(host_conn *conn, const host_user_change *change,
                      char out_id[HOST_OBJECT_ID_SIZE], host_error *err)
{
    if (change->id == NULL) {
        host_id_new(out_id);
    } else {
        (void)snprintf(out_id, HOST_OBJECT_ID_SIZE, "%s", change->id);
    }
    return write_row(conn, change, out_id, err) &&
           (change->organizations == NULL ||
            write_organizations(conn, change->organizations, out_id, err)) &&
           (change->groups == NULL || write_groups(conn, change->groups, out_id, err)) &&
           check_lite(conn, out_id, err);
}

bool host_users_delete(host_conn *conn, const char *id, host_error *err)
{
    return host_rows_run(conn, err, "DELETE FROM api_tokens WHERE user_id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM user_groups WHERE user_id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM user_organizations WHERE user_id=?", "s", id) &&
           host_rows_run(conn, err, "DELETE FROM users WHERE id=?", "s", id);
}

bool host_users_add_token(host_conn *conn, const char *user_id, host_secret *out,
                          char out_id[HOST_OBJECT_ID_SIZE], host_error *err)
{
    uint8_t raw[HOST_USERS_TOKEN_BYTES];
    uint8_t hash[32];
    size_t len = sizeof raw * 2;
    if (!host_secret_init(out, len + 1)) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    randombytes_buf(raw, sizeof raw);
    sup_hex_format(raw, sizeof raw, (char *)out->ptr);
    sodium_memzero(raw, sizeof raw);
    out->len = len;
    (void)crypto_generichash(hash, sizeof hash, out->ptr, len, NULL, 0);
    host_id_new(out_id);
    dph_bytes key = {hash, sizeof hash};
    return host_rows_run(conn, err, "INSERT INTO api_tokens VALUES(?,?,?,?)", "bssi", &key, out_id,
                         user_id, host_clock_wall_ms());
}
