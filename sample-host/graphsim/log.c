/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of requests. Must not see a request's body or headers. */
#include "log.h"

#include "json.h"
#include "support/iso8601.h"

#include <stdlib.h>

bool sim_log_init(sim_log *log)
{
    *log = (sim_log){0};
    log->ring = calloc(SIM_LOG_SIZE, sizeof *log->ring);
    return log->ring != NULL;
}

void sim_log_done(sim_log *log)
{
    free(log->ring);
    *log = (sim_log){0};
}

void sim_log_reset(sim_log *log)
{
    log->written = 0;
}

void sim_log_add(sim_log *log, const sim_log_entry *entry)
{
    log->ring[log->written++ % SIM_LOG_SIZE] = *entry;
}

static void write_entry(const sim_log_entry *entry, sup_buffer *out)
{
    char when[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(entry->when_ms, when);
    sup_buffer_printf(out, "{\"when\":\"%s\",\"route\":\"%s\",\"status\":%d,\"bytes\":%zu", when,
                      sim_route_name(entry->route), entry->status, entry->bytes);
    sup_buffer_add_str(out, ",\"tenant\":");
    sim_json_string(out, entry->tenant);
    sup_buffer_add_str(out, ",\"fault\":");
    sim_json_string(out, entry->fault);
    sup_buffer_printf(out, ",\"http\":\"%u.%u\"", entry->version >> 8, entry->version & 0xffU);
    sup_buffer_add_str(out, ",\"method\":");
    sim_json_string(out, entry->method);
    sup_buffer_add_str(out, ",\"target\":");
    sim_json_string(out, entry->target);
    sup_buffer_add_str(out, "}");
}

void sim_log_write(const sim_log *log, size_t most, sup_buffer *out)
{
    uint64_t held = log->written < SIM_LOG_SIZE ? log->written : SIM_LOG_SIZE;
    uint64_t shown = held < most ? held : most;
    sup_buffer_printf(out, "{\"written\":%llu,\"requests\":[", (unsigned long long)log->written);
    for (uint64_t i = log->written - shown; i < log->written; i++) {
        if (i > log->written - shown)
            sup_buffer_add_str(out, ",");
        write_entry(&log->ring[i % SIM_LOG_SIZE], out);
    }
    sup_buffer_add_str(out, "]}");
}
