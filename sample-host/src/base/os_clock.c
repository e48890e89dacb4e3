/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks by POSIX. */
#define _POSIX_C_SOURCE 200809L
#include "sample-host/src/base/os_clock.h"

#include <time.h>

#define SLICE_NS 20000000u
#define NS_PER_S 1000000000u

uint64_t host_clock_mono_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

int64_t host_clock_wall_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool host_clock_wait(uint64_t ns, bool (*stop)(void *context), void *context)
{
    uint64_t end = host_clock_mono_ns() + ns;
    for (;;) {
        if (stop != NULL && stop(context)) {
            return false;
        }
        uint64_t now = host_clock_mono_ns();
        if (now >= end) {
            return true;
        }
        uint64_t left = end - now < SLICE_NS ? end - now : SLICE_NS;
        struct timespec nap = {.tv_sec = 0, .tv_nsec = (long)left};
        (void)nanosleep(&nap, NULL);
    }
}
