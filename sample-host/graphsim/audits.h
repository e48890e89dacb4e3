/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit records that the cloud keeps of key reads. */
#ifndef SIM_AUDITS_H
#define SIM_AUDITS_H

#include "support/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_AUDITS_MAX 2000000U

typedef struct sim_audit {
    int64_t when_ms;
    size_t tenant;
    bool application;
    char key_id[64];
    char app_id[64];
} sim_audit;

typedef struct sim_audits {
    sim_audit *list;
    size_t count;
    size_t size;
    uint64_t total; /* also counts what no longer fitted */
} sim_audits;

void sim_audits_done(sim_audits *audits);
void sim_audits_reset(sim_audits *audits);
void sim_audits_add(sim_audits *audits, const sim_audit *audit);
/* Adds the record as a directoryAudit object. `number` makes its id. */
void sim_audits_write(const sim_audit *audit, size_t number, sup_buffer *out);

#endif
