/* SPDX-License-Identifier: Apache-2.0
 *
 * Device codes and authorization addresses: what is asked, and what the answers mean. Codes are in
 * guarded memory only. No network here. */
#ifndef BKEY_DEVICE_CODE_H
#define BKEY_DEVICE_CODE_H

#include "base/ports.h"
#include "base/secret.h"
#include "support/buffer.h"

/* The form that asks for a device code, as a secret for the caller to free. */
BKEY_MUST_CHECK bkey_err bkey_device_code_body(bkey_slab *slab, const char *client_id,
                                               const char *graph_url, bkey_secret **out_body);

typedef struct bkey_device_code {
    bkey_secret *code; /* the caller's to free */
    char user_code[64];
    char address[512];
    char message[512]; /* Microsoft's own words, clean; "" when there are none */
    int64_t expires_in_s;
    uint32_t interval_s;
} bkey_device_code;

/* Reads the answer. Errors as for bkey_token_read. */
BKEY_MUST_CHECK bkey_err bkey_device_code_read(bkey_slab *slab, const bkey_net_reply *reply,
                                               bkey_device_code *out);

typedef enum bkey_device_poll {
    BKEY_DEVICE_POLL_ANSWERED = 1, /* a token, or a refusal that bkey_token_read explains */
    BKEY_DEVICE_POLL_PENDING,
    BKEY_DEVICE_POLL_SLOW_DOWN,
    BKEY_DEVICE_POLL_DECLINED,
    BKEY_DEVICE_POLL_EXPIRED
} bkey_device_poll;

/* What the answer to a poll means. */
bkey_device_poll bkey_device_code_poll(const bkey_net_reply *reply);

#endif
