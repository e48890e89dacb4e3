/* SPDX-License-Identifier: Apache-2.0
 *
 * The network: bkey_net of base/ports.h on libcurl's multi interface, whose only user this is. One
 * thread at a time uses an instance; several instances run side by side. Must not know what is
 * asked or answered. */
#ifndef BKEY_TRANSPORT_H
#define BKEY_TRANSPORT_H

#include "base/ports.h"

#define BKEY_TRANSPORT_PARALLEL_MAX 200u
#define BKEY_TRANSPORT_SECRET_MAX 8192u /* largest secret reply, a key's */
#define BKEY_TRANSPORT_BATCH_MAX 65536u /* largest secret reply to JSON, a batch's */
#define BKEY_TRANSPORT_BATCHES 16u      /* such requests that may be under way at once */
#define BKEY_TRANSPORT_TOKEN_MAX 65536u /* largest secret reply to a form, a token's */

/* Text is copied; NULL = "". */
typedef struct bkey_transport_options {
    uint32_t max_parallel; /* 1..BKEY_TRANSPORT_PARALLEL_MAX */
    uint32_t timeout_ms;   /* of a request that sets none; 0 = 60,000 */
    const char *ca_file;   /* "" = the system's */
    const char *proxy;     /* "" = none; the environment is never asked */
    const char *version;   /* of the product, for User-Agent */
} bkey_transport_options;

/* Errors: NOMEM, SETTING (max_parallel out of range). A ca_file that cannot be read shows as TLS
 * in replies. Free with bkey_transport_free. */
BKEY_MUST_CHECK bkey_err bkey_transport_new(const bkey_transport_options *options,
                                            bkey_net **out_net);
/* Ends what is under way, wipes and frees; replies must have been released. NULL-safe, sets NULL.
 */
void bkey_transport_free(bkey_net **net);

#endif
