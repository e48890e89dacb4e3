/* SPDX-License-Identifier: Apache-2.0
 *
 * A new data directory is built beside its place and appears there with one rename. */
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/open.h"
#include "sample-host/src/plugins.h"

#include "support/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_BYTES 32

typedef struct build {
    char temp_dir[PATH_MAX + 16];
    char temp_path[PATH_MAX + 64];
    host_keyring *keyring;
    bool has_key_file;
} build;

static bool set_paths(const host_init_options *options, host_init_result *out, build *b,
                      host_error *err)
{
    char key[PATH_MAX + 8];
    if (!host_file_absolute(options->data_dir, out->data_dir, sizeof out->data_dir, err)) {
        return false;
    }
    (void)snprintf(key, sizeof key, "%s.key", out->data_dir);
    if (!host_file_absolute(options->key_file != NULL ? options->key_file : key, out->key_file,
                            sizeof out->key_file, err)) {
        return false;
    }
    if (snprintf(out->token_file, sizeof out->token_file, "%s/api-token", out->data_dir) >=
        (int)sizeof out->token_file) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    if (snprintf(b->temp_dir, sizeof b->temp_dir, "%s.init-XXXXXX", out->data_dir) >=
        (int)sizeof b->temp_dir) {
        return host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
    }
    if (host_file_exists(out->data_dir)) {
        return host_error_set(err, DPH_E_CONFLICT, 0, "%s exists already.", out->data_dir);
    }
    if (host_file_exists(out->key_file)) {
        return host_error_set(err, DPH_E_CONFLICT, 0,
                              "The key file %s exists already; it is never overwritten. Move it "
                              "away or name another with --key-file.",
                              out->key_file);
    }
    return true;
}

static const char *in_temp(build *b, const char *name)
{
    (void)snprintf(b->temp_path, sizeof b->temp_path, "%s/%s", b->temp_dir, name);
    return b->temp_path;
}

static bool write_token(build *b, host_error *err)
{
    uint8_t raw[TOKEN_BYTES];
    char text[TOKEN_BYTES * 2 + 2];
    uint8_t hash[32];
    char hash_text[65];
    randombytes_buf(raw, sizeof raw);
    (void)sodium_bin2hex(text, sizeof text, raw, sizeof raw);
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)text, TOKEN_BYTES * 2, NULL, 0);
    sup_hex_format(hash, sizeof hash, hash_text);
    text[TOKEN_BYTES * 2] = '\n';
    bool ok = host_file_write(in_temp(b, "api-token"), text, TOKEN_BYTES * 2 + 1, err) &&
              host_file_write(in_temp(b, "api-token.hash"), hash_text, 64, err);
    sodium_memzero(text, sizeof text);
    sodium_memzero(raw, sizeof raw);
    return ok;
}

static bool write_config(build *b, const host_init_result *out, host_error *err)
{
    uint8_t check[HOST_KEYRING_CHECK_SIZE];
    char check_text[HOST_KEYRING_CHECK_SIZE * 2 + 1];
    host_keyring_check_value(b->keyring, check);
    sup_hex_format(check, sizeof check, check_text);
    json_t *config =
        json_pack("{s:i,s:s,s:s}", "format", 1, "key_file", out->key_file, "key_check", check_text);
    char *text = config != NULL ? json_dumps(config, JSON_INDENT(2)) : NULL;
    bool ok = text != NULL ? host_file_write(in_temp(b, "config.json"), text, strlen(text), err)
                           : host_error_set(err, DPH_E_INVALID, 0, "The path is not UTF-8 text.");
    free(text);
    json_decref(config);
    return ok;
}

static bool write_store(build *b, const host_init_options *options, host_init_result *out,
                        host_error *err)
{
    char fallback[PATH_MAX];
    host h = {.lock_fd = -1};
    const char *plugin = options->plugin_path;
    if (plugin == NULL && host_plugins_default_path(fallback, sizeof fallback)) {
        plugin = fallback;
    }
    bool ok = host_db_open(in_temp(b, "store.db"), &h.db, err) &&
              (plugin == NULL || host_plugins_pin(&h, plugin, out->plugin, err));
    host_db_close(h.db);
    return ok;
}

bool host_init(const host_init_options *options, host_init_result *out, host_error *err)
{
    build b = {.keyring = NULL};
    memset(out, 0, sizeof *out);
    if (!set_paths(options, out, &b, err)) {
        return false;
    }
    if (!host_file_make_dir(b.temp_dir, err)) {
        return false;
    }
    bool ok = write_token(&b, err) && write_store(&b, options, out, err);
    if (ok) {
        b.has_key_file = host_keyring_create(out->key_file, &b.keyring, err);
        ok = b.has_key_file && write_config(&b, out, err) &&
             host_file_rename_dir(b.temp_dir, out->data_dir, err);
    }
    if (!ok) {
        host_file_remove_dir(b.temp_dir);
        if (b.has_key_file) {
            host_file_remove(out->key_file);
        }
    }
    host_keyring_close(b.keyring);
    return ok;
}
