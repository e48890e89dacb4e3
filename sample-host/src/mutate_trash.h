/* SPDX-License-Identifier: Apache-2.0
 *
 * For mutate_password.c: the trash, where a deleted password lies until it is restored or purged.
 */
#ifndef HOST_MUTATE_TRASH_H
#define HOST_MUTATE_TRASH_H

#include "sample-host/src/call.h"

/* Moves a password there; its schedule and its links end. */
bool host_mutate_trash_put(host_conn *conn, const host_call *call, const char *id, host_error *err);
/* Puts it back under its old id, into that folder ("" = top level). NOT_FOUND. */
bool host_mutate_trash_restore(host_conn *conn, const char *id, const char *folder_id,
                               host_error *err);
/* Ends it for good. */
bool host_mutate_trash_purge(host_conn *conn, const char *id, host_error *err);

#endif
