/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator's time: the real clock plus an offset that tests move. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdint.h>

typedef struct sim_clock {
    int64_t offset_ms;
} sim_clock;

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t sim_clock_now(const sim_clock *clock);
#define SIM_CLOCK_HTTP_SIZE 32
/* "Thu, 20 Aug 2026 10:15:42 GMT" and a zero byte. */
void sim_clock_http(int64_t ms, char out[SIM_CLOCK_HTTP_SIZE]);
/* "2026-08-20T10:15:42" and a zero byte, as Graph writes it in errors. */
void sim_clock_format(int64_t ms, char out[20]);

#endif
