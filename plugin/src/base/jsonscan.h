/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON whose texts may be secret, read where it lies: strict validation, lookup, and unescaping
 * into the caller's memory. Allocates nothing and copies nothing elsewhere. Accepts exactly what
 * bkey_json_parse accepts. Must not know what the bodies are about. */
#ifndef BKEY_JSONSCAN_H
#define BKEY_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_JSONSCAN_MAX_DEPTH 32u /* equal to BKEY_JSON_MAX_DEPTH */

typedef enum bkey_jsonscan_kind {
    BKEY_JSONSCAN_NULL = 1,
    BKEY_JSONSCAN_BOOL,
    BKEY_JSONSCAN_NUMBER,
    BKEY_JSONSCAN_STRING,
    BKEY_JSONSCAN_ARRAY,
    BKEY_JSONSCAN_OBJECT
} bkey_jsonscan_kind;

/* A value where it stands in the buffer: a string without its quotes and still escaped, anything
 * else with all of its characters. Valid as long as the buffer. Only the functions here make one:
 * they rely on its being a part of a validated document. */
typedef struct bkey_jsonscan_value {
    const char *ptr;
    size_t len;
    bkey_jsonscan_kind kind;
} bkey_jsonscan_value;

/* Validates the whole document and gives its top. False, and *out untouched: malformed, deeper
 * than the limit, or neither object nor array. */
bool bkey_jsonscan_parse(const void *bytes, size_t len, bkey_jsonscan_value *out);
/* The last member of that (ASCII) name. False: no object, or no such member. */
bool bkey_jsonscan_member(const bkey_jsonscan_value *object, const char *name,
                          bkey_jsonscan_value *out);
/* Like bkey_jsonscan_member, through nested objects: "value.key". Names hold no dot. */
bool bkey_jsonscan_find(const bkey_jsonscan_value *top, const char *path, bkey_jsonscan_value *out);
/* Walks an array: *position starts at 0 and belongs to the walk. False: the end, or no array. */
bool bkey_jsonscan_next(const bkey_jsonscan_value *array, size_t *position,
                        bkey_jsonscan_value *out);
/* Writes the text of a string, unescaped, at most cap bytes, without a zero byte behind; it is
 * never longer than value->len. False: no string, or it does not fit (then *out_len is untouched
 * and what was written so far is to be wiped by the caller). */
bool bkey_jsonscan_text(const bkey_jsonscan_value *value, char *out, size_t cap, size_t *out_len);
/* True when the value is a string with exactly this text. */
bool bkey_jsonscan_equals(const bkey_jsonscan_value *value, const char *text);
/* A whole number, or a string that is one in decimal; false, and *out untouched, for all else. */
bool bkey_jsonscan_int(const bkey_jsonscan_value *value, int64_t *out);

#endif
