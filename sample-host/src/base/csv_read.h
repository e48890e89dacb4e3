/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads comma-separated values (RFC 4180). The only user of libcsv. Must not know what the columns
 * are. */
#ifndef HOST_CSV_READ_H
#define HOST_CSV_READ_H

#include "sample-host/src/command.h"

typedef struct host_csv_reader {
    /* One field, in guarded memory until the call returns, its apostrophe taken off. */
    bool (*field)(void *context, const char *text, size_t len, host_error *err);
    /* The row that began on that line (from 1) is over. */
    bool (*row)(void *context, size_t line, host_error *err);
    void *context;
} host_csv_reader;

/* Reads them all; a byte order mark and empty lines are passed over. Stops at the first call that
 * fails. INVALID: quotes out of place, text that is not UTF-8, a zero byte; NOMEM. */
bool host_csv_read(const host_secret *content, const host_csv_reader *reader, host_error *err);

#endif
