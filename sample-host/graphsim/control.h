/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes under /_sim/: what tests use to look at and to change the simulated cloud. None needs
 * a token; the listener is on the loopback interface only. Bodies and answers are JSON.
 *
 *   GET    requests?last=N   the log, oldest first (1,000 without N; 100,000 are kept)
 *   GET    counts            per route, per tenant, key reads, statuses, most requests at once
 *   GET    audits?tenant=T   one directoryAudit per key read
 *   GET    tenants           ids and sign-in facts, secrets included: it is a simulator
 *   GET    faults            rules with what is left of them; POST adds (faults.h), DELETE clears
 *   GET    switches          POST changes those it names (switches.h), DELETE: as at start
 *   GET    time              POST {"advance_ms":N} moves the clock that tokens end by
 *   POST   events            changes devices and keys (events.h)
 *   POST   reset             forgets counts, log, audits, fault rules and budgets; not data, clock
 */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "call.h"

/* Answers any request whose path begins with /_sim/. */
void sim_control_handle(sim_call *call);

#endif
