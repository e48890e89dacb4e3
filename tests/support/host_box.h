/* SPDX-License-Identifier: Apache-2.0
 *
 * A sample host without a plugin's code in a directory of its own, for unit tests. */
#ifndef TEST_HOST_BOX_H
#define TEST_HOST_BOX_H

#include "sample-host/src/call.h"

typedef struct host_box {
    char dir[256];
    host h;
    host_call call;
} host_box;

/* Store, key file, organizations "org1" and "org2", configuration "conf1" of org1. */
void host_box_open(host_box *box);
void host_box_close(host_box *box);
/* Runs SQL that must work. */
void host_box_sql(host_box *box, const char *sql);
/* First column of the first row. */
int64_t host_box_number(host_box *box, const char *sql);
/* A plugin whose manifest is that JSON text and whose guard is `guard` (NULL = not loaded). */
host_plugin *host_box_plugin(host_box *box, const char *id, const char *manifest,
                             const dph_hook_guard_v1 *guard);

#endif
