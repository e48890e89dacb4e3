/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/base/secret_json.h"

#include "support/hex.h"
#include "support/utf8.h"

#include <string.h>

typedef struct cursor {
    char *at;
    char *end;
} cursor;

/* A string's raw characters, between its quotes. */
typedef struct span {
    char *ptr;
    size_t len;
    bool escaped; /* has a backslash */
} span;

static void put(host_secret *out, const char *bytes, size_t len)
{
    memcpy(out->ptr + out->len, bytes, len);
    out->len += len;
}

static void put_escaped(host_secret *out, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char wide[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    char narrow[2] = {'\\', (char)c};
    char plain = (char)c;
    if (c < 0x20 || c == 0x7F)
        put(out, wide, sizeof wide);
    else if (c == '"' || c == '\\')
        put(out, narrow, sizeof narrow);
    else
        put(out, &plain, 1);
}

bool host_secret_json_answer(const host_secret *secret, host_secret *out)
{
    static const char before[] = "{\"data\":{\"password\":\"";
    static const char after[] = "\"},\"meta\":{},\"success\":true}";
    if (secret->len > 0 && !sup_utf8_valid((const char *)secret->ptr, secret->len))
        return false;
    if (!host_secret_init(out, sizeof before + sizeof after + 6 * secret->len))
        return false;
    put(out, before, sizeof before - 1);
    for (size_t i = 0; i < secret->len; i++)
        put_escaped(out, secret->ptr[i]);
    put(out, after, sizeof after - 1);
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(cursor *c)
{
    while (c->at < c->end && is_space(*c->at))
        c->at++;
}

static bool take_char(cursor *c, char wanted)
{
    skip_space(c);
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool take_string(cursor *c, span *out)
{
    if (!take_char(c, '"'))
        return false;
    span found = {.ptr = c->at};
    while (c->at < c->end && *c->at != '"') {
        bool escape = *c->at == '\\';
        found.escaped = found.escaped || escape;
        c->at += escape && c->end - c->at > 1 ? 2 : 1;
    }
    if (c->at >= c->end)
        return false;
    found.len = (size_t)(c->at - found.ptr);
    c->at++;
    *out = found;
    return true;
}

/* Passes a value that is no string: up to the ',' or '}' that ends it. */
static bool skip_value(cursor *c)
{
    size_t depth = 0;
    span ignored;
    while (c->at < c->end) {
        char now = *c->at;
        if (now == '"') {
            if (!take_string(c, &ignored))
                return false;
            continue;
        }
        if (depth == 0 && (now == ',' || now == '}'))
            return true;
        if (now == '{' || now == '[')
            depth++;
        if ((now == '}' || now == ']') && depth-- == 0)
            return false;
        c->at++;
    }
    return false;
}

static bool read_unit(const span *s, size_t at, uint32_t *out)
{
    uint32_t value = 0;
    if (at + 6 > s->len || s->ptr[at] != '\\' || s->ptr[at + 1] != 'u')
        return false;
    for (size_t i = 2; i < 6; i++) {
        int digit = sup_hex_digit(s->ptr[at + i]);
        if (digit < 0)
            return false;
        value = value * 16 + (uint32_t)digit;
    }
    *out = value;
    return true;
}

static void put_code_point(host_secret *out, uint32_t c)
{
    char bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    bytes[0] = (char)(lead[len] | c);
    put(out, bytes, len);
}

/* Reads \uXXXX, or two of them for a character above the first plane. Returns the length, 0 = bad.
 */
static size_t take_unicode(const span *s, size_t at, host_secret *out)
{
    uint32_t high = 0;
    uint32_t low = 0;
    if (!read_unit(s, at, &high) || high == 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return 0;
    if (high < 0xD800 || high > 0xDBFF) {
        put_code_point(out, high);
        return 6;
    }
    if (!read_unit(s, at + 6, &low) || low < 0xDC00 || low > 0xDFFF)
        return 0;
    put_code_point(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return 12;
}

static size_t take_escape(const span *s, size_t at, host_secret *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (at + 1 >= s->len)
        return 0;
    if (s->ptr[at + 1] == 'u')
        return take_unicode(s, at, out);
    const char *which = memchr(from, s->ptr[at + 1], sizeof from - 1);
    if (which == NULL)
        return 0;
    put(out, to + (which - from), 1);
    return 2;
}

static bool unescape(const span *s, host_secret *out)
{
    for (size_t at = 0; at < s->len;) {
        size_t step = 1;
        if (s->ptr[at] == '\\')
            step = take_escape(s, at, out);
        else if ((unsigned char)s->ptr[at] < 0x20)
            return false;
        else
            put(out, s->ptr + at, 1);
        if (step == 0)
            return false;
        at += step;
    }
    return sup_utf8_valid((const char *)out->ptr, out->len);
}

static bool move_out(span *value, host_secret *out)
{
    /* A second one, or nothing in it. */
    if (out->ptr != NULL || value->len == 0 || !host_secret_init(out, value->len))
        return false;
    bool ok = unescape(value, out);
    memset(value->ptr, ' ', value->len);
    return ok;
}

static bool is_secret(const span *name)
{
    static const char *const names[] = {"secret", "password"};
    for (size_t i = 0; i < 2; i++) {
        if (name->len == strlen(names[i]) && memcmp(name->ptr, names[i], name->len) == 0)
            return true;
    }
    return false;
}

static bool take_member(cursor *c, host_secret *out)
{
    span name;
    span value;
    if (!take_string(c, &name) || name.escaped || !take_char(c, ':'))
        return false;
    skip_space(c);
    if (!is_secret(&name) || c->at == c->end || *c->at != '"')
        return skip_value(c);
    return take_string(c, &value) && move_out(&value, out);
}

static bool take_members(cursor *c, host_secret *out)
{
    if (!take_char(c, '{'))
        return false;
    if (take_char(c, '}'))
        return true;
    do {
        if (!take_member(c, out))
            return false;
    } while (take_char(c, ','));
    return take_char(c, '}');
}

bool host_secret_json_take(char *body, size_t len, host_secret *out, host_error *err)
{
    cursor c;
    c.at = body;
    c.end = body + len;
    *out = (host_secret){0};
    if (take_members(&c, out))
        return true;
    host_secret_done(out);
    return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                          "the body is not one JSON object of plain names and values");
}
