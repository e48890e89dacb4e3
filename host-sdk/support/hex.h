/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal text of bytes that are not secret (libsodium has the constant-time one). */
#ifndef SUP_HEX_H
#define SUP_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0..15, or -1 when the character is no hex digit. */
int sup_hex_digit(char c);
/* Writes 2 * len lower-case digits and a zero byte; `out` has room for them. */
void sup_hex_format(const uint8_t *bytes, size_t len, char *out);
/* Reads exactly 2 * out_len digits; false, and nothing promised of `out`, for anything else. */
bool sup_hex_parse(const char *text, size_t len, uint8_t *out, size_t out_len);

#endif
