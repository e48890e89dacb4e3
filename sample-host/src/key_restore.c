/* SPDX-License-Identifier: Apache-2.0
 *
 * A key file from a backup; see key_restore.h. */
#include "sample-host/src/key_restore.h"

#include "sample-host/src/base/os_file.h"
#include "sample-host/src/keyring_file.h"
#include "sample-host/src/share_text.h"

#include <sodium.h>
#include <string.h>

static bool read_share(const char *path, host_share *out, host_error *err)
{
    host_secret text = {0};
    if (!host_file_read(path, HOST_SHARE_TEXT_MAX, false, &text, err)) {
        return false;
    }
    bool ok = host_share_text_read(path, &text, out, err);
    host_secret_done(&text);
    return ok;
}

/* Every share of the same set, and none twice. */
static bool check_share(const host_key_restore_from *from, const sup_keyring_seal *found,
                        const host_share *shares, size_t at, host_error *err)
{
    if (memcmp(shares[at].id, found->salt, sizeof shares[at].id) != 0) {
        return host_error_set(err, DPH_E_DENIED, HOST_CODE_BAD_SHARE,
                              "%s belongs to another backup than %s.", from->shares[at],
                              from->file);
    }
    for (size_t i = 0; i < at; i++) {
        if (shares[i].index == shares[at].index) {
            return host_error_set(err, DPH_E_INVALID, HOST_CODE_BAD_SHARE,
                                  "%s and %s are the same share.", from->shares[i],
                                  from->shares[at]);
        }
        if (shares[i].threshold != shares[at].threshold) {
            return host_error_set(err, DPH_E_CORRUPT, HOST_CODE_BAD_SHARE,
                                  "%s and %s tell different numbers.", from->shares[i],
                                  from->shares[at]);
        }
    }
    return true;
}

static bool read_shares(const host_key_restore_from *from, const sup_keyring_seal *found,
                        host_share *shares, host_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < from->share_count; i++) {
        ok = read_share(from->shares[i], &shares[i], err) &&
             check_share(from, found, shares, i, err);
    }
    if (ok && from->share_count < shares[0].threshold) {
        ok = host_error_set(err, DPH_E_DENIED, HOST_CODE_BAD_SHARE,
                            "%u shares are needed and %zu were given.", shares[0].threshold,
                            from->share_count);
    }
    return ok;
}

static bool join_shares(const host_key_restore_from *from, const sup_keyring_seal *found,
                        host_keyring_seal **out, host_error *err)
{
    uint8_t key[HOST_SHARES_SECRET_LEN];
    if (from->share_count < 1 || from->share_count > HOST_SHARES_MAX) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "The backup is sealed under shares: give them with --share.");
    }
    host_share *shares = sodium_malloc((from->share_count * sizeof *shares + 15) & ~(size_t)15);
    if (shares == NULL) {
        return host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
    }
    bool ok = read_shares(from, found, shares, err);
    if (ok && !host_shares_join(shares, shares[0].threshold, key)) {
        ok = host_error_set(err, DPH_E_CORRUPT, HOST_CODE_BAD_SHARE,
                            "The shares do not fit together.");
    }
    ok = ok && host_keyring_seal_with(found, key, out, err);
    sodium_memzero(key, sizeof key);
    sodium_free(shares);
    return ok;
}

static bool make_seal(const host_key_restore_from *from, const host_secret *file,
                      host_keyring_seal **out, host_error *err)
{
    sup_keyring_seal found;
    if (sup_keyring_format_read_seal(file->ptr, file->len, &found) != SUP_KEYRING_OK) {
        return host_error_set(err, DPH_E_CORRUPT, 0,
                              "%s is not a backup of a key file, or it is cut short.", from->file);
    }
    return found.kind == SUP_KEYRING_BY_SHARES
               ? join_shares(from, &found, out, err)
               : host_keyring_seal_of(&found, from->passphrase, out, err);
}

bool host_key_restore(const host_key_restore_from *from, const char *path, host_error *err)
{
    host_keyring_seal *seal = NULL;
    host_keyring_keys *keys = NULL;
    host_secret file = {0};
    host_secret plain = {0};
    if (!host_file_read(from->file, HOST_KEYRING_FILE_MAX, true, &file, err)) {
        return false;
    }
    bool ok = make_seal(from, &file, &seal, err) &&
              host_keyring_seal_open(seal, &file, &plain, err) &&
              host_keyring_file_decode(from->file, &plain, &keys, err) &&
              host_file_create(path, plain.ptr, plain.len, err);
    host_secret_done(&file);
    host_secret_done(&plain);
    sodium_free(keys);
    sodium_free(seal);
    return ok;
}
