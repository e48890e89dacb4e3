/* SPDX-License-Identifier: Apache-2.0
 *
 * An administrator answers for the entries that a restore of an older copy left behind. They are
 * told ever after, as acknowledged. Must not know how that is shown. */
#ifndef BKEY_AUDIT_GAP_H
#define BKEY_AUDIT_GAP_H

#include "usecase/audit_log.h"

typedef struct bkey_audit_gap_request {
    const bkey_audit_log *log;
    const char *reason;
    const char *ticket; /* "" = none */
} bkey_audit_gap_request;

/* [hook] For every chain of which true published heads tell another past: an entry with who and
 * why, and a signed line that disowns those heads and names the entry. What was removed, moved or
 * doubled is no such gap and stays a problem. Stopped between the two, the gap is told as before;
 * run it again. *out_count: gaps. REASON_MISSING without a reason; those of the audit's check, of
 * its log and of the port that publishes. */
BKEY_MUST_CHECK bkey_err bkey_audit_gap_acknowledge(const bkey_audit_gap_request *request,
                                                    uint64_t *out_count);

#endif
