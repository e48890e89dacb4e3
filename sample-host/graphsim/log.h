/* SPDX-License-Identifier: Apache-2.0
 *
 * The last requests, without bodies, tokens or keys. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "route.h"
#include "support/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_LOG_SIZE 100000U

typedef struct sim_log_entry {
    int64_t when_ms;
    sim_route route;
    int status;
    size_t bytes;
    const char *tenant; /* id, lives as long as the world; NULL when unknown */
    const char *fault;  /* static text naming what a fault rule did, or NULL */
    uint32_t version;   /* of HTTP: 0x101, 0x200 */
    char method[8];
    char target[168]; /* path and query, cut */
} sim_log_entry;

typedef struct sim_log {
    sim_log_entry *ring;
    uint64_t written; /* ever, since the last reset */
} sim_log;

bool sim_log_init(sim_log *log);
void sim_log_done(sim_log *log);
void sim_log_reset(sim_log *log);
void sim_log_add(sim_log *log, const sim_log_entry *entry);
/* Adds {"written":n,"requests":[...]}: the last `most`, oldest first. */
void sim_log_write(const sim_log *log, size_t most, sup_buffer *out);

#endif
