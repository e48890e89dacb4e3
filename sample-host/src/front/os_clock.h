/* SPDX-License-Identifier: Apache-2.0
 *
 * Elapsed time for time limits and logs of the fronts. Never used for stored instants. */
#ifndef FRONT_OS_CLOCK_H
#define FRONT_OS_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that never goes back. */
int64_t front_clock_ms(void);
/* Sleeps; returns early when a signal comes. */
void front_clock_wait(unsigned milliseconds);

#endif
