/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.store/1 as the host does it: a batch of one plugin, one transaction, one remembered result.
 */
#ifndef HOST_APPLY_H
#define HOST_APPLY_H

#include "sample-host/src/call.h"

#define HOST_APPLY_KEEP_MS (INT64_C(48) * 3600 * 1000) /* how long results are remembered */

/* Contract: dph/service_store.h. */
dph_status host_apply(host *h, const dph_str *plugin, const dph_call *call, const dph_batch *batch,
                      const dph_str *op_key, dph_apply_result *result, host_error *err);
/* Forgets results older than HOST_APPLY_KEEP_MS. */
bool host_apply_purge(host *h, host_error *err);

/* For apply.c and its parts. */
typedef struct host_apply_records {
    const dph_item_record_put *items[DPH_BATCH_MAX_ITEMS];
    size_t count;
} host_apply_records;

typedef struct host_apply_job {
    const dph_str *plugin;
    const dph_call *call;
    host_conn *conn;
    int64_t now_ms;
    host_apply_records *records; /* new ones that were checked but are not inserted yet */
} host_apply_job;

/* Is the item well-formed by itself? */
bool host_apply_item_check(const dph_item *item, host_error *err);
/* Feeds the item, field by field, to the batch's hash. */
void host_apply_item_hash(const dph_item *item, void *hash_state);
/* The same three for a contact: apply_contact.c. */
bool host_apply_contact_check(const dph_item_contact_put *item, host_error *err);
void host_apply_contact_hash(const dph_item_contact_put *item, void *hash_state);
bool host_apply_contact_write(const host_apply_job *job, const dph_item_contact_put *item,
                              host_error *err);
/* Text of 0 or 1 to DPH_NAME_MAX code points; anything of at most so many bytes. */
bool host_apply_is_name(const dph_str *text, bool may_be_empty);
bool host_apply_is_text(const dph_str *text, size_t most_bytes);
/* Feeds a number, or text with its length, to the batch's hash. */
void host_apply_hash_number(void *hash_state, uint64_t value);
void host_apply_hash_texts(void *hash_state, const dph_str *const *texts, size_t count);
/* NOT_FOUND. */
bool host_apply_require_organization(const host_apply_job *job, const dph_str *id, host_error *err);
/* Writes it; new records only with host_apply_records_flush. */
bool host_apply_item_write(const host_apply_job *job, const dph_item *item, host_error *err);

/* ---- apply_records.c: new records, inserted together ---- */
/* The item must live until the flush; at most as many as a batch has items. */
void host_apply_records_add(const host_apply_job *job, const dph_item_record_put *item);
/* Is a record of that name waiting? */
bool host_apply_records_has(const host_apply_job *job, const dph_str *external_id);
/* Inserts what waits. */
bool host_apply_records_flush(const host_apply_job *job, host_error *err);

#endif
