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

#define BKEY_TRANSPORT_LOGIN_MAX 511u /* bytes of USER:PASSWORD for a proxy */

/* Text is copied; NULL = "". The environment is never asked. */
typedef struct bkey_transport_options {
    uint32_t max_parallel;  /* 1..BKEY_TRANSPORT_PARALLEL_MAX */
    uint32_t timeout_ms;    /* of a request that sets none; 0 = 60,000 */
    const char *ca_file;    /* "" = the system's; else in place of them */
    const char *proxy;      /* http[s]://HOST:PORT, for encrypted requests only; "" = none */
    bkey_bytes proxy_login; /* USER:PASSWORD; copied to guarded memory; len 0 = none */
    bool tls_1_3;           /* nothing older; else TLS 1.2 will do */
    uint64_t max_body;      /* most bytes of a body, whatever a request allows; 0 = as that says */
    const char *version;    /* of the product, for User-Agent */
} bkey_transport_options;

/* Errors: NOMEM, SETTING (max_parallel out of range), HTTP_POLICY (a login that is too long). A
 * ca_file that cannot be read shows as CA_FILE in replies. Free with bkey_transport_free. */
BKEY_MUST_CHECK bkey_err bkey_transport_new(const bkey_transport_options *options,
                                            bkey_net **out_net);
/* Ends what is under way, wipes and frees; replies must have been released. NULL-safe, sets NULL.
 */
void bkey_transport_free(bkey_net **net);

#endif
