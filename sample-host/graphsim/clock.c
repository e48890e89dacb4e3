/* SPDX-License-Identifier: Apache-2.0
 *
 * The only place that asks the operating system for the time. */
#define _GNU_SOURCE
#include "clock.h"

#include "support/iso8601.h"

#include <string.h>
#include <time.h>

int64_t sim_clock_now(const sim_clock *clock)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + clock->offset_ms;
}

void sim_clock_format(int64_t ms, char out[20])
{
    char text[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(ms, text);
    memcpy(out, text, 19);
    out[19] = '\0';
}
