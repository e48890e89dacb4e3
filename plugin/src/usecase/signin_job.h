/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person does about a sign-in: begin it, look at it, take it back, and bring the answer that
 * Microsoft's page sent. Never touches the network: ticks do that (sync_signin.c). */
#ifndef BKEY_SIGNIN_JOB_H
#define BKEY_SIGNIN_JOB_H

#include "base/ports.h"
#include "state/signin.h"
#include "support/buffer.h"

typedef struct bkey_signin_job {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
} bkey_signin_job;

/* Fills what is not the target: state, times, and for CODE fresh random secrets. `redirect` is for
 * CODE alone. The app's secret is the caller's to set. Errors: SLAB_FULL, LIMIT. */
BKEY_MUST_CHECK bkey_err bkey_signin_job_begin(const bkey_signin_job *job, bkey_signin_way way,
                                               const char *redirect, bkey_signin *signin);

/* [hook] Appends one JSON object: {tenant, state, way, user_code, verification_uri, message,
 * authorize_url, expires_s, poll_ms, error}; state "none" when there was never one. Errors: those
 * of reading. */
BKEY_MUST_CHECK bkey_err bkey_signin_job_status(const bkey_signin_job *job, const sup_guid *tenant,
                                                sup_buffer *out_json);
/* [hook] Takes it back; one that is over stays as it is. Errors: those of the store, CONFLICT when
 * a tick was faster. */
BKEY_MUST_CHECK bkey_err bkey_signin_job_cancel(const bkey_signin_job *job, const sup_guid *tenant);

/* What came back from Microsoft's page; code NULL = the person or a policy refused. */
typedef struct bkey_signin_answer {
    bkey_secret *state;
    bkey_secret *code;
} bkey_signin_answer;

/* [hook] Keeps the answer for the next tick of *out_tenant. PARAMETER for every state that is not
 * waited for: unknown, used, too late; nothing more is said. */
BKEY_MUST_CHECK bkey_err bkey_signin_job_answer(const bkey_signin_job *job,
                                                const bkey_signin_answer *answer,
                                                sup_guid *out_tenant);

#endif
