/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a person types to records: full Key IDs, parts of them, record ids. */
#ifndef HOST_KEY_LOOKUP_H
#define HOST_KEY_LOOKUP_H

#include "sample-host/src/record.h"
#include "sample-host/src/viewer.h"

#define HOST_KEY_PART_MIN 4
#define HOST_KEY_ROWS_MAX 1000

/* Guarded records whose Key ID contains that part, ignoring case and braces; every character counts
 * as itself. Hidden folders are left out. INVALID when the part is too short. */
bool host_key_lookup_part(host_conn *conn, const host_viewer *viewer, const char *part,
                          host_record_page *out, host_error *err);
/* The record of that id, or those of that full Key ID. NOT_FOUND when there is none. */
bool host_key_lookup_exact(host_conn *conn, const host_viewer *viewer, const char *key,
                           host_record_page *out, host_error *err);

#endif
