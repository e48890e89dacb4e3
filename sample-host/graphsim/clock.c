/* SPDX-License-Identifier: Apache-2.0
 *
 * The only place that asks the operating system for the time. */
#define _GNU_SOURCE
#include "clock.h"

#include "support/iso8601.h"

#include <stdio.h>
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

void sim_clock_http(int64_t ms, char out[SIM_CLOCK_HTTP_SIZE])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(ms, text);
    int month = (text[5] - '0') * 10 + text[6] - '0';
    /* 1970 began on a Thursday; clocks before it are of no use here. */
    int64_t day = ms > 0 ? ms / 86400000 % 7 : 0;
    (void)snprintf(out, SIM_CLOCK_HTTP_SIZE, "%s, %.2s %s %.4s %.8s GMT", days[day], text + 8,
                   months[(month + 11) % 12], text, text + 11);
}
