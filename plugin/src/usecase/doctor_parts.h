/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files doctor*.c share. Nothing else includes it. */
#ifndef BKEY_DOCTOR_PARTS_H
#define BKEY_DOCTOR_PARTS_H

#include "base/json.h"
#include "domain/model.h"
#include "usecase/doctor.h"
#include "usecase/place_list.h"

typedef struct bkey_doctor {
    const bkey_doctor_request *request;
    bkey_place_list places;
    bkey_json_builder builder;
    bkey_json *problems;
    uint64_t problem_count;
    uint64_t keys;
    uint64_t secrets;
    uint64_t records;
    uint64_t waiting; /* held by an organization, not published yet */
    uint64_t entries;
    uint64_t known[256]; /* rows that were found by name, by kind */
} bkey_doctor;

typedef struct bkey_doctor_problem {
    const char *what;    /* "canary", "key", ... */
    const char *subject; /* Key ID, name of a row, or "" */
    const char *text;
} bkey_doctor_problem;

#define BKEY_DOCTOR_ROW_NAME_SIZE (2u * BKEY_STATE_KEY_LEN + 1u)
/* The row's key in hex: all that can be said of a row that does not open. */
void bkey_doctor_name_row(bkey_bytes key, char out[BKEY_DOCTOR_ROW_NAME_SIZE]);
void bkey_doctor_tell(bkey_doctor *doctor, const bkey_place *place,
                      const bkey_doctor_problem *problem);
/* Keys, secrets and records of one place. */
BKEY_MUST_CHECK bkey_err bkey_doctor_keys(bkey_doctor *doctor, const bkey_place *place);
/* Chains, and the revisions that they speak of. */
BKEY_MUST_CHECK bkey_err bkey_doctor_audit(bkey_doctor *doctor);

#endif
