/* SPDX-License-Identifier: Apache-2.0
 *
 * For mutate_write.c: which users and groups alone see a folder (S1.111). */
#ifndef HOST_MUTATE_ACCESS_H
#define HOST_MUTATE_ACCESS_H

#include "sample-host/src/call.h"

/* `security` is an array of {"kind": "user" or "group", "subject": id or name}; empty = open to all
 * who may open the organization. Holds for the folder and, once, for the folders below it; those
 * that a plugin guards or that are closed to whoever asks stay as they are, with all that is in
 * them. */
bool host_mutate_access_set(host_conn *conn, const host_call *call, const char *folder_id,
                            const json_t *security, host_error *err);
/* A new folder starts as its parent is. */
bool host_mutate_access_inherit(host_conn *conn, const char *folder_id, const char *parent_id,
                                host_error *err);

#endif
