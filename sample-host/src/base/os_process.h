/* SPDX-License-Identifier: Apache-2.0
 *
 * What the whole process does about signals that people send. Knows no command. */
#ifndef HOST_OS_PROCESS_H
#define HOST_OS_PROCESS_H

#include <stdint.h>

/* SIGINT, SIGTERM and SIGHUP wait from here on, for the calling thread. Returns what to release. */
uint32_t host_process_hold_signals(void);
/* Ends that; what came meanwhile is delivered now. */
void host_process_release_signals(uint32_t held);

#endif
