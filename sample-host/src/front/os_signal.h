/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT and SIGTERM: a flag for one command, a wait for the server. */
#ifndef FRONT_OS_SIGNAL_H
#define FRONT_OS_SIGNAL_H

/* For one command: the first SIGINT or SIGTERM only sets the flag, a second one ends the process.
 * Also makes a write to a closed pipe an error instead of an end. */
void front_signal_watch(void);
/* Non-zero once a signal has come. Fits host_request.cancelled. */
int front_signal_seen(void *unused);
/* For the server: call before any thread is made, so that all inherit it. */
void front_signal_block(void);
/* Returns when a blocked SIGINT or SIGTERM arrives. */
void front_signal_wait(void);

#endif
