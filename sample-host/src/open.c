/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing a data directory: lock, key file, store, plugins, in that order. */
#include "sample-host/src/open.h"

#include "sample-host/src/apply.h"
#include "sample-host/src/audit.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/base/os_lock.h"
#include "sample-host/src/network.h"
#include "sample-host/src/plugins.h"
#include "sample-host/src/ticks.h"

#include "support/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX 65536u

static bool read_config(const host *h, json_t **out, host_error *err)
{
    char path[PATH_MAX + 16];
    host_secret bytes = {0};
    (void)snprintf(path, sizeof path, "%s/config.json", h->dir);
    if (!host_file_exists(path)) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0,
                              "%s is not a data directory; make one with `dochost --data DIR "
                              "init`.",
                              h->dir);
    }
    if (!host_file_read(path, CONFIG_MAX, true, &bytes, err)) {
        return false;
    }
    json_t *config = json_loadb((const char *)bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    host_secret_done(&bytes);
    if (json_integer_value(json_object_get(config, "format")) > 1) {
        json_decref(config);
        return host_error_set(err, DPH_E_UNSUPPORTED, 0,
                              "The data directory %s was made by a newer version.", h->dir);
    }
    if (!json_is_string(json_object_get(config, "key_file")) ||
        !json_is_string(json_object_get(config, "key_check"))) {
        json_decref(config);
        return host_error_set(err, DPH_E_CORRUPT, 0, "%s is damaged.", path);
    }
    *out = config;
    return true;
}

static bool open_keyring(host *h, const json_t *config, const host_open_options *options,
                         host_error *err)
{
    uint8_t check[HOST_KEYRING_CHECK_SIZE];
    char text[HOST_KEYRING_CHECK_SIZE * 2 + 1];
    const char *stored = json_string_value(json_object_get(config, "key_check"));
    const char *path = options->key_file != NULL
                           ? options->key_file
                           : json_string_value(json_object_get(config, "key_file"));
    if (!host_keyring_open_sealed(path, options->passphrase, &h->keyring, err)) {
        return false;
    }
    host_keyring_check_value(h->keyring, check);
    sup_hex_format(check, sizeof check, text);
    if (strlen(stored) != strlen(text) || sodium_memcmp(stored, text, strlen(text)) != 0) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_WRONG_KEY,
                              "The key file %s does not belong to this data directory.", path);
    }
    return true;
}

static bool read_token_hash(host *h, host_error *err)
{
    char path[PATH_MAX + 24];
    host_secret bytes = {0};
    (void)snprintf(path, sizeof path, "%s/api-token.hash", h->dir);
    if (!host_file_read(path, 64, true, &bytes, err)) {
        return false;
    }
    bool ok =
        sup_hex_parse((const char *)bytes.ptr, bytes.len, h->token_hash, sizeof h->token_hash);
    host_secret_done(&bytes);
    return ok ? true : host_error_set(err, DPH_E_CORRUPT, 0, "%s is damaged.", path);
}

static bool open_parts(host *h, const host_open_options *options, host_error *err)
{
    char path[PATH_MAX + 16];
    json_t *config = NULL;
    if (!read_config(h, &config, err)) {
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/lock", h->dir);
    bool ok = host_lock_take(path, &h->lock_fd, err) && open_keyring(h, config, options, err) &&
              read_token_hash(h, err);
    json_decref(config);
    (void)snprintf(path, sizeof path, "%s/store.db", h->dir);
    if (ok && (options->flags & HOST_OPEN_BARE) == 0 && !host_file_exists(path)) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "The store %s is missing.", path);
    }
    if (ok && (options->flags & HOST_OPEN_BARE) != 0) {
        return true;
    }
    return ok && host_db_open(path, &h->db, err) && host_apply_purge(h, err) &&
           host_network_open(h, err) && host_ticks_new(h, err) && host_plugins_open(h, err);
}

bool host_open(const host_open_options *options, host **out, host_error *err)
{
    host *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    h->lock_fd = -1;
    h->grace = host_grace_new();
    if (h->grace == NULL) {
        free(h);
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    if ((options->flags & HOST_OPEN_SERVER) != 0) {
        host_log_set_level(DPH_LOG_INFO);
    }
    bool ok = host_file_absolute(options->data_dir, h->dir, sizeof h->dir, err) &&
              (snprintf(h->token_path, sizeof h->token_path, "%s/api-token", h->dir) <
                       (int)sizeof h->token_path
                   ? true
                   : host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.")) &&
              open_parts(h, options, err);
    if (!ok) {
        host_close(h);
        return false;
    }
    host_audit_merge_journal(h);
    *out = h;
    return true;
}

void host_close(host *h)
{
    if (h == NULL) {
        return;
    }
    if (h->ticks != NULL) {
        host_scheduler_stop(h);
    }
    host_plugins_close(h);
    host_ticks_free(h);
    host_network_close(h);
    host_db_close(h->db);
    host_keyring_close(h->keyring);
    host_lock_release(h->lock_fd);
    host_grace_free(h->grace);
    free(h);
}

const char *host_data_dir(const host *h)
{
    return h->dir;
}

const char *host_token_path(const host *h)
{
    return h->token_path;
}

bool host_token_ok(host *h, const char *token, size_t len)
{
    uint8_t hash[32];
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)token, len, NULL, 0);
    return sodium_memcmp(hash, h->token_hash, sizeof hash) == 0;
}

bool host_token_user(host *h, const char *token, size_t len, char out_id[HOST_TOKEN_USER_SIZE])
{
    host_error ignored = {0};
    uint8_t hash[32];
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)token, len, NULL, 0);
    dph_bytes key = {hash, sizeof hash};
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    bool ok = conn != NULL &&
              host_rows_text(conn, &ignored, (host_rows_space){out_id, HOST_TOKEN_USER_SIZE},
                             "SELECT u.id FROM api_tokens t JOIN users u ON"
                             " u.id=t.user_id WHERE t.hash=?",
                             "b", &key);
    host_db_read_end(h->db, conn);
    return ok && out_id[0] != '\0';
}

bool host_socket_path(const char *data_dir, char *out, size_t cap)
{
    return snprintf(out, cap, "%s/socket", data_dir) < (int)cap;
}

bool host_ready(host *h)
{
    host_error ignored = {0};
    int64_t found = 0;
    host_conn *conn = host_db_read_begin(h->db, &ignored);
    bool ok =
        conn != NULL && host_rows_number(conn, &ignored, &found, "SELECT count(*) FROM meta", "");
    host_db_read_end(h->db, conn);
    return ok && found > 0 && host_ticks_alive(h);
}
