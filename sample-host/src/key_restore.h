/* SPDX-License-Identifier: Apache-2.0
 *
 * A key file from one of its backups. Needs no data directory: it may be lost, too. */
#ifndef HOST_KEY_RESTORE_H
#define HOST_KEY_RESTORE_H

#include "sample-host/src/command.h"

/* Where a backup is read from. */
typedef struct host_key_restore_from {
    const char *file;              /* the sealed key file */
    const host_secret *passphrase; /* NULL when it is sealed under shares */
    const char *const *shares;     /* paths of share texts */
    size_t share_count;
} host_key_restore_from;

/* Makes a plain key file at `path` (CONFLICT when it exists) from a backup. Errors:
 * as host_keyring_open_sealed, and DENIED, INVALID or CORRUPT with HOST_CODE_BAD_SHARE, which names
 * the share. */
bool host_key_restore(const host_key_restore_from *from, const char *path, host_error *err);

#endif
