/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kinds 'A' and 'H': the audit chain of one organization, and one for what has none. Each
 * entry names the hash of the one before over its sealed bytes, so the chain verifies without any
 * key; entries are never resealed. Place: (no tenant, the organization or "" for none). */
#ifndef BKEY_AUDIT_H
#define BKEY_AUDIT_H

#include "state/codec.h"
#include "state/seal.h"

#define BKEY_AUDIT_HASH_LEN 32u
/* Clear start of an entry's value: format, sequence number, hash of the entry before. */
#define BKEY_AUDIT_CLEAR_LEN (1u + 8u + BKEY_AUDIT_HASH_LEN)

/* Values are stored: never renumber. */
typedef enum bkey_audit_result {
    BKEY_AUDIT_SHOWN = 1,
    BKEY_AUDIT_REFUSED = 2,
    BKEY_AUDIT_FAILED = 3,
    BKEY_AUDIT_ACKNOWLEDGED = 4, /* no key: an administrator answers for a gap of the audit */
    BKEY_AUDIT_IMPORTED = 5,     /* a password was taken over; the reason says from what */
    BKEY_AUDIT_RESULT_COUNT
} bkey_audit_result;

/* Text is terminated UTF-8, "" or NULL = none. */
typedef struct bkey_audit_entry {
    int64_t time_ms; /* UTC */
    const char *actor;
    const char *address;
    const char *organization_id;
    const char *device_name;
    const char *reason;
    const char *ticket;
    sup_guid tenant;
    sup_guid device_id;
    sup_guid key_id;
    uint32_t source;
    uint32_t os_uid;
    uint32_t actor_kind;
    uint32_t actor_role;
    uint32_t purpose;
    bkey_audit_result result;
    uint32_t error_reason;  /* BKEY_E_* when it failed */
    uint64_t meta_revision; /* of the key's rows as they were used; 0 = no key */
    uint64_t secret_revision;
    uint64_t gap_first; /* ACKNOWLEDGED: the entries that are not there; else 0 */
    uint64_t gap_last;
} bkey_audit_entry;

typedef struct bkey_audit_head {
    uint64_t seq; /* of the last entry; 0 = the chain is empty */
    uint8_t hash[BKEY_AUDIT_HASH_LEN];
    uint64_t revision; /* of the head's row */
} bkey_audit_head;

/* The head as stored; an empty one when there is none. */
BKEY_MUST_CHECK bkey_err bkey_audit_head_get(const bkey_place *place, bkey_audit_head *out_head);
/* Seals `entry` as the next one after `head`, and the head that follows. Put both in the batch of
 * what is audited; a CONFLICT on either means that somebody else appended: read the head again. */
BKEY_MUST_CHECK bkey_err bkey_audit_append(const bkey_place *place, const bkey_audit_head *head,
                                           const bkey_audit_entry *entry, bkey_sealed *out_entry,
                                           bkey_sealed *out_head);
/* Opens entry `seq`. The entry's text points into *out_plain, which the caller frees. NO_STATE
 * when there is none; SEAL when it was changed or stands in another place of the chain. */
BKEY_MUST_CHECK bkey_err bkey_audit_get(const bkey_place *place, uint64_t seq,
                                        bkey_audit_entry *out_entry, bkey_secret **out_plain);
/* The entry's fields alone, as in every place that keeps one. Decoded text points into the reader's
 * memory; FORMAT. */
void bkey_audit_encode(bkey_codec_writer *writer, const bkey_audit_entry *entry);
BKEY_MUST_CHECK bkey_err bkey_audit_decode(bkey_codec_reader *reader, bkey_audit_entry *out);
/* Hash of an entry's stored value: what the next entry must name. Needs no key. False: the value
 * is too short or of another format. */
bool bkey_audit_link(bkey_bytes value, uint64_t *out_seq, uint8_t out_previous[BKEY_AUDIT_HASH_LEN],
                     uint8_t out_hash[BKEY_AUDIT_HASH_LEN]);

#endif
