/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery passwords that people typed into an organization's own passwords, as a table for the
 * plugin that takes keys over. Must not know what becomes of them. */
#ifndef HOST_KEY_IMPORT_H
#define HOST_KEY_IMPORT_H

#include "sample-host/src/call.h"

typedef struct host_key_import {
    host_secret table; /* guarded: columns as docs/import-keys.md says; len 0 = nothing found */
    size_t opened;     /* secrets, each of which is in the log */
    json_t *names;     /* of the passwords in the table, in its order: line 2 is the first */
} host_key_import;

/* Opens the secret of every password of the organization that the viewer sees, that no plugin
 * guards, and whose username or name holds a Key ID; those that look like a recovery password go
 * into the table. Each one opened leaves an entry "viewed" before this returns. Reads only.
 * TOO_LARGE, NOMEM, CORRUPT, those of the store. Ended by host_key_import_done. */
bool host_key_import_collect(host *h, const host_request *request, const char *organization_id,
                             host_key_import *out, host_error *err);
/* Wipes. NULL-safe. */
void host_key_import_done(host_key_import *keys);

#endif
