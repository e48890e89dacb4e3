/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's clocks and its only sleep. */
#ifndef HOST_OS_CLOCK_H
#define HOST_OS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds since an arbitrary start; never goes back. */
uint64_t host_clock_mono_ns(void);
/* Milliseconds since 1970 in UTC. */
int64_t host_clock_wall_ms(void);
/* Sleeps; looks at `stop` (may be NULL) every 20 ms and returns false as soon as it is true. */
bool host_clock_wait(uint64_t ns, bool (*stop)(void *context), void *context);

#endif
