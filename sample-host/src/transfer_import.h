/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports a file into one organization: all of it or nothing, through the same checks as anything
 * else that people change. */
#ifndef HOST_TRANSFER_IMPORT_H
#define HOST_TRANSFER_IMPORT_H

#include "sample-host/src/call.h"
#include "sample-host/src/transfer.h"

typedef struct host_transfer_counts {
    size_t passwords;
    size_t configurations;
    size_t folders; /* made because a row names them */
    size_t categories;
} host_transfer_counts;

/* Every row makes something new; nothing that exists is changed. First all rows are checked, then,
 * unless `is_dry`, all are written in one transaction. What was refused is logged. Errors as of
 * host_mutate, with the line. */
bool host_transfer_import(host *h, const host_call *call, const host_secret *content, bool is_dry,
                          host_transfer_counts *out, host_error *err);

#endif
