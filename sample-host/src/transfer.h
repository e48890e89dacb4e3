/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of an import file, CSV or JSON, with their secrets kept apart from everything else. Must not
 * know the store. docs/transfer.md describes the columns. */
#ifndef HOST_TRANSFER_H
#define HOST_TRANSFER_H

#include "sample-host/src/command.h"

typedef struct host_transfer_row {
    size_t line;               /* where it begins, from 1 */
    const json_t *fields;      /* strings by column; no empty ones */
    const host_secret *secret; /* the password, or NULL */
} host_transfer_row;

/* Text of a column, or NULL. */
const char *host_transfer_text(const host_transfer_row *row, const char *column);

typedef struct host_transfer_sink {
    bool (*row)(void *context, const host_transfer_row *row, host_error *err);
    void *context;
} host_transfer_sink;

/* Hands over every row, in guarded memory where secrets are. The format shows in the first
 * character: '[' is JSON. Columns that only an export has are passed over; others that an import
 * does not know are refused. INVALID, with the line; NOMEM; what the sink says. */
bool host_transfer_read(const host_secret *content, const host_transfer_sink *sink,
                        host_error *err);

#endif
