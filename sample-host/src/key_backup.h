/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of the key file for the day when it is lost: under a passphrase, or under a key that was
 * split into shares. Notes in the data directory when the newest was made. */
#ifndef HOST_KEY_BACKUP_H
#define HOST_KEY_BACKUP_H

#include "sample-host/src/host.h"

/* Of the newest backup. */
typedef struct host_key_backup_note {
    bool is_made;
    int64_t at_ms;
    uint64_t counter; /* of the key file then */
    char kind[16];    /* "passphrase" or "shares" */
} host_key_backup_note;

typedef struct host_key_backup_shares {
    const char *folder; /* made; CONFLICT when it exists */
    uint8_t count;
    uint8_t threshold;
} host_key_backup_shares;

/* Writes the key file sealed under that passphrase; CONFLICT when `path` exists. */
bool host_key_backup_write(host *h, const char *path, const host_secret *passphrase,
                           host_error *err);
/* Writes a folder with keyring.sealed and one text per share. */
bool host_key_backup_split(host *h, const host_key_backup_shares *wanted, host_error *err);
/* Reads the note; none is fine. */
bool host_key_backup_read_note(const char *data_dir, host_key_backup_note *out, host_error *err);
/* Appends one sentence per thing an administrator should know about key file and backups. */
bool host_key_backup_warn(host *h, json_t *sentences, host_error *err);

#endif
