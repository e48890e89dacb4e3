/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of the whole store, made while it is in use, and putting one back. A copy holds no key:
 * it is worth nothing without the key file, which is backed up on its own (key_backup.h). */
#ifndef HOST_STORE_BACKUP_H
#define HOST_STORE_BACKUP_H

#include "sample-host/src/call.h"

/* Writes a copy of one moment to `path`, mode 0600; CONFLICT when it exists. Killed, it leaves at
 * most path.partial. */
bool host_store_backup(host *h, const host_request *request, const char *path, host_error *err);
/* Puts a copy in place of the store. `h` was opened with HOST_OPEN_BARE. Refused, nothing changed:
 * damaged, of a newer version, of another key file, or of a generation that the key file no longer
 * holds. Killed at any point, the store is the old or the new one; the one that was replaced stays
 * beside it (store.db.replaced-*) until the new one was opened. */
bool host_store_restore(host *h, const host_request *request, const char *path, host_error *err);

#endif
