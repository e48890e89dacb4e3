/* SPDX-License-Identifier: Apache-2.0
 *
 * A clock that never goes back. */
#define _POSIX_C_SOURCE 200809L
#include "example-host/os_clock.h"

#include <stddef.h>
#include <time.h>

uint64_t os_clock_ns(void *context)
{
    struct timespec now = {0, 0};
    (void)context;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
