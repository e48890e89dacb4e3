/* SPDX-License-Identifier: Apache-2.0
 *
 * Grace periods: waiting until everybody who may still use what was true before has come to his
 * end, without keeping newcomers out. A generation of the root is retired only behind one. */
#ifndef HOST_GRACE_H
#define HOST_GRACE_H

#include "sample-host/src/base/host_error.h"

typedef struct host_grace host_grace;

/* NULL when memory runs out. */
host_grace *host_grace_new(void);
/* NULL-safe. */
void host_grace_free(host_grace *grace);
/* Begins and ends one use; what _enter returns goes to _leave. NULL = nobody counts. */
unsigned host_grace_enter(host_grace *grace);
void host_grace_leave(host_grace *grace, unsigned ticket);
/* Waits until every use that had begun before this call has ended. One waiter at a time. False with
 * CANCELLED when `stop` (may be NULL) said so. The caller must not be inside a use. */
bool host_grace_wait(host_grace *grace, int (*stop)(void *context), void *context, host_error *err);
/* One at a time: false when another one is at it. */
bool host_grace_claim(host_grace *grace);
void host_grace_release(host_grace *grace);

#endif
