/* SPDX-License-Identifier: Apache-2.0
 *
 * Pinning a plugin: what it is and what it claims becomes data of the host, so that protection does
 * not need its code. */
#include "sample-host/src/base/id.h"
#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/plugins.h"

#include "dph/service_entitlement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST_MAX (1024u * 1024)

typedef struct pin {
    char library[PATH_MAX];
    char manifest_path[PATH_MAX + 16];
    uint8_t library_hash[DPHL_HASH_SIZE];
    uint8_t manifest_hash[DPHL_HASH_SIZE];
    char id[HOST_PLUGIN_ID_SIZE];
    json_t *manifest;
    char *manifest_text;
} pin;

static bool hash_file(const char *path, uint8_t *out, host_error *err)
{
    dph_error problem = {.struct_size = sizeof problem};
    dph_status status = dphl_hash_file(path, out, &problem);
    return status == DPH_OK ? true
                            : host_error_from_dph(err, status, &problem, "It cannot be read.");
}

static bool find_files(const char *library_path, pin *p, host_error *err)
{
    if (!host_file_absolute(library_path, p->library, sizeof p->library, err)) {
        return false;
    }
    const char *name = strrchr(p->library, '/') + 1;
    const char *dot = strrchr(name, '.');
    size_t id_len = dot != NULL ? (size_t)(dot - name) : strlen(name);
    if (dot == NULL || strcmp(dot, ".so") != 0 || id_len < 3 || id_len >= sizeof p->id) {
        return host_error_set(err, DPH_E_INVALID, DPHL_CODE_PATH,
                              "%s is not named like a plugin (ID.so).", p->library);
    }
    (void)snprintf(p->id, sizeof p->id, "%.*s", (int)id_len, name);
    int folder = (int)(name - p->library);
    (void)snprintf(p->manifest_path, sizeof p->manifest_path, "%.*smanifest.json", folder,
                   p->library);
    return true;
}

static bool read_manifest(pin *p, host_error *err)
{
    host_secret bytes = {0};
    if (!host_file_read(p->manifest_path, MANIFEST_MAX, false, &bytes, err)) {
        return false;
    }
    json_error_t where;
    p->manifest = json_loadb((const char *)bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &where);
    host_secret_done(&bytes);
    const char *id = json_string_value(json_object_get(p->manifest, "id"));
    if (p->manifest == NULL) {
        return host_error_set(err, DPH_E_CORRUPT, DPHL_CODE_MANIFEST,
                              "The manifest %s is not JSON (line %d).", p->manifest_path,
                              where.line);
    }
    if (id == NULL || strcmp(id, p->id) != 0) {
        return host_error_set(err, DPH_E_CORRUPT, DPHL_CODE_MANIFEST,
                              "The manifest %s is not that of %s.", p->manifest_path, p->id);
    }
    p->manifest_text = json_dumps(p->manifest, JSON_COMPACT);
    return p->manifest_text != NULL ? true : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

static uint32_t kind_of_claim(const json_t *claim)
{
    const char *kind = json_string_value(json_object_get(claim, "kind"));
    if (kind != NULL && strcmp(kind, "category") == 0) {
        return DPH_NAME_CATEGORY;
    }
    return kind != NULL && strcmp(kind, "folder") == 0 ? DPH_NAME_FOLDER : 0;
}

static bool insert_claim(host_conn *conn, const char *id, uint32_t kind, const char *name,
                         host_error *err)
{
    char category[HOST_ID_SIZE];
    int64_t others = 0;
    if (kind == 0 || name == NULL || name[0] == '\0') {
        return host_error_set(err, DPH_E_CORRUPT, DPHL_CODE_MANIFEST,
                              "The manifest of %s claims a name without kind or text.", id);
    }
    if (!host_rows_number(conn, err, &others,
                          "SELECT count(*) FROM reserved_claims WHERE kind=? AND"
                          " name=? COLLATE NOCASE AND plugin<>?",
                          "iss", (int64_t)kind, name, id)) {
        return false;
    }
    if (others > 0) {
        return host_error_set(err, DPH_E_CONFLICT, HOST_CODE_RESERVED_NAME,
                              "The name \"%.200s\" is a reserved name of another plugin.", name);
    }
    if (!host_rows_run(conn, err, "INSERT OR IGNORE INTO reserved_claims VALUES(?,?,?)", "sis", id,
                       (int64_t)kind, name)) {
        return false;
    }
    host_id_new(category);
    return kind != DPH_NAME_CATEGORY ||
           host_rows_run(conn, err,
                         "INSERT INTO categories VALUES(?,?,?,1) ON CONFLICT(name) DO UPDATE SET"
                         " guard_owner=excluded.guard_owner",
                         "sss", category, name, id);
}

/* {"kind", "name", "setting"}: a setting, where one is named, may replace the name. */
static bool store_claim(host_conn *conn, const char *id, const json_t *claim, host_error *err)
{
    char name[1024] = "";
    const char *setting = json_string_value(json_object_get(claim, "setting"));
    const char *fixed = json_string_value(json_object_get(claim, "name"));
    if (setting != NULL &&
        !host_rows_text(conn, err, (host_rows_space){name, sizeof name},
                        "SELECT value FROM settings WHERE plugin=? AND key=?", "ss", id, setting)) {
        return false;
    }
    return insert_claim(conn, id, kind_of_claim(claim), name[0] != '\0' ? name : fixed, err);
}

bool host_plugins_store_claims(host_conn *conn, const char *id, const json_t *manifest,
                               host_error *err)
{
    const json_t *claims = json_object_get(manifest, "guarded_names");
    if (!host_rows_run(conn, err, "DELETE FROM reserved_claims WHERE plugin=?", "s", id)) {
        return false;
    }
    if (claims != NULL && !json_is_array(claims)) {
        return host_error_set(err, DPH_E_CORRUPT, DPHL_CODE_MANIFEST,
                              "The manifest of %s does not list its guarded names.", id);
    }
    for (size_t i = 0; i < json_array_size(claims); i++) {
        if (!store_claim(conn, id, json_array_get(claims, i), err)) {
            return false;
        }
    }
    return true;
}

static bool store_feature(host_conn *conn, const json_t *manifest, host_error *err)
{
    const char *feature =
        json_string_value(json_object_get(json_object_get(manifest, "entitlement"), "feature"));
    return feature == NULL ||
           host_rows_run(conn, err, "INSERT OR IGNORE INTO entitlements VALUES(?1,?2,?2,?3,0)",
                         "sii", feature, (int64_t)DPH_ENTITLEMENT_ACTIVE, host_clock_wall_ms());
}

static bool is_listed(const json_t *settings, const char *key)
{
    for (size_t i = 0; i < json_array_size(settings); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(settings, i), "key"));
        if (other != NULL && strcmp(other, key) == 0) {
            return true;
        }
    }
    return false;
}

