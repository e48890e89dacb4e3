/* SPDX-License-Identifier: Apache-2.0
 *
 * A new generation of the root, and everything that an old one seals moved over to it. Resumable:
 * killed anywhere, the next run goes on where it was. */
#ifndef HOST_KEY_ROTATE_H
#define HOST_KEY_ROTATE_H

#include "sample-host/src/call.h"

#define HOST_KEY_ROTATE_ACTION "keyring_rotated" /* by which a plugin is asked */

typedef struct host_key_rotate_result {
    uint32_t generation;  /* the newest one now */
    bool is_resumed;      /* it was there already: an earlier run had not finished */
    uint64_t passwords;   /* of the host, sealed anew */
    uint64_t plugin_rows; /* wrapped anew by plugins */
    uint32_t retired;     /* generations forgotten */
    char kept_because[HOST_MESSAGE_SIZE]; /* why old ones had to stay; "" when none did */
} host_key_rotate_result;

/* Runs outside every use of host_grace. True also when an old generation had to stay: *out tells
 * why. UNAVAILABLE with HOST_CODE_BUSY when another rotation runs. */
bool host_key_rotate(host *h, const host_request *request, host_key_rotate_result *out,
                     host_error *err);

#endif
