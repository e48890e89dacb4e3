/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates as HTTP writes them in headers. Pure. */
#ifndef BKEY_HTTP_DATE_H
#define BKEY_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads "Sun, 06 Nov 1994 08:49:37 GMT", the only form that may still be sent, as Unix seconds.
 * False, and *out_s untouched, for anything else. */
bool bkey_http_date_parse(const char *text, size_t len, int64_t *out_s);

#endif