static const char *word_of(const json_t *value)
{
    return json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                                  : json_string_value(value);
}

/* Settings that the version before did not have begin with "default_existing", where they name one:
 * what an update brings does not start by itself on data that was there before it (S1.22). */
static bool store_new_settings(host_conn *conn, const pin *p, const json_t *before, host_error *err)
{
    const json_t *settings = json_object_get(p->manifest, "settings");
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(settings); i++) {
        const json_t *entry = json_array_get(settings, i);
        const char *key = json_string_value(json_object_get(entry, "key"));
        const char *value = word_of(json_object_get(entry, "default_existing"));
        if (key != NULL && value != NULL && !is_listed(json_object_get(before, "settings"), key)) {
            ok = host_rows_run(conn, err, "INSERT OR IGNORE INTO settings VALUES(?,?,?)", "sss",
                               p->id, key, value);
        }
    }
    return ok;
}

/* Only for a plugin that is there already and has state, so that there is something existing. */
static bool store_update(host_conn *conn, const pin *p, host_error *err)
{
    int64_t has_state = 0;
    char *text = malloc(MANIFEST_MAX);
    if (text == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    text[0] = '\0';
    bool ok = host_rows_number(conn, err, &has_state,
                               "SELECT 1 FROM plugin_state WHERE plugin=? AND tombstone=0 LIMIT 1",
                               "s", p->id) &&
              host_rows_text(conn, err, (host_rows_space){text, MANIFEST_MAX},
                             "SELECT manifest FROM plugins WHERE id=?", "s", p->id);
    json_t *before = ok && has_state != 0 && text[0] != '\0' ? json_loads(text, 0, NULL) : NULL;
    ok = ok && (before == NULL || store_new_settings(conn, p, before, err));
    json_decref(before);
    free(text);
    return ok;
}

static bool store_pin(host_conn *conn, const pin *p, host_error *err)
{
    if (!store_update(conn, p, err)) {
        return false;
    }
    dph_bytes library = {p->library_hash, DPHL_HASH_SIZE};
    dph_bytes manifest = {p->manifest_hash, DPHL_HASH_SIZE};
    return host_rows_run(conn, err,
                         "INSERT INTO plugins(id, library_path, manifest_path, library_hash,"
                         " manifest_hash, manifest, probed, allowed) VALUES(?,?,?,?,?,?,0,0)"
                         " ON CONFLICT(id) DO UPDATE SET library_path=excluded.library_path,"
                         " manifest_path=excluded.manifest_path,"
                         " probed=(probed AND library_hash=excluded.library_hash),"
                         " library_hash=excluded.library_hash,"
                         " manifest_hash=excluded.manifest_hash, manifest=excluded.manifest",
                         "sssbbs", p->id, p->library, p->manifest_path, &library, &manifest,
                         p->manifest_text) &&
           host_plugins_store_claims(conn, p->id, p->manifest, err) &&
           store_feature(conn, p->manifest, err);
}

static bool write_pin(host *h, const pin *p, host_error *err)
{
    host_conn *conn = host_db_write_begin(h->db, true, err);
    if (conn == NULL) {
        return false;
    }
    if (!store_pin(conn, p, err)) {
        host_db_write_rollback(h->db, conn);
        return false;
    }
    return host_db_write_commit(h->db, conn, err);
}

bool host_plugins_pin(host *h, const char *library_path, char *out_id, host_error *err)
{
    pin p = {.id = ""};
    bool ok = find_files(library_path, &p, err) && hash_file(p.library, p.library_hash, err) &&
              hash_file(p.manifest_path, p.manifest_hash, err) && read_manifest(&p, err) &&
              write_pin(h, &p, err);
    if (ok) {
        (void)snprintf(out_id, HOST_PLUGIN_ID_SIZE, "%s", p.id);
    }
    free(p.manifest_text);
    json_decref(p.manifest);
    return ok;
}
