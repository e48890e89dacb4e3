/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/rest_stats.h"

#include "sample-host/src/front/os_clock.h"

#include <inttypes.h>

void front_rest_stats_init(front_rest_stats *stats)
{
    for (size_t i = 0; i < 6; i++)
        atomic_init(&stats->answers[i], 0);
    atomic_init(&stats->refused, 0);
    atomic_init(&stats->running, 0);
    atomic_init(&stats->reveals, 0);
    stats->started_ms = front_clock_ms();
}

void front_rest_stats_count(front_rest_stats *stats, unsigned status)
{
    if (status >= 100 && status < 600)
        atomic_fetch_add(&stats->answers[status / 100], 1);
    if (status == 401)
        atomic_fetch_add(&stats->refused, 1);
}

static void add_number(sup_buffer *out, const char *name, const char *type, uint64_t value)
{
    sup_buffer_printf(out, "# TYPE %s %s\n%s %" PRIu64 "\n", name, type, name, value);
}

void front_rest_stats_text(front_rest_stats *stats, bool ready, sup_buffer *out)
{
    sup_buffer_add_str(out, "# TYPE dochost_http_requests_total counter\n");
    for (unsigned i = 1; i < 6; i++)
        sup_buffer_printf(out, "dochost_http_requests_total{status=\"%uxx\"} %" PRIu64 "\n", i,
                          (uint64_t)atomic_load(&stats->answers[i]));
    add_number(out, "dochost_http_unauthorized_total", "counter", atomic_load(&stats->refused));
    add_number(out, "dochost_reveals_total", "counter", atomic_load(&stats->reveals));
    add_number(out, "dochost_http_running", "gauge", atomic_load(&stats->running));
    add_number(out, "dochost_ready", "gauge", ready ? 1 : 0);
    add_number(out, "dochost_uptime_seconds", "gauge",
               (uint64_t)(front_clock_ms() - stats->started_ms) / 1000);
}

void front_rest_stats_syncs(const host_sync_counts *syncs, sup_buffer *out)
{
    add_number(out, "dochost_connections", "gauge", syncs->units);
    add_number(out, "dochost_syncs_running", "gauge", syncs->running);
    add_number(out, "dochost_syncs_queued", "gauge", syncs->queued);
    add_number(out, "dochost_connections_failing", "gauge", syncs->failing);
    sup_buffer_add_str(out, "# TYPE dochost_syncs_total counter\n");
    sup_buffer_printf(out, "dochost_syncs_total{result=\"done\"} %" PRIu64 "\n", syncs->done);
    sup_buffer_printf(out, "dochost_syncs_total{result=\"refused\"} %" PRIu64 "\n", syncs->refused);
    sup_buffer_printf(out, "dochost_syncs_total{result=\"failed\"} %" PRIu64 "\n", syncs->failed);
}
