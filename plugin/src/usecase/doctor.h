/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds stored state against itself, against the records and against the audit. Reads all, changes
 * nothing, opens every secret and shows none. */
#ifndef BKEY_DOCTOR_H
#define BKEY_DOCTOR_H

#include "base/secret.h"
#include "state/vault.h"
#include "support/buffer.h"

#define BKEY_DOCTOR_PROBLEMS_MAX 1000u /* more are counted, not told one by one */

typedef struct bkey_doctor_request {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
} bkey_doctor_request;

/* [hook] {"problems": [{"what", "organization_id", "tenant", "subject", "text"}], "problem_count",
 * "keys", "secrets", "records", "waiting", "entries"}. Problems are no error of this call; errors
 * are those of reading. */
BKEY_MUST_CHECK bkey_err bkey_doctor_run(const bkey_doctor_request *request, sup_buffer *out_json);

#endif
