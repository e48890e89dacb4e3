/* SPDX-License-Identifier: Apache-2.0
 *
 * Who does what right now, in this process: ticks, changes of connections, and first publications
 * into folders that nobody sees yet. Thread-safe; nothing in here waits. Must not know the store:
 * what it holds is gone after a restart. */
#ifndef BKEY_BUSY_H
#define BKEY_BUSY_H

#include "base/error.h"
#include "support/guid.h"

/* So long a folder stays hidden for the sake of a first publication that does not get done. */
#define BKEY_BUSY_PATIENCE_NS (UINT64_C(3600) * 1000000000u)

typedef struct bkey_busy bkey_busy;

/* Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_busy_new(bkey_busy **out_busy);
/* NULL-safe; sets *busy to NULL. */
void bkey_busy_free(bkey_busy **busy);

/* [sync] Errors: UNIT_BUSY while the tenant's connection is being changed, NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_busy_tick_begin(bkey_busy *busy, const sup_guid *tenant);
void bkey_busy_tick_end(bkey_busy *busy, const sup_guid *tenant);
/* [sync] A tick of the tenant is about to match a device to that configuration; the claim ends with
 * the tenant's tick. *out_mine false: another tenant's tick has it. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_busy_claim(bkey_busy *busy, const sup_guid *tenant,
                                         const char *configuration_id, bool *out_mine);
/* [hook] From now on no tick of the tenant begins; one that runs goes on. Errors: NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_busy_change_begin(bkey_busy *busy, const sup_guid *tenant);
void bkey_busy_change_end(bkey_busy *busy, const sup_guid *tenant);
bool bkey_busy_has_tick(bkey_busy *busy, const sup_guid *tenant);

/* [sync] Whoever uses a credential has it alone: a refresh token is exchanged by one at a time.
 * `tenant` is the one whose credential it is. Errors: UNIT_BUSY while somebody has it, NOMEM. */
BKEY_MUST_CHECK bkey_err bkey_busy_credential_begin(bkey_busy *busy, const sup_guid *tenant);
void bkey_busy_credential_end(bkey_busy *busy, const sup_guid *tenant);

/* One tenant's first publication into one organization. Text is borrowed for the call. */
typedef struct bkey_busy_first {
    const sup_guid *tenant;
    const char *organization_id;
    uint64_t now_ns; /* monotonic */
} bkey_busy_first;

/* It is under way, until it is done; patience counts from its first beginning. Errors: NOMEM,
 * LIMIT. */
BKEY_MUST_CHECK bkey_err bkey_busy_first_begin(bkey_busy *busy, const bkey_busy_first *wanted);
/* The same for one that an earlier process began: what is known of it already stays. */
BKEY_MUST_CHECK bkey_err bkey_busy_first_recall(bkey_busy *busy, const bkey_busy_first *wanted);
void bkey_busy_first_done(bkey_busy *busy, const bkey_busy_first *wanted);
/* False while another tenant's first publication of the organization is under way. */
bool bkey_busy_first_may_show(bkey_busy *busy, const bkey_busy_first *wanted);
/* The folder is visible: forgets everybody's first publication of the organization. */
void bkey_busy_first_forget(bkey_busy *busy, const char *organization_id);

#endif
