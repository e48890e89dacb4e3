/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit records that the cloud keeps: key reads above all, of which there may be millions. */
#ifndef SIM_AUDITS_H
#define SIM_AUDITS_H

#include "support/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_AUDITS_MAX 2000000U
#define SIM_AUDITS_ACTORS_MAX 256U

typedef enum sim_audit_activity {
    SIM_AUDIT_READ_KEY,
    SIM_AUDIT_ADD_KEY,
    SIM_AUDIT_DELETE_KEY,
    SIM_AUDIT_ADD_OWNER,
    SIM_AUDIT_REMOVE_OWNER,
    SIM_AUDIT_DELETE_DEVICE,
    SIM_AUDIT_UPDATE_POLICY,
    SIM_AUDIT_COUNT
} sim_audit_activity;

typedef struct sim_audit {
    int64_t when_ms;
    size_t tenant;
    sim_audit_activity activity;
    bool application;
    char target[64];
    char app_id[64]; /* all three "": the device itself */
    char user_id[64];
    char user_name[128];
} sim_audit;

typedef struct sim_audit_record sim_audit_record;

typedef struct sim_audits {
    sim_audit_record *list;
    sim_audit *actors; /* who; the other members are unused */
    size_t actor_count;
    size_t count;
    size_t size;
    uint64_t total; /* also counts what no longer fitted */
} sim_audits;

void sim_audits_done(sim_audits *audits);
void sim_audits_reset(sim_audits *audits);
void sim_audits_add(sim_audits *audits, const sim_audit *audit);
/* Record `position`, which is below count. */
void sim_audits_get(const sim_audits *audits, size_t position, sim_audit *out);
/* Adds the record as a directoryAudit object. `number` makes its id. */
void sim_audits_write(const sim_audit *audit, size_t number, sup_buffer *out);

#endif
