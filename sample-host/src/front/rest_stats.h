/* SPDX-License-Identifier: Apache-2.0
 *
 * What the REST server counts, and its text for Prometheus. Lock-free. */
#ifndef FRONT_REST_STATS_H
#define FRONT_REST_STATS_H

#include "sample-host/src/command.h"
#include "support/buffer.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct front_rest_stats {
    atomic_uint_fast64_t answers[6]; /* by status / 100; [0] is not used */
    atomic_uint_fast64_t refused;    /* without or with a wrong token */
    atomic_uint_fast64_t running;    /* requests in work now */
    atomic_uint_fast64_t reveals;    /* answers that held a secret */
    int64_t started_ms;
} front_rest_stats;

void front_rest_stats_init(front_rest_stats *stats);
/* Counts an answer that went out. */
void front_rest_stats_count(front_rest_stats *stats, unsigned status);
/* Appends the text format 0.0.4. `ready` is what /readyz says. */
void front_rest_stats_text(front_rest_stats *stats, bool ready, sup_buffer *out);
/* Appends what the scheduler counts. */
void front_rest_stats_syncs(const host_sync_counts *syncs, sup_buffer *out);

#endif
