/* SPDX-License-Identifier: Apache-2.0
 *
 * Instants as milliseconds since 1970-01-01T00:00:00Z, without the C library's time zone. */
#ifndef SUP_ISO8601_H
#define SUP_ISO8601_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "2026-03-11T07:42:19.120Z" and a zero byte. */
#define SUP_ISO8601_TEXT_SIZE 25

/* Reads YYYY-MM-DDTHH:MM:SS, an optional fraction of any length (cut to milliseconds) and Z or
 * +hh:mm or -hh:mm. False, and *out_ms untouched, for anything else. Years 0001 to 9999. */
bool sup_iso8601_parse(const char *text, size_t len, int64_t *out_ms);
/* Writes UTC with milliseconds. A value outside the years 0001 to 9999 is clamped into them. */
void sup_iso8601_format(int64_t ms, char out[SUP_ISO8601_TEXT_SIZE]);

#endif
