/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks on text that comes from outside. */
#ifndef SUP_UTF8_H
#define SUP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool sup_utf8_valid(const char *text, size_t len);
/* Reads the code point at text[0]; returns its length in bytes, 0 when it is not well-formed. */
size_t sup_utf8_decode(const char *text, size_t len, uint32_t *out);
/* Copies at most cap - 1 bytes, whole code points only, and terminates. Malformed bytes, C0 and C1
 * control characters and bidirectional controls become '?'. Returns the length written. */
size_t sup_utf8_clean(const char *text, size_t len, char *out, size_t cap);

#endif
