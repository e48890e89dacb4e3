/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of jsonscan: the strict validator and the steps over parts of a document. Not for others:
 * include jsonscan.h. */
#ifndef BKEY_JSONSCAN_CHECK_H
#define BKEY_JSONSCAN_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bkey_jsonscan_cursor {
    const char *ptr;
    size_t len;
    size_t at;
} bkey_jsonscan_cursor;

/* True for one well-formed document with an object or array at its top. */
bool bkey_jsonscan_check(const char *bytes, size_t len);
void bkey_jsonscan_skip_space(bkey_jsonscan_cursor *in);
/* Takes one character of a string's content, raw or escaped; false: malformed. */
bool bkey_jsonscan_take_character(bkey_jsonscan_cursor *cursor, uint32_t *out);
/* The skips never leave the buffer, and are exact only in a validated document. */
void bkey_jsonscan_skip_string(bkey_jsonscan_cursor *in);
void bkey_jsonscan_skip_nested(bkey_jsonscan_cursor *in);
void bkey_jsonscan_skip_scalar(bkey_jsonscan_cursor *in);
/* A decimal whole number of 64 bits and nothing else; false, and *out untouched, for all else. */
bool bkey_jsonscan_read_int(const char *text, size_t len, int64_t *out);

#endif
