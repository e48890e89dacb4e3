/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes the journal of keys that were read without the host into the audit. Must not know where the
 * journal lay. */
#ifndef BKEY_JOURNAL_MERGE_H
#define BKEY_JOURNAL_MERGE_H

#include "state/journal.h"
#include "usecase/audit_log.h"

/* [hook] Every record becomes one entry, once, however often the same journal comes. The whole
 * journal is verified first: SEAL when it was altered, and nothing is written. Errors: those of
 * audit_log.h; what landed before stays. */
BKEY_MUST_CHECK bkey_err bkey_journal_merge_run(const bkey_audit_log *log, bkey_bytes journal,
                                                uint64_t *out_merged);

#endif
