/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema and its growth: numbered steps, each in one transaction. */
#ifndef HOST_MIGRATE_H
#define HOST_MIGRATE_H

#include "sample-host/src/store/db.h"

/* Steps of this build, in order; the newest schema has that number. Static. */
const char *const *host_migrate_steps(int *count);
/* Brings the store to the newest schema. UNSUPPORTED, and the store untouched, when it was made by
 * a newer version. */
bool host_migrate_run(host_conn *conn, host_error *err);
/* The same with other steps, for tests. */
bool host_migrate_run_steps(host_conn *conn, const char *const *steps, int count, host_error *err);

#endif
