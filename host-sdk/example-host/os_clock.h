/* SPDX-License-Identifier: Apache-2.0
 *
 * The example host's clock. */
#ifndef EXAMPLE_OS_CLOCK_H
#define EXAMPLE_OS_CLOCK_H

#include <stdint.h>

/* [any] Nanoseconds since an arbitrary start; never goes back. `context` is not used. */
uint64_t os_clock_ns(void *context);

#endif
