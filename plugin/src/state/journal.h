/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of keys that were read without the host: sealed and chained records in a file that
 * only grows. Knows no file and no store; must not know who reads it. */
#ifndef BKEY_JOURNAL_H
#define BKEY_JOURNAL_H

#include "state/audit.h"

#define BKEY_JOURNAL_MAGIC "BKEYJRN1"
#define BKEY_JOURNAL_MAGIC_LEN 8u
#define BKEY_JOURNAL_ID_LEN 16u
#define BKEY_JOURNAL_RECORD_MAX 8192u
#define BKEY_JOURNAL_MAX (16u * 1024u * 1024u) /* bytes of a whole journal */

/* Where the next record goes: after reading a journal, or zero for a new one. */
typedef struct bkey_journal_end {
    uint64_t count;
    uint8_t hash[BKEY_AUDIT_HASH_LEN]; /* over the last record's bytes */
} bkey_journal_end;

typedef struct bkey_journal_record {
    uint8_t id[BKEY_JOURNAL_ID_LEN]; /* random: a record is merged once */
    bkey_audit_entry entry;          /* its texts live until the sink returns */
} bkey_journal_record;

/* Writes one sealed record of at most BKEY_JOURNAL_RECORD_MAX bytes, and where it leaves the
 * journal. LIMIT, KEYRING, SLAB_FULL. */
BKEY_MUST_CHECK bkey_err bkey_journal_seal(bkey_vault *vault, const bkey_journal_end *end,
                                           const bkey_audit_entry *entry, uint8_t *out,
                                           size_t *out_len, bkey_journal_end *out_end);
typedef bkey_err (*bkey_journal_sink)(void *context, const bkey_journal_record *record);
/* Opens every record of a whole journal, in order; SEAL when anything of it was changed, moved or
 * cut inside a record, NEWER_FORMAT. Records before the first bad one were given already: check
 * with a NULL sink first. */
BKEY_MUST_CHECK bkey_err bkey_journal_read(bkey_vault *vault, bkey_bytes journal,
                                           bkey_journal_sink sink, void *context,
                                           bkey_journal_end *out_end);

#endif
