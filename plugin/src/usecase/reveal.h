/* SPDX-License-Identifier: Apache-2.0
 *
 * The only way a recovery key leaves the plugin: audited first, shown after. Knows ports and state;
 * must not know who draws it. */
#ifndef BKEY_REVEAL_H
#define BKEY_REVEAL_H

#include "usecase/publisher.h"

typedef enum bkey_purpose { /* numbers of the ABI's DPH_PURPOSE_* */
                            BKEY_PURPOSE_SHOW = 1,
                            BKEY_PURPOSE_COPY = 2,
                            BKEY_PURPOSE_PRINT = 3
} bkey_purpose;

typedef struct bkey_reveal_request {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_slab *slab;
    bkey_vault *vault;
    const char *external_id; /* "TENANT:KEYID" */
    bkey_purpose purpose;
    const char *reason;
    const char *ticket;        /* "" = none */
    bkey_publisher *publisher; /* NULL: audit heads stay in the store */
    uint32_t refusal; /* BKEY_E_*: the host refused already, and this is to be audited; 0 = not */
} bkey_reveal_request;

/* The bytes are wiped when the sink returns. */
typedef bkey_err (*bkey_reveal_sink)(void *context, const uint8_t *secret, size_t len,
                                     bool malformed);

/* [hook] One batch with the activity entry and the sealed audit entry lands before the sink is
 * called, once; when it does not land the sink is not called (S1.95). Refused and failed attempts
 * are audited too, as far as the store allows. Errors: REASON_MISSING, ENTITLEMENT, NO_STATE (no
 * such key, or not in the call's organization; a key without a record is in none), SEAL, FORMAT,
 * NEWER_FORMAT, STORE_BUSY, STORE. */
BKEY_MUST_CHECK bkey_err bkey_reveal_run(const bkey_reveal_request *request, bkey_reveal_sink sink,
                                         void *context);

#endif
