/* SPDX-License-Identifier: Apache-2.0
 *
 * Making backups of the key file, and the note about the newest. Reading them back is in
 * key_restore.c. */
#include "sample-host/src/key_backup.h"

#include "sample-host/src/base/os_clock.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/share_text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_MAX 4096u
#define NOTE_FORMAT 1

static bool note_path(const char *data_dir, char *out, size_t cap, host_error *err)
{
    return snprintf(out, cap, "%s/key-backup.json", data_dir) < (int)cap
               ? true
               : host_error_set(err, DPH_E_TOO_LARGE, 0, "The path is too long.");
}

static bool write_note(const host *h, uint64_t counter, const char *kind, host_error *err)
{
    char path[PATH_MAX];
    json_t *note =
        json_pack("{s:i,s:I,s:I,s:s}", "format", NOTE_FORMAT, "at_ms",
                  (json_int_t)host_clock_wall_ms(), "counter", (json_int_t)counter, "kind", kind);
    char *text = note != NULL ? json_dumps(note, JSON_INDENT(2)) : NULL;
    bool ok = text != NULL ? note_path(h->dir, path, sizeof path, err) &&
                                 host_file_write(path, text, strlen(text), err)
                           : host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    free(text);
    json_decref(note);
    return ok;
}

static bool take_note(const host_secret *bytes, host_key_backup_note *out)
{
    json_t *note = json_loadb((const char *)bytes->ptr, bytes->len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *at = json_object_get(note, "at_ms");
    const json_t *counter = json_object_get(note, "counter");
    const char *kind = json_string_value(json_object_get(note, "kind"));
    bool ok = json_is_integer(at) && json_is_integer(counter) && kind != NULL &&
              json_integer_value(counter) >= 0 &&
              json_integer_value(json_object_get(note, "format")) == NOTE_FORMAT;
    if (ok) {
        *out = (host_key_backup_note){.is_made = true,
                                      .at_ms = json_integer_value(at),
                                      .counter = (uint64_t)json_integer_value(counter)};
        (void)snprintf(out->kind, sizeof out->kind, "%s", kind);
    }
    json_decref(note);
    return ok;
}

bool host_key_backup_read_note(const char *data_dir, host_key_backup_note *out, host_error *err)
{
    char path[PATH_MAX];
    host_secret bytes = {0};
    if (!note_path(data_dir, path, sizeof path, err)) {
        return false;
    }
    if (!host_file_exists(path)) {
        *out = (host_key_backup_note){.is_made = false};
        return true;
    }
    if (!host_file_read(path, NOTE_MAX, true, &bytes, err)) {
        return false;
    }
    bool ok = take_note(&bytes, out);
    host_secret_done(&bytes);
    return ok ? true : host_error_set(err, DPH_E_CORRUPT, 0, "%s is damaged.", path);
}

bool host_key_backup_write(host *h, const char *path, const host_secret *passphrase,
                           host_error *err)
{
    const host_keyring_protection protection = {.kind = SUP_KEYRING_BY_PASSPHRASE,
                                                .passphrase = passphrase};
    host_keyring_seal *seal = NULL;
    host_secret plain = {0};
    host_secret file = {0};
    uint64_t counter = 0;
    bool ok = host_keyring_seal_make(&protection, &seal, err) &&
              host_keyring_export(h->keyring, &plain, &counter, err) &&
              host_keyring_seal_close(seal, &plain, &file, err) &&
              host_file_create(path, file.ptr, file.len, err) &&
              write_note(h, counter, "passphrase", err);
    host_secret_done(&plain);
    host_secret_done(&file);
    sodium_free(seal);
    return ok;
}

static bool write_share(const char *folder, const host_share *share, host_error *err)
{
    char path[PATH_MAX + 64];
    host_secret text = {0};
    (void)snprintf(path, sizeof path, "%s/share-%03u.txt", folder, share->index);
    bool ok =
        host_share_text_write(share, &text, err) && host_file_create(path, text.ptr, text.len, err);
    host_secret_done(&text);
    return ok;
}

static bool write_shares(const char *folder, const host_keyring_seal *seal,
                         const host_key_backup_shares *wanted, host_error *err)
{
    size_t size = wanted->count * sizeof(host_share);
    host_share *shares = sodium_malloc((size + 15) & ~(size_t)15);
    if (shares == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    bool ok = host_shares_split(seal->key, wanted->threshold, wanted->count, shares);
    if (!ok) {
        (void)host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                             "The threshold is 2 to the number of shares, which is at most %u.",
                             HOST_SHARES_MAX);
    }
    for (size_t i = 0; ok && i < wanted->count; i++) {
        memcpy(shares[i].id, seal->salt, sizeof shares[i].id);
        ok = write_share(folder, &shares[i], err);
    }
    sodium_free(shares);
    return ok;
}

static bool write_sealed(const host *h, const char *folder, const host_keyring_seal *seal,
                         uint64_t *out_counter, host_error *err)
{
    char path[PATH_MAX + 64];
    host_secret plain = {0};
    host_secret file = {0};
    (void)snprintf(path, sizeof path, "%s/keyring.sealed", folder);
    bool ok = host_keyring_export(h->keyring, &plain, out_counter, err) &&
              host_keyring_seal_close(seal, &plain, &file, err) &&
              host_file_create(path, file.ptr, file.len, err);
    host_secret_done(&plain);
    host_secret_done(&file);
    return ok;
}

/* Built beside its place, so that a folder of that name is a whole set. */
bool host_key_backup_split(host *h, const host_key_backup_shares *wanted, host_error *err)
{
    char temp[PATH_MAX + 16];
    host_keyring_seal *seal = NULL;
    uint64_t counter = 0;
    (void)snprintf(temp, sizeof temp, "%s.XXXXXX", wanted->folder);
    if (!host_keyring_seal_make_random(&seal, err)) {
        return false;
    }
    if (!host_file_make_dir(temp, err)) {
        sodium_free(seal);
        return false;
    }
    bool ok = write_shares(temp, seal, wanted, err) && write_sealed(h, temp, seal, &counter, err) &&
              host_file_rename_dir(temp, wanted->folder, err);
    sodium_free(seal);
    if (!ok) {
        host_file_remove_dir(temp);
        return false;
    }
    return write_note(h, counter, "shares", err);
}

static bool is_inside(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/';
}

bool host_key_backup_warn(host *h, json_t *sentences, host_error *err)
{
    host_keyring_facts facts;
    host_key_backup_note note;
    host_keyring_describe(h->keyring, &facts);
    if (!host_key_backup_read_note(h->dir, &note, err)) {
        return false;
    }
    if (is_inside(facts.path, h->dir)) {
        (void)json_array_append_new(
            sentences, json_string("The key file lies inside the data directory: whoever copies "
                                   "one has both. Move it out and give its place by --key-file."));
    }
    if (!note.is_made) {
        (void)json_array_append_new(
            sentences, json_string("There is no backup of the key file; without it nothing that "
                                   "is stored here can be opened. Make one with `key backup`."));
    } else if (note.counter < facts.counter) {
        (void)json_array_append_new(
            sentences, json_string("The newest backup of the key file is older than its newest "
                                   "key: make another with `key backup`."));
    }
    return true;
}
