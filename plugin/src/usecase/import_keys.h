/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes over recovery passwords that a file brings: everything is read and compared before anything
 * is written, and what is held is never overwritten. Must not know who may import, nor how the file
 * came. */
#ifndef BKEY_IMPORT_KEYS_H
#define BKEY_IMPORT_KEYS_H

#include "state/vault.h"
#include "support/buffer.h"
#include "usecase/publisher.h"
#include "usecase/scope.h"

#define BKEY_IMPORT_KEYS_DETAIL_SIZE 256u

typedef struct bkey_import_request {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
    bkey_slab *slab;
    bkey_publisher *publisher; /* NULL: heads of the audit stay in the store */
    const bkey_scope *scope;   /* only connections all of whose organizations it has */
    const char *organization_id;
    const char *tenant; /* needed where several connections name the organization; "" = that one */
    bkey_bytes file;    /* secret; lives until the call returns, and is never copied as a whole */
    uint8_t origin;     /* BKEY_ORIGIN_* */
    bool dry_run;
} bkey_import_request;

/* [hook] Appends {"dry_run", "new", "same", "conflicts", "refused", "written", "rows":[{"line",
 * "outcome", "key_id", "device", "why"}]}. With refused lines nothing is written. A key that is
 * held with another password is a conflict: it stays as it is. Each key that is taken over has an
 * entry of the audit, in the chain of what has no organization, in the batch that writes it. Killed
 * anywhere, run it again. Errors, some with a sentence in `detail`: PARAMETER, NOT_CONNECTED,
 * ENTITLEMENT, CONFLICT, those of the state. */
BKEY_MUST_CHECK bkey_err bkey_import_keys_run(const bkey_import_request *request, sup_buffer *json,
                                              char detail[BKEY_IMPORT_KEYS_DETAIL_SIZE]);

#endif
