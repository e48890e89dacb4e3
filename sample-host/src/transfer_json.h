/* SPDX-License-Identifier: Apache-2.0
 *
 * For transfer.c and transfer_json.c: the JSON side of an import. */
#ifndef HOST_TRANSFER_JSON_H
#define HOST_TRANSFER_JSON_H

#include "sample-host/src/transfer.h"

/* host_transfer_read for JSON: an array of objects whose members are the columns. */
bool host_transfer_json_read(const host_secret *content, const host_transfer_sink *sink,
                             host_error *err);
/* The static name of a column, "" for one that only an export has; INVALID. */
const char *host_transfer_column(const char *text, size_t len, host_error *err);

#endif
