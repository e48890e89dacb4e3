/* SPDX-License-Identifier: Apache-2.0
 *
 * The public half of jsonscan.h: finding and unescaping in a document that jsonscan_check.c has
 * validated. Allocates nothing; must not keep a copy of anything. */
#include "base/jsonscan.h"

#include <string.h>

#include "base/jsonscan_check.h"

/* The span of the value at the cursor, and the cursor behind it. */
static bkey_jsonscan_value take_value(bkey_jsonscan_cursor *cursor)
{
    bkey_jsonscan_value value = {cursor->ptr + cursor->at, 0, BKEY_JSONSCAN_NUMBER};
    size_t start = cursor->at;
    switch (cursor->ptr[cursor->at]) {
    case '"':
        bkey_jsonscan_skip_string(cursor);
        value.kind = BKEY_JSONSCAN_STRING;
        value.ptr++;
        value.len = cursor->at - start - 2;
        return value;
    case '{':
        value.kind = BKEY_JSONSCAN_OBJECT;
        bkey_jsonscan_skip_nested(cursor);
        break;
    case '[':
        value.kind = BKEY_JSONSCAN_ARRAY;
        bkey_jsonscan_skip_nested(cursor);
        break;
    case 'n':
        value.kind = BKEY_JSONSCAN_NULL;
        bkey_jsonscan_skip_scalar(cursor);
        break;
    case 't':
    case 'f':
        value.kind = BKEY_JSONSCAN_BOOL;
        bkey_jsonscan_skip_scalar(cursor);
        break;
    default:
        bkey_jsonscan_skip_scalar(cursor);
        break;
    }
    value.len = cursor->at - start;
    return value;
}

bool bkey_jsonscan_parse(const void *bytes, size_t len, bkey_jsonscan_value *out)
{
    if (!bkey_jsonscan_check(bytes, len))
        return false;
    bkey_jsonscan_cursor cursor = {bytes, len, 0};
    bkey_jsonscan_skip_space(&cursor);
    *out = take_value(&cursor);
    return true;
}

/* Steps over blanks and one comma or colon; false at the closing bracket. */
static bool reach_next(bkey_jsonscan_cursor *cursor)
{
    bkey_jsonscan_skip_space(cursor);
    if (cursor->at < cursor->len &&
        (cursor->ptr[cursor->at] == ',' || cursor->ptr[cursor->at] == ':'))
        cursor->at++;
    bkey_jsonscan_skip_space(cursor);
    return cursor->at + 1 < cursor->len;
}

bool bkey_jsonscan_member(const bkey_jsonscan_value *object, const char *name,
                          bkey_jsonscan_value *out)
{
    bool found = false;
    if (object->kind != BKEY_JSONSCAN_OBJECT)
        return false;
    bkey_jsonscan_cursor cursor = {object->ptr, object->len, 1};
    while (reach_next(&cursor)) {
        bkey_jsonscan_value key = take_value(&cursor);
        reach_next(&cursor);
        bkey_jsonscan_value value = take_value(&cursor);
        if (bkey_jsonscan_equals(&key, name)) {
            *out = value;
            found = true;
        }
    }
    return found;
}

bool bkey_jsonscan_find(const bkey_jsonscan_value *top, const char *path, bkey_jsonscan_value *out)
{
    char name[64];
    bkey_jsonscan_value at = *top;
    for (const char *rest = path; rest != NULL;) {
        const char *dot = strchr(rest, '.');
        size_t len = dot == NULL ? strlen(rest) : (size_t)(dot - rest);
        if (len >= sizeof name)
            return false;
        memcpy(name, rest, len);
        name[len] = '\0';
        if (!bkey_jsonscan_member(&at, name, &at))
            return false;
        rest = dot == NULL ? NULL : dot + 1;
    }
    *out = at;
    return true;
}

bool bkey_jsonscan_next(const bkey_jsonscan_value *array, size_t *position,
                        bkey_jsonscan_value *out)
{
    if (array->kind != BKEY_JSONSCAN_ARRAY)
        return false;
    bkey_jsonscan_cursor cursor = {array->ptr, array->len, *position == 0 ? 1 : *position};
    if (!reach_next(&cursor))
        return false;
    *out = take_value(&cursor);
    *position = cursor.at;
    return true;
}

/* Writes the code point as UTF-8; its length. */
static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80U | (c & 0x3FU));
    out[0] = (char)((0xF00U >> len & 0xF0U) | c);
    return len;
}

bool bkey_jsonscan_text(const bkey_jsonscan_value *value, char *out, size_t cap, size_t *out_len)
{
    if (value->kind != BKEY_JSONSCAN_STRING)
        return false;
    bkey_jsonscan_cursor cursor = {value->ptr, value->len, 0};
    size_t done = 0;
    char piece[4] = {0};
    uint32_t c = 0;
    bool ok = true;
    while (ok && cursor.at < cursor.len) {
        ok = bkey_jsonscan_take_character(&cursor, &c);
        size_t len = ok ? encode(c, piece) : 0;
        ok = ok && len <= cap - done;
        if (ok)
            memcpy(out + done, piece, len);
        done += ok ? len : 0;
    }
    c = 0;
    if (ok)
        *out_len = done;
    return ok;
}

bool bkey_jsonscan_equals(const bkey_jsonscan_value *value, const char *text)
{
    if (value->kind != BKEY_JSONSCAN_STRING)
        return false;
    bkey_jsonscan_cursor cursor = {value->ptr, value->len, 0};
    size_t at = 0;
    size_t len = strlen(text);
    while (cursor.at < cursor.len) {
        char piece[4];
        uint32_t c = 0;
        if (!bkey_jsonscan_take_character(&cursor, &c))
            return false;
        size_t width = encode(c, piece);
        if (width > len - at || memcmp(piece, text + at, width) != 0)
            return false;
        at += width;
    }
    return at == len;
}

bool bkey_jsonscan_int(const bkey_jsonscan_value *value, int64_t *out)
{
    if (value->kind != BKEY_JSONSCAN_NUMBER && value->kind != BKEY_JSONSCAN_STRING)
        return false;
    return bkey_jsonscan_read_int(value->ptr, value->len, out);
}
