/* SPDX-License-Identifier: Apache-2.0
 *
 * Graph's JSON batching: many reads in one request, and the answers in it, which may carry secrets
 * and are read where they lie. Must not know what the items ask for. */
#ifndef BKEY_JSON_BATCH_H
#define BKEY_JSON_BATCH_H

#include "base/ports.h"
#include "support/buffer.h"

#define BKEY_JSON_BATCH_ITEMS 20u /* Graph takes no more */

/* Appends the read of an address relative to the batch's version; `index` counts from 0 and names
 * it. False when it does not fit. */
bool bkey_json_batch_add(sup_buffer *out, uint32_t index, const char *url);
bool bkey_json_batch_end(sup_buffer *out);

/* The answer to one read. */
typedef struct bkey_json_batch_answer {
    uint32_t index;         /* of the read */
    int32_t status;         /* 0 = without a usable one */
    int64_t retry_after_ms; /* -1 = none */
    bkey_bytes body;        /* its JSON in the batch's body, not followed by a zero byte; or "" */
} bkey_json_batch_answer;

/* Anything but OK ends the reading and becomes its result. */
typedef bkey_err (*bkey_json_batch_sink)(void *context, const bkey_json_batch_answer *answer);

typedef struct bkey_json_batch_reply {
    bkey_bytes body;
    int64_t date_s; /* when it was made, which a Retry-After as a date counts from; 0 = unknown */
    uint32_t count; /* reads in the request */
} bkey_json_batch_reply;

/* Gives the sink the first answer to each read, in the order in which they come, and *out_missing
 * a bit for each read without one. What answers to no read is passed over. Errors: BODY (not the
 * answer to a batch), ROWS (more answers than any batch has); *out_missing is then
 * untouched. */
BKEY_MUST_CHECK bkey_err bkey_json_batch_read(const bkey_json_batch_reply *reply,
                                              bkey_json_batch_sink sink, void *context,
                                              uint32_t *out_missing);

#endif
